/** A scenario's households by the groups of its model, at one period: the values of each group together, for statistics of
 *  its own. */
#pragma once

#include "population/population.h"
#include <mpi.h>

struct groups {
    int n; /**< the model's groups, all households not counted; 0: there is nothing else */
    int threads;
    int64_t first_block;             /**< of this rank */
    int64_t *household;              /**< [first[n]] this rank's, in the order of their groups; owned */
    int64_t first[MODEL_GROUPS + 1]; /**< where a group's begin: [n + 1] */
    int64_t n_global[MODEL_GROUPS];  /**< households of a group on all ranks */
};

/** Bytes that this takes on a rank. Not collective. */
int64_t groups_bytes(const struct model *model, int64_t n_blocks_local, int threads);

/** Find the groups of a scenario's households. Collective over comm.
 *  @return WS_OK, or WS_FAILED (memory) on all ranks; groups_destroy in both cases */
enum status groups_find(
    struct groups *groups, MPI_Comm comm, const struct population *population, int scenario);
void groups_destroy(struct groups *groups);

/** Values of this rank's households, group by group: those of group g from sorted[first[g]] to before sorted[first[g + 1]].
 *  Not collective. @param[in] values  [n_local] @param[out] sorted  [first[n]] */
void groups_sort(const struct groups *groups, const double *values, double *sorted);

/** The same of the sub-population, of n, that each household's block is of. */
void groups_sort_parts(const struct groups *groups, int n, uint8_t *sorted);
