/** How many periods to advance at a time: so many that a step takes about half a second, on every rank the same
 *  number. The results do not depend on it. */
#pragma once

#include <mpi.h>
#include <stdint.h>

struct pace {
    double seconds_per_period; /**< of the slowest rank; a guess until the first step is done */
};

/** @param[in] households  of a rank */
void pace_start(struct pace *pace, double households);

/** Periods of the next step: at least 1, at most those that are left. The same on all ranks. */
int64_t pace_periods(const struct pace *pace, int64_t left);

/** Learn from a step. Collective over comm. @param[in] seconds  that this rank took for it */
void pace_agree(struct pace *pace, MPI_Comm comm, int64_t periods, double seconds);
