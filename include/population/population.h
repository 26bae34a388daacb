/** A rank's part of the population: its households' wealth and their streams, and the only loop over time. */
#pragma once

#include "model/household.h"
#include "population/decomposition.h"
#include "random/stream.h"
#include "runtime/error.h"
#include "runtime/timers.h"
#include <mpi.h>
#include <stdint.h>

struct population {
    struct decomposition part;
    struct household_law law;
    struct streams *streams;
    double *
        wealth; /**< [256 part.n_blocks_local]; the first part.n_local are households, the others only draw */
    int64_t period; /**< that wealth is of */
    int threads;
};

/** Bytes that a rank's part will take, streams included. Not collective. */
int64_t population_bytes(enum rng_family family, int64_t n_blocks_local);

/** Households at period 0, each with wealth w0. Not collective. Memory is first touched by the threads that will
 *  advance it.
 *  @param[in] seed  0 … 2^31 - 1; seed, model and family are the same on all ranks
 *  @return WS_OK; WS_FAILED when memory or streams could not be had; nothing is then held. */
enum status population_create(struct population *population, struct decomposition part,
    const struct model *model, enum rng_family family, int64_t seed, int threads);
void population_destroy(struct population *population);

/** Let the households live through the next periods. Not collective. Each thread takes its blocks through all the
 *  periods one after the other, so that a block stays in its cache.
 *  @param[in]     periods  >= 0
 *  @param[in,out] timers   computing and waiting of each thread */
void population_advance(struct population *population, int64_t periods, struct timers *timers);

/** A 64-bit hash of the whole cross-section, which does not depend on the layout: the sum, modulo 2^64, over all
 *  blocks of XXH3 of the block's households with the block's number as seed. Collective over comm. */
uint64_t population_hash(MPI_Comm comm, const struct population *population);
