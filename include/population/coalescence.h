/** Coalescence: from when on a coupled run, a scenario that lives on the same shocks and under the same law as another, from
 *  another start, is the same to the last bit. Blocks that agree always will: they need not be advanced twice. */
#pragma once

#include "population/population.h"

struct coalescence {
    int64_t
        *periods; /**< [n_pairs][n_blocks_local] first period at which the block agrees, or -1; NULL without
                           coupled runs */
    int n_pairs;
    int64_t n_blocks_local;
};

/** Watch whether the second half of the scenarios, each of which has the law of the one at its place in the first half, come
 *  to be the same. Not collective. coalescence stays where it is as long as the population.
 *  @return WS_OK, or WS_FAILED (memory); coalescence_destroy in both cases */
enum status coalescence_create(struct coalescence *coalescence, struct population *population);
void coalescence_destroy(struct coalescence *coalescence);

/** The first period at which every household of a pair agrees, or -1 when some do not yet. Collective over comm. */
int64_t coalescence_period(MPI_Comm comm, const struct coalescence *coalescence, int pair);
