#include "core/hash.h"
#include "population/population.h"

static uint64_t hash_block(const struct population *population, int scenario, int64_t b)
{
    const struct model *model = population->model;
    const struct scenario *of = &population->scenarios[scenario];
    const struct model *own = model->own ? model->own(of->law) : model;
    void *state[MODEL_ARRAYS];
    const size_t n = (size_t)population_households_in(population, b);
    uint64_t sum = 0, room[BLOCK_SIZE];
    population_state(population, of->joined && of->joined[b] >= 0 ? of->follows : scenario, b, state);
    for (int array = 0; array < own->n_arrays; array++) {
        const void *values = model_array_as(
            own->arrays[array].type, model->arrays[array].type, state[array], (int64_t)n, room);
        sum += hash_bytes(values, n * model_array_bytes(own, array),
            (uint64_t)(population->part.first_block + b) + ((uint64_t)array << 48));
    }
    return sum;
}

uint64_t population_hash(MPI_Comm comm, const struct population *population, int scenario)
{
    uint64_t local = 0, global = 0;
#pragma omp parallel for schedule(static) num_threads(population->threads) reduction(+ : local)
    for (int64_t b = 0; b < population->part.n_blocks_local; b++)
        local += hash_block(population, scenario, b);
    MPI_CHECK(MPI_Allreduce(&local, &global, 1, MPI_UINT64_T, MPI_SUM, comm));
    return global;
}
