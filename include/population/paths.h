/** Paths: the wealth of some households at every period from 0 on, under the first scenarios. */
#pragma once

#include "population/population.h"

struct paths {
    double *wealth; /**< [n_scenarios][n_local][steps]; NULL where none are kept */
    int n_scenarios;
    int64_t first; /**< this rank's number, in its part, of the first household that has one */
    int64_t n_local, steps;
};

/** Bytes that this rank's paths will take, INT64_MAX when they are more. Not collective.
 *  @param[in] first,n  households first … first + n - 1 of the population */
int64_t paths_bytes(
    const struct decomposition *part, int n_scenarios, int64_t first, int64_t n, int64_t periods);

/** Make room for paths up to the last period, and watch the population. Not collective. paths stays where it is as long as
 *  the population. @return WS_OK, or WS_FAILED (memory); paths_destroy in both cases */
enum status paths_create(struct paths *paths, struct population *population, int n_scenarios, int64_t first,
    int64_t n, int64_t periods);

/** Drop the periods behind one that a run has ended at: there are none to come. Not collective. */
void paths_end(struct paths *paths, int64_t period);

void paths_destroy(struct paths *paths);
