/** The start of a command's population: what --initial asks for. */
#pragma once

#include "core/comm.h"
#include "models/models.h"
#include "population/population.h"

/** Check that the source can be read, and a text's values; without one, that a model file's bounds allow --w0. Adds faults.
 *  Not collective.
 *  @param[in] initial  the option's value; "" for none */
enum status start_check(const char *initial, const struct models_parameters *models);

/** Set the wealth of a scenario's households from the source; without one they stay as they are. Collective over
 *  comm->world; initial is the same on all ranks. @return the same on all ranks (files/initial.h) */
enum status start_read(const struct comm *comm, const char *initial, const struct models_parameters *models,
    struct population *population, int scenario);
