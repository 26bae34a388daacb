/** The largest value of the lecture's function (lecture/grid.h) on a grid, over ranks and threads: they share the rows.
 *  Nothing of the grid is stored but some columns' squares. */
#pragma once

#include "core/comm.h"
#include "core/timers.h"
#include "lecture/grid.h"
#include <stdbool.h>
#include <stdint.h>

/** The same on all ranks. */
struct gridmax {
    double value;
    int64_t row, column; /**< of the first point in row-major order that has the value; rows share a y */
    uint64_t
        hash; /**< the sum, modulo 2^64, over rows and chunks of 1024 columns of XXH3 of the largest value there, with
                        row * chunks + chunk as seed */
};

/** Search. Collective over comm->world.
 *  @param[in]     axis      of both sides; the same on all ranks
 *  @param[in,out] timers    of as many threads as this rank is to use: computing, waiting, communicating are added
 *  @param[in]     is_quiet  says nothing of its progress; for rank 0 */
void gridmax_compute(const struct comm *comm, const struct axis *axis, struct timers *timers, bool is_quiet,
    struct gridmax *gridmax);
