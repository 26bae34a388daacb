#include "commands/start.h"
#include "files/initial.h"

static struct initial_range range_of(const struct models_parameters *models)
{
    struct initial_range range;
    models_range(models, &range.low, &range.high);
    return range;
}

enum status start_check(const char *initial, const struct models_parameters *models)
{
    return initial[0] ? initial_check(initial, range_of(models), stderr) : WS_OK;
}

enum status start_read(const struct comm *comm, const char *initial, const struct models_parameters *models,
    struct population *population)
{
    const struct decomposition *part = &population->part;
    const struct initial_households households = {
        .n_global = part->n_global, .first = part->first_household, .n = part->n_local};
    return initial[0]
               ? initial_read(comm, initial, range_of(models), households, population_wealth(population, 0))
               : WS_OK;
}
