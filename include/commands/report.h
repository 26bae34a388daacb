/** The short table on standard output at the end of a run: the answer first, then what it took. */
#pragma once

#include "io/results.h"
#include "runtime/comm.h"

/** Print on rank 0. Collective over comm->world. @param[in] results  as they were written */
void report_run(const struct comm *comm, const struct results *results);
