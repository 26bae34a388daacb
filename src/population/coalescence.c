#include "population/coalescence.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool agree(const struct population *population, int64_t block)
{
    const struct model *model = population->model;
    const size_t n = (size_t)population_households_in(population, block);
    for (int array = 0; array < model->n_arrays; array++) {
        const size_t bytes = model_array_bytes(model, array), first = (size_t)block * BLOCK_SIZE * bytes;
        const char *one = population_array(population, 0, array),
                   *other = population_array(population, 1, array);
        if (memcmp(one + first, other + first, n * bytes) != 0)
            return false;
    }
    return true;
}

static void look(void *self, const struct population *population, int64_t block, int64_t period,
    const struct shocks *shocks)
{
    (void)shocks;
    const struct coalescence *coalescence = self;
    if (coalescence->periods[block] < 0 && agree(population, block))
        coalescence->periods[block] = period;
}

enum status coalescence_create(struct coalescence *coalescence, struct population *population)
{
    ENSURE(population->n_scenarios > 1);
    const int64_t n = population->part.n_blocks_local;
    const size_t bytes = (size_t)n * sizeof *coalescence->periods;
    *coalescence = (struct coalescence){.periods = malloc(bytes > 0 ? bytes : 1), .n_blocks_local = n};
    if (!coalescence->periods)
        return error_memory(bytes, "the blocks' coalescence");
    for (int64_t b = 0; b < n; b++)
        coalescence->periods[b] = -1;
    population->scenarios[1].joined = coalescence->periods;
    population_watch(population, (struct watcher){.look = look, .self = coalescence});
    return WS_OK;
}

void coalescence_destroy(struct coalescence *coalescence)
{
    free(coalescence->periods);
    coalescence->periods = NULL;
}

int64_t coalescence_period(MPI_Comm comm, const struct coalescence *coalescence)
{
    int64_t latest = 0, global = 0;
    for (int64_t b = 0; b < coalescence->n_blocks_local; b++) {
        const int64_t period = coalescence->periods[b] < 0 ? INT64_MAX : coalescence->periods[b];
        latest = period > latest ? period : latest;
    }
    MPI_CHECK(MPI_Allreduce(&latest, &global, 1, MPI_INT64_T, MPI_MAX, comm));
    return global == INT64_MAX ? -1 : global;
}
