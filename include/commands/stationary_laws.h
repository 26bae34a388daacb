/** What theory says of the stationary laws of a run's scenarios, where it takes long to find: each rank does its share. */
#pragma once

#include "core/comm.h"
#include "population/population.h"
#include "simulation/recording.h"

/** NULL where the model's theory knows none, or is not asked. */
struct stationary_laws {
    double *ginis;     /**< [n] NaN where it is not known */
    double *quantiles; /**< [n][recording->n_quantiles] */
};

/** Find them for the first n scenarios, each law once, however many scenarios have it. Collective over comm->world;
 *  stationary_laws_free in any case.
 *  @param[out] laws  on rank 0; elsewhere it means nothing @return WS_OK or WS_FAILED (memory), on all ranks */
enum status stationary_laws(const struct comm *comm, const struct population *population, int n,
    const struct recording *recording, struct stationary_laws *laws);
void stationary_laws_free(struct stationary_laws *laws);
