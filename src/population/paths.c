#include "population/paths.h"
#include <stdlib.h>
#include <string.h>

/* This rank's number of a household, or the nearest that it has room for: 0 before its first, n_local behind its last. */
static int64_t local_number(const struct decomposition *part, int64_t household)
{
    const int64_t number = household - part->first_household;
    return number < 0 ? 0 : number < part->n_local ? number : part->n_local;
}

/* How many of the households first … first + n - 1 this rank has. */
static int64_t paths_of(const struct decomposition *part, int64_t first, int64_t n)
{
    return local_number(part, first + n) - local_number(part, first);
}

int64_t paths_bytes(
    const struct decomposition *part, int n_scenarios, int64_t first, int64_t n, int64_t periods)
{
    int64_t bytes = 0;
    const int64_t of_path = (periods + 1) * (int64_t)sizeof(double);
    if (__builtin_mul_overflow(paths_of(part, first, n), of_path, &bytes) ||
        __builtin_mul_overflow(bytes, (int64_t)n_scenarios, &bytes))
        return INT64_MAX;
    return bytes;
}

/* Of the block's households, those that have a path. */
static void look(void *self, const struct population *population, int scenario, int64_t block, int64_t period,
    const struct shocks *shocks)
{
    (void)shocks;
    const struct paths *paths = self;
    if (scenario >= paths->n_scenarios)
        return;
    double *of_scenario = paths->wealth + scenario * paths->n_local * paths->steps;
    const double *wealth = population_wealth(population, scenario) + paths->first;
    const int64_t begin = block * BLOCK_SIZE - paths->first, behind = begin + BLOCK_SIZE;
    const int64_t end = behind < paths->n_local ? behind : paths->n_local;
    for (int64_t i = begin > 0 ? begin : 0; i < end; i++)
        of_scenario[i * paths->steps + period] = wealth[i];
}

enum status paths_create(struct paths *paths, struct population *population, int n_scenarios, int64_t first,
    int64_t n, int64_t periods)
{
    const struct decomposition *part = &population->part;
    const size_t bytes = (size_t)paths_bytes(part, n_scenarios, first, n, periods);
    *paths = (struct paths){.wealth = malloc(bytes > 0 ? bytes : 1),
        .n_scenarios = n_scenarios,
        .first = local_number(part, first),
        .n_local = paths_of(part, first, n),
        .steps = periods + 1};
    if (!paths->wealth)
        return error_memory(bytes, "the households' paths");
    population_watch(population, (struct watcher){.look = look, .self = paths});
    return WS_OK;
}

void paths_end(struct paths *paths, int64_t period)
{
    const int64_t before = paths->steps, steps = period + 1;
    for (int64_t i = 1; steps < before && i < paths->n_scenarios * paths->n_local; i++)
        memmove(paths->wealth + i * steps, paths->wealth + i * before, (size_t)steps * sizeof(double));
    paths->steps = steps;
}

void paths_destroy(struct paths *paths)
{
    free(paths->wealth);
    paths->wealth = NULL;
}
