/** Who is where a model only guesses: households below the lowest or above the highest knot of their rule, and their wealth.
 */
#pragma once

#include "population/population.h"
#include <mpi.h>
#include <stdint.h>

enum beyond_side { BEYOND_BELOW, BEYOND_ABOVE, BEYOND_SIDES };

struct beyond {
    int64_t households[BEYOND_SIDES];
    double wealth[BEYOND_SIDES]; /**< of those households: exact sums, rounded once */
};

/** Count them, in a scenario at the population's present period; nobody where the model has no such places. Collective over
 *  comm; the same on all ranks, to the bit on every layout. */
struct beyond beyond_count(MPI_Comm comm, const struct population *population, int scenario);
