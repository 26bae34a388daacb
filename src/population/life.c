/* Many periods' numbers are made together: the household's words are picked out of its block's, period by period, and stand
 * where those of a block's households would, so that one call makes normals for 256 periods. A model that makes its normals
 * itself lives with its whole block. */
#include "population/life.h"
#include "random/numbers.h"
#include <string.h>

enum { TOGETHER = BLOCK_SIZE };

struct life {
    struct population *population;
    int place;
    _Alignas(64) double numbers[MODEL_NUMBERS][TOGETHER]; /* by period; normals, then uniforms */
    _Alignas(64) double met[MODEL_NUMBERS][BLOCK_SIZE];   /* of one period, as in struct shocks */
};

/* The numbers that a household takes per period, with those that a pair of normals is made of but the model leaves. */
static int numbers_in(const struct life *life)
{
    return model_words(life->population->model) / BLOCK_SIZE;
}

/* The household's words of the next n periods. @param[out] picked  [numbers_in][256] */
static void pick(const struct life *life, int n, uint64_t (*picked)[TOGETHER])
{
    const int numbers = numbers_in(life);
    uint64_t words[MODEL_NUMBERS * BLOCK_SIZE];
    memset(picked, 0, (size_t)numbers * sizeof *picked);
    for (int t = 0; t < n; t++) {
        streams_fill(life->population->streams, 0, (size_t)numbers * BLOCK_SIZE, words);
        for (int number = 0; number < numbers; number++)
            picked[number][t] = words[number * BLOCK_SIZE + life->place];
    }
}

static void make_numbers(struct life *life, int n)
{
    const struct model *model = life->population->model;
    uint64_t picked[MODEL_NUMBERS][TOGETHER];
    pick(life, n, picked);
    numbers_of(picked[0], model_first_words(model), model->uniforms * BLOCK_SIZE, life->numbers[0]);
}

/* The numbers of period t where the household stands, and first in the block, where it is stepped. */
static struct shocks meet(struct life *life, int t)
{
    const int numbers = numbers_in(life);
    for (int number = 0; number < numbers; number++)
        life->met[number][0] = life->met[number][life->place] = life->numbers[number][t];
    return (struct shocks){.period = life->population->period + 1,
        .households = 1,
        .normals = life->met[0],
        .uniforms = life->met[0] + model_first_words(life->population->model)};
}

/* What the household has, from one place of the block to another. */
static void move(const struct population *population, int from, int to)
{
    for (int array = 0; array < population->model->n_arrays; array++) {
        const size_t bytes = model_array_bytes(population->model, array);
        char *values = population_array(population, 0, array);
        memmove(values + (size_t)to * bytes, values + (size_t)from * bytes, bytes);
    }
}

static void show(const struct population *population, const struct shocks *shocks)
{
    for (int i = 0; i < population->n_watchers; i++)
        population->watchers[i].look(
            population->watchers[i].self, population, 0, 0, population->period, shocks);
}

/* @return whether the household was not where its law forbids it to be */
static bool step(struct life *life, int t)
{
    struct population *population = life->population;
    const struct shocks shocks = meet(life, t);
    void *state[MODEL_ARRAYS];
    population_state(population, 0, 0, state);
    move(population, life->place, 0);
    if (population->model->step(population->scenarios[0].law, &shocks, state) < BLOCK_SIZE) {
        population->departure = (struct departure){.period = population->period,
            .household = population->part.first_household + life->place,
            .wealth = population_wealth(population, 0)[0]};
        return false;
    }
    move(population, 0, life->place);
    population->period++;
    show(population, &shocks);
    return true;
}

/* By the model's own way through many periods. */
static void live(struct life *life, int n)
{
    struct population *population = life->population;
    double *wealth = population_wealth(population, 0) + life->place, path[TOGETHER];
    population->model->live(population->scenarios[0].law, n, life->numbers[0], *wealth, path);
    for (int t = 0; t < n; t++) {
        const struct shocks shocks = meet(life, t);
        *wealth = path[t];
        population->period++;
        show(population, &shocks);
    }
}

void life_advance(struct population *population, int place, int64_t periods, struct timers *timers)
{
    if (population->model->words > 0) {
        population_advance(population, periods, timers);
        return;
    }
    struct stretch stretch = timers_begin();
    struct life life = {.population = population, .place = place};
    const int64_t end = population->period + periods;
    bool is_allowed = population->departure.period == INT64_MAX;
    ENSURE(population->part.n_blocks_local == 1 && population->n_scenarios == 1);
    while (population->period < end && is_allowed) {
        const int64_t left = end - population->period;
        const int n = left < TOGETHER ? (int)left : TOGETHER;
        make_numbers(&life, n);
        if (population->model->live)
            live(&life, n);
        for (int t = 0; t < n && is_allowed && !population->model->live; t++)
            is_allowed = step(&life, t);
    }
    population->period = end;
    timers_worked(&stretch);
    timers_end(timers, 0, &stretch);
}
