/** π by Monte Carlo, over ranks and threads: four times the share of random points of the unit square that lie within 1/2
 *  of its centre (lecture/circle.h). A block of 65,536 points has a stream of random numbers, numbered by the block, so
 *  that the points do not depend on the layout; counts are integers. */
#pragma once

#include "core/comm.h"
#include "core/timers.h"
#include "random/stream.h"
#include <stdbool.h>
#include <stdint.h>

/** Points of a block. */
enum { PI_BLOCK = 65536 };

/** What to draw; the same on all ranks. */
struct pi_draws {
    int64_t n; /**< 1 … PI_BLOCK * rng_family_streams(family) */
    enum rng_family family;
    int64_t seed;
};

/** What the draws came to; the same on all ranks, but for stream_seconds. */
struct pi {
    int64_t inside;      /**< points within */
    double value, error; /**< the estimate, and its standard error: 0 where all points lie on one side */
    uint64_t
        hash; /**< the sum, modulo 2^64, over blocks of XXH3 of a block's count with its number as seed */
    double stream_seconds; /**< that this rank's streams took */
};

int64_t pi_blocks(int64_t draws);

/** Draw. Collective over comm->world.
 *  @param[in,out] timers    of as many threads as this rank is to use: computing, waiting, communicating are added
 *  @param[in]     is_quiet  says nothing of its progress; for rank 0
 *  @return WS_OK, or WS_FAILED on all ranks (memory, SPRNG) */
enum status pi_compute(const struct comm *comm, const struct pi_draws *draws, struct timers *timers,
    bool is_quiet, struct pi *pi);
