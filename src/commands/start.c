#include "commands/start.h"
#include "files/initial.h"

static struct initial_range range_of(const struct models_parameters *models)
{
    struct initial_range range;
    models_range(models, &range.low, &range.high);
    return range;
}

/* Where --w0 is the start of all, it has to be possible. */
static enum status check_w0(const struct models_parameters *models)
{
    const struct tabulated_data *data = models->tabulated.data;
    const struct initial_range range = range_of(models);
    const double w0 = models->kesten.w0;
    if (!data || data->values[INITIAL_WEALTH] || (w0 >= range.low && w0 <= range.high))
        return WS_OK;
    return error_add(WS_USAGE, "--w0: %.10g is not within %.10g and %.10g, the bounds of '%s'", w0, range.low,
        range.high, models->tabulated.file);
}

enum status start_check(const char *initial, const struct models_parameters *models)
{
    return initial[0] ? initial_check(initial, range_of(models), stderr) : check_w0(models);
}

enum status start_read(const struct comm *comm, const char *initial, const struct models_parameters *models,
    struct population *population, int scenario)
{
    const struct decomposition *part = &population->part;
    const struct initial_households households = {
        .n_global = part->n_global, .first = part->first_household, .n = part->n_local};
    return initial[0] ? initial_read(comm, initial, range_of(models), households,
                            population_wealth(population, scenario))
                      : WS_OK;
}
