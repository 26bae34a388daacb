#include "population/coalescence.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool agree(const struct population *population, int one, int other, int64_t block)
{
    const struct model *model = population->model;
    const size_t n = (size_t)population_households_in(population, block);
    void *of_one[MODEL_ARRAYS], *of_other[MODEL_ARRAYS];
    population_state(population, one, block, of_one);
    population_state(population, other, block, of_other);
    for (int array = 0; array < model->n_arrays; array++)
        if (memcmp(of_one[array], of_other[array], n * model_array_bytes(model, array)) != 0)
            return false;
    return true;
}

static void look(void *self, const struct population *population, int scenario, int64_t block, int64_t period,
    const struct shocks *shocks)
{
    (void)shocks;
    const struct coalescence *coalescence = self;
    const int pair = scenario - coalescence->n_pairs;
    if (pair < 0)
        return;
    int64_t *found = &coalescence->periods[pair * coalescence->n_blocks_local + block];
    if (*found < 0 && agree(population, pair, scenario, block))
        *found = period;
}

enum status coalescence_create(struct coalescence *coalescence, struct population *population)
{
    ENSURE(population->n_scenarios % 2 == 0);
    const int n_pairs = population->n_scenarios / 2;
    const int64_t n = population->part.n_blocks_local;
    const size_t bytes = (size_t)(n_pairs * n) * sizeof *coalescence->periods;
    *coalescence = (struct coalescence){
        .periods = malloc(bytes > 0 ? bytes : 1), .n_pairs = n_pairs, .n_blocks_local = n};
    if (!coalescence->periods)
        return error_memory(bytes, "the blocks' coalescence");
    for (int64_t i = 0; i < n_pairs * n; i++)
        coalescence->periods[i] = -1;
    for (int pair = 0; pair < n_pairs; pair++) {
        struct scenario *coupled = &population->scenarios[n_pairs + pair];
        coupled->follows = pair;
        coupled->joined = coalescence->periods + pair * n;
    }
    population_arrange(population);
    population_watch(population, (struct watcher){.look = look, .self = coalescence});
    return WS_OK;
}

void coalescence_destroy(struct coalescence *coalescence)
{
    free(coalescence->periods);
    coalescence->periods = NULL;
}

int64_t coalescence_period(MPI_Comm comm, const struct coalescence *coalescence, int pair)
{
    const int64_t *periods = coalescence->periods + pair * coalescence->n_blocks_local;
    int64_t latest = 0, global = 0;
    for (int64_t b = 0; b < coalescence->n_blocks_local; b++) {
        const int64_t period = periods[b] < 0 ? INT64_MAX : periods[b];
        latest = period > latest ? period : latest;
    }
    MPI_CHECK(MPI_Allreduce(&latest, &global, 1, MPI_INT64_T, MPI_MAX, comm));
    return global == INT64_MAX ? -1 : global;
}
