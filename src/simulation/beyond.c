#include "simulation/beyond.h"
#include "statistics/exact_sum.h"

struct sums {
    int64_t households[BEYOND_SIDES];
    struct exact_sum wealth[BEYOND_SIDES];
};

/* Add a block's households on one side. */
static void add_side(struct sums *sums, enum beyond_side of, const int8_t *side, const double *wealth, int n)
{
    double found[BLOCK_SIZE];
    const int sign = of == BEYOND_BELOW ? -1 : 1;
    int n_found = 0;
    for (int i = 0; i < n; i++) {
        found[n_found] = wealth[i];
        n_found += side[i] == sign;
    }
    sums->households[of] += n_found;
    exact_sum_add(&sums->wealth[of], found, n_found);
}

static void add_block(struct sums *sums, const struct population *population, int scenario, int64_t b)
{
    void *state[MODEL_ARRAYS];
    int8_t side[BLOCK_SIZE];
    const int n = (int)population_households_in(population, b);
    population_state(population, scenario, b, state);
    population->model->beyond(population->scenarios[scenario].law, population->period, state, side);
    add_side(sums, BEYOND_BELOW, side, state[0], n);
    add_side(sums, BEYOND_ABOVE, side, state[0], n);
}

/* Of this rank. */
static void add_blocks(struct sums *all, const struct population *population, int scenario)
{
#pragma omp parallel num_threads(population->threads) if (population->threads > 1)
    {
        struct sums mine = {.households = {0}};
#pragma omp for schedule(static)
        for (int64_t b = 0; b < population->part.n_blocks_local; b++)
            add_block(&mine, population, scenario, b);
#pragma omp critical(beyond_merge)
        for (int side = 0; side < BEYOND_SIDES; side++) {
            all->households[side] += mine.households[side];
            exact_sum_merge(&all->wealth[side], &mine.wealth[side]);
        }
    }
}

struct beyond beyond_count(MPI_Comm comm, const struct population *population, int scenario)
{
    struct sums sums = {.households = {0}};
    struct beyond beyond = {.households = {0}};
    if (!population->model->beyond)
        return beyond;
    add_blocks(&sums, population, scenario);
    MPI_CHECK(MPI_Allreduce(sums.households, beyond.households, BEYOND_SIDES, MPI_INT64_T, MPI_SUM, comm));
    exact_sum_reduce(comm, sums.wealth, BEYOND_SIDES);
    for (int side = 0; side < BEYOND_SIDES; side++)
        beyond.wealth[side] = exact_sum_value(&sums.wealth[side]);
    return beyond;
}
