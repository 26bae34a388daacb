/** What memory a run will take: what it keeps, and the most that it takes for a time besides that. */
#pragma once

#include "commands/run_options.h"
#include "core/comm.h"
#include <stdint.h>

/** Bytes of a rank, of its own and besides what every process has (libraries), from above but not by much; INT64_MAX where
 *  they cannot be counted. Not collective. @param[in] threads  of the rank */
int64_t run_memory_bytes(
    const struct run_options *options, int n_scenarios, const struct comm *comm, int threads);
