/** A rank's part of the population: its blocks' random streams, and the state of their households under one or more
 *  scenarios, which are laws of one model that live on the same shocks. The only loop over time. */
#pragma once

#include "core/error.h"
#include "core/timers.h"
#include "models/model.h"
#include "population/decomposition.h"
#include "random/stream.h"
#include <mpi.h>
#include <stdint.h>

struct population;

/** What looks at each block under each scenario after each of its periods, and at period 0: paths, coalescence. Calls for
 *  different blocks may come at the same time. Of a block, a scenario's come in the order of periods, one for each, and the
 *  scenario that it follows is then at the same period; other scenarios may be at any, and come in any order.
 *  @param[in] shocks  that the block met in the period; NULL at period 0 */
struct watcher {
    void (*look)(void *self, const struct population *population, int scenario, int64_t block, int64_t period,
        const struct shocks *shocks);
    void *self;
};

enum { POPULATION_WATCHERS = 4 };

struct scenario {
    void *law;
    int follows; /**< a coupled run: the scenario, before it, that it may come to be the same as */
    const int64_t *
        joined; /**< of a coupled run [n_blocks_local], else NULL: where it is not negative, the block is that of
                     the other scenario from this period on to the last bit, and its own arrays stand still */
};

/** A household that came where its law forbids it to be. */
struct departure {
    int64_t period; /**< at whose end it was there; INT64_MAX: there is none */
    int64_t household;
    int scenario;
    double wealth;
};

struct population {
    struct decomposition part;
    const struct model *model;
    int n_scenarios;
    struct scenario *scenarios; /**< [n_scenarios] */
    int *order;                 /**< [n_scenarios] that they are advanced in (population_arrange) */
    void
        *arrays[MODEL_ARRAYS]; /**< of the model: [n_scenarios][plane]; of a scenario's the first part.n_local
                                     are households, the next, to 256 part.n_blocks_local, only draw */
    int64_t plane; /**< so that the scenarios' blocks do not all fall on the same lines of a cache */
    struct streams *streams;
    int64_t period; /**< that the arrays are of */
    double *
        kept; /**< [256 n_blocks_local] the normals that model_kept says, of that period; 0 at period 0; or NULL */
    int threads;
    int64_t
        ahead; /**< periods that a thread makes a block's random numbers for, before the scenarios go through them */
    double *numbers; /**< [threads][ahead][model_words] */
    struct watcher watchers[POPULATION_WATCHERS];
    int n_watchers;
    struct departure
        departure; /**< the first on this rank, of the lowest household, then scenario: its block stands still since */
};

/** Bytes that a rank's part will take, streams included; 2^60 where they are more. Not collective. */
int64_t population_bytes(
    const struct model *model, int n_scenarios, enum rng_family family, int64_t n_blocks_local);

/** Bytes that the random numbers of so many threads' blocks take besides. Not collective. */
int64_t population_numbers_bytes(const struct model *model, int n_scenarios, int threads);

/** Households at period 0 as the model starts them, still without streams. Not collective. Memory is first touched by the
 *  threads that will advance it.
 *  @param[in] parameters  [n_scenarios] each the model's own struct; not kept
 *  @return WS_OK, or WS_FAILED (memory); population_destroy in both cases. */
enum status population_create(struct population *population, struct decomposition part,
    const struct model *model, const void *const *parameters, int n_scenarios, int threads);

/** Give the population its streams, at their beginning. Not collective.
 *  @param[in] seed  0 … 2^31 - 1; seed and family are the same on all ranks
 *  @return WS_OK; WS_FAILED when memory ran out or SPRNG refused */
enum status population_start(struct population *population, enum rng_family family, int64_t seed);
void population_destroy(struct population *population);

/** Have a watcher look on from now on; self stays where it is. Not collective. At most POPULATION_WATCHERS. */
void population_watch(struct population *population, struct watcher watcher);

/** Show the watchers the state that is there at period 0. Not collective. */
void population_begin(struct population *population);

/** A scenario's array: [256 n_blocks_local] of the array's type. The second is the first array, which is of reals. */
void *population_array(const struct population *population, int scenario, int array);
double *population_wealth(const struct population *population, int scenario);

/** A block's part of each array of a scenario. @param[out] state  [model->n_arrays] */
void population_state(
    const struct population *population, int scenario, int64_t block, void *state[MODEL_ARRAYS]);

/** A block's part of the normals that are kept; NULL where none are. */
const double *population_kept(const struct population *population, int64_t block);

/** Households of a block, without those past the population's end. */
int64_t population_households_in(const struct population *population, int64_t block);

/** Put scenarios whose laws have much in common, and those that follow another, next to each other: they are advanced
 *  together. Not collective. For who has changed which one follows which; the order changes no result. */
void population_arrange(struct population *population);

/** Let the households live through the next periods. Not collective. Each thread takes its blocks through all the
 *  periods one after the other, so that a block stays in its cache; many scenarios some by some.
 *  @param[in]     periods  >= 0
 *  @param[in,out] timers   computing and waiting of each thread */
void population_advance(struct population *population, int64_t periods, struct timers *timers);

/** The first departure of all ranks, with the lowest household of that period, and its lowest scenario: the same on every
 *  layout, as long as it is asked for after each population_advance. Collective over comm. */
struct departure population_departure(MPI_Comm comm, const struct population *population);

/** A 64-bit hash of a scenario's whole cross-section, which does not depend on the layout nor on other scenarios: the sum,
 *  modulo 2^64, over all blocks of XXH3 of the block's households with the block's number as seed; over all arrays that
 *  the law has by itself, the a-th with a 2^48 more for a seed. Collective over comm. */
uint64_t population_hash(MPI_Comm comm, const struct population *population, int scenario);
