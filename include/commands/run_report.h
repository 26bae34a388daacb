/** The answer of a run, as a short table on standard output: the median first; of several scenarios a row each. */
#pragma once

#include "commands/run_result.h"

/** Print; for rank 0. @param[in] content  a struct run_answer */
void run_report(const void *content);
