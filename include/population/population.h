/** A rank's part of the population: its households' wealth and their streams, and the only loop over time. */
#pragma once

#include "core/error.h"
#include "core/timers.h"
#include "models/kesten.h"
#include "population/decomposition.h"
#include "random/stream.h"
#include <mpi.h>
#include <stdint.h>

struct population {
    struct decomposition part;
    struct kesten_law law;
    struct streams *streams;
    double *
        wealth; /**< [256 part.n_blocks_local]; the first part.n_local are households, the others only draw */
    int64_t period; /**< that wealth is of */
    int threads;

    double *
        path; /**< NULL, or [n_paths_local][path_steps]: households in a row, from first_path on, at all periods */
    int64_t first_path, n_paths_local, path_steps; /**< first_path: a number among this rank's households */
    double *twin;       /**< NULL, or as wealth: the same households on the same shocks from another start */
    int64_t *coalesced; /**< with twin: [n_blocks_local] first period at which a block's twins agree, or -1 */
};

/** Bytes that a rank's part will take, streams included. Not collective. */
int64_t population_bytes(enum rng_family family, int64_t n_blocks_local);

/** Households at period 0, each with wealth w0, still without streams. Not collective. Memory is first touched by the
 *  threads that will advance it. @return WS_OK, or WS_FAILED (memory); population_destroy in both cases. */
enum status population_create(struct population *population, struct decomposition part,
    const struct kesten_parameters *model, int threads);

/** Give the population its streams, at their beginning. Not collective.
 *  @param[in] seed  0 … 2^31 - 1; seed and family are the same on all ranks
 *  @return WS_OK; WS_FAILED when memory ran out or SPRNG refused */
enum status population_start(struct population *population, enum rng_family family, int64_t seed);
void population_destroy(struct population *population);

/** Make room for the paths of the population's households first … first + n_paths - 1 from period 0 to the last
 *  period. Not collective. @return WS_OK, or WS_FAILED (memory). */
enum status population_keep_paths(
    struct population *population, int64_t first, int64_t n_paths, int64_t periods);

/** Begin paths and twins with the wealth that is there at period 0. Not collective. */
void population_begin(struct population *population);

/** Bytes that this rank's paths will take, INT64_MAX when they are more. Not collective. */
int64_t population_path_bytes(
    const struct decomposition *part, int64_t first, int64_t n_paths, int64_t periods);

/** Let a second population, each household with wealth w0 at the start, live on the same shocks. Not collective. To be
 *  called at period 0. @return WS_OK, or WS_FAILED (memory). */
enum status population_add_twin(struct population *population, double w0);

/** The first period at which every household agrees with its twin to the last bit, or -1 when some do not yet.
 *  Collective over comm. */
int64_t population_coalescence(MPI_Comm comm, const struct population *population);

/** Let the households live through the next periods. Not collective. Each thread takes its blocks through all the
 *  periods one after the other, so that a block stays in its cache.
 *  @param[in]     periods  >= 0
 *  @param[in,out] timers   computing and waiting of each thread */
void population_advance(struct population *population, int64_t periods, struct timers *timers);

/** A 64-bit hash of the whole cross-section, which does not depend on the layout: the sum, modulo 2^64, over all
 *  blocks of XXH3 of the block's households with the block's number as seed. Collective over comm. */
uint64_t population_hash(MPI_Comm comm, const struct population *population);
