/** The answer of a run, as a short table on standard output: the median first. */
#pragma once

#include "files/results.h"

/** Print; for rank 0. @param[in] results  as they were written */
void run_report(const struct results *results);
