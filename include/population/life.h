/** One household's life by itself, for those who want no more than its path: its block's other households draw their numbers,
 *  which cannot be left out, and stand still. */
#pragma once

#include "population/population.h"

/** Let a household live through the next periods, as population_advance does, to the last bit. The rest of its block means
 *  nothing afterwards, nor do the normals that are kept. Not collective.
 *  @param[in] population  of one block and one scenario
 *  @param[in] place       of the household in it
 *  @param[in] periods     >= 0 */
void life_advance(struct population *population, int place, int64_t periods, struct timers *timers);
