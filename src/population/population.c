#include "population/population.h"
#include "core/hash.h"
#include "random/normals.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_LINE = 64, PAIR = 2 * BLOCK_SIZE, MOST_WORDS = MODEL_NUMBERS * BLOCK_SIZE };

/* From a scenario's first household to the next one's: an odd number of blocks, of 2 KiB in arrays of reals, takes two
 * scenarios' parts of a block to different sets of a first-level cache of pages' size a way. */
static int64_t plane_of(int n_scenarios, int64_t n_blocks_local)
{
    return BLOCK_SIZE * (n_scenarios > 1 ? n_blocks_local | 1 : n_blocks_local);
}

int64_t population_bytes(
    const struct model *model, int n_scenarios, enum rng_family family, int64_t n_blocks_local)
{
    static const double most = 0x1p60; /* sums of some of these stay in range */
    const double of_state = (double)n_scenarios * (double)plane_of(n_scenarios, n_blocks_local) *
                            (double)model_household_bytes(model);
    const double bytes = of_state + (double)n_blocks_local * (double)rng_family_stream_bytes(family);
    return (int64_t)(bytes < most ? bytes : most);
}

/* ---- state ------------------------------------------------------------------------------------------------------ */

/* A block's part of each array of a scenario's state. */
struct block {
    void *state[MODEL_ARRAYS];
};

static struct block block_of(const struct population *population, int scenario, int64_t b)
{
    const struct model *model = population->model;
    const int64_t first = scenario * population->plane + b * BLOCK_SIZE;
    struct block block = {.state = {NULL}};
    for (int array = 0; array < model->n_arrays; array++)
        block.state[array] =
            (char *)population->arrays[array] + (size_t)first * model_array_bytes(model, array);
    return block;
}

void *population_array(const struct population *population, int scenario, int array)
{
    return block_of(population, scenario, 0).state[array];
}

double *population_wealth(const struct population *population, int scenario)
{
    return population_array(population, scenario, 0);
}

void population_state(
    const struct population *population, int scenario, int64_t block, void *state[MODEL_ARRAYS])
{
    const struct block of = block_of(population, scenario, block);
    memcpy(state, of.state, sizeof of.state);
}

int64_t population_households_in(const struct population *population, int64_t block)
{
    const int64_t left = population->part.n_local - block * BLOCK_SIZE;
    return left < BLOCK_SIZE ? left : BLOCK_SIZE;
}

/* ---- beginning and end ------------------------------------------------------------------------------------------ */

/* Memory that begins with a cache line. */
static void *allocate(size_t bytes, const char *what)
{
    const size_t lines = bytes / CACHE_LINE + 1;
    void *memory = aligned_alloc(CACHE_LINE, lines * CACHE_LINE);
    if (!memory)
        error_memory(bytes, what);
    return memory;
}

static enum status create_scenarios(
    struct population *population, const void *const *parameters, int n_scenarios)
{
    const struct model *model = population->model;
    population->scenarios = calloc((size_t)n_scenarios, sizeof *population->scenarios);
    if (!population->scenarios)
        return error_memory((size_t)n_scenarios * sizeof *population->scenarios, "the scenarios");
    for (int i = 0; i < n_scenarios; i++) {
        void *law = allocate(model->law_bytes, "a scenario's law");
        if (!law || model->init(law, parameters[i]) != WS_OK) {
            free(law);
            return WS_FAILED;
        }
        population->scenarios[i].law = law;
        population->n_scenarios = i + 1;
    }
    return WS_OK;
}

static enum status create_arrays(struct population *population)
{
    const struct model *model = population->model;
    const int64_t n_blocks = population->part.n_blocks_local;
    const size_t households = (size_t)(population->n_scenarios * population->plane);
    for (int array = 0; array < model->n_arrays; array++) {
        population->arrays[array] =
            allocate(households * model_array_bytes(model, array), "the households' state");
        if (!population->arrays[array])
            return WS_FAILED;
    }
#pragma omp parallel for schedule(static) num_threads(population->threads)
    for (int64_t b = 0; b < n_blocks; b++)
        for (int i = 0; i < population->n_scenarios; i++)
            model->start(population->scenarios[i].law, (population->part.first_block + b) * BLOCK_SIZE,
                population->part.n_global, block_of(population, i, b).state);
    return WS_OK;
}

enum status population_create(struct population *population, struct decomposition part,
    const struct model *model, const void *const *parameters, int n_scenarios, int threads)
{
    ENSURE(model_words(model) <= MOST_WORDS && model->n_arrays >= 1 && model->n_arrays <= MODEL_ARRAYS);
    ENSURE(n_scenarios >= 1 && model->arrays[0].type == ARRAY_REAL);
    ENSURE(model->n_quantities >= 0 && model->n_quantities <= MODEL_QUANTITIES);
    *population = (struct population){.part = part,
        .model = model,
        .plane = plane_of(n_scenarios, part.n_blocks_local),
        .threads = threads,
        .departure = {.period = INT64_MAX}};
    const enum status status = create_scenarios(population, parameters, n_scenarios);
    return status == WS_OK ? create_arrays(population) : status;
}

enum status population_start(struct population *population, enum rng_family family, int64_t seed)
{
    return streams_create(&population->streams, family, seed, population->part.first_block,
        population->part.n_blocks_local, population->threads);
}

void population_destroy(struct population *population)
{
    streams_destroy(population->streams);
    for (int array = 0; array < MODEL_ARRAYS; array++)
        free(population->arrays[array]);
    for (int i = 0; i < population->n_scenarios; i++) {
        if (population->model->destroy)
            population->model->destroy(population->scenarios[i].law);
        free(population->scenarios[i].law);
    }
    free(population->scenarios);
    *population = (struct population){0};
}

/* ---- time ------------------------------------------------------------------------------------------------------- */

void population_watch(struct population *population, struct watcher watcher)
{
    ENSURE(population->n_watchers < POPULATION_WATCHERS);
    population->watchers[population->n_watchers++] = watcher;
}

static void show(
    const struct population *population, int scenario, int64_t b, int64_t period, const struct shocks *shocks)
{
    for (int i = 0; i < population->n_watchers; i++)
        population->watchers[i].look(population->watchers[i].self, population, scenario, b, period, shocks);
}

void population_begin(struct population *population)
{
    for (int64_t b = 0; b < population->part.n_blocks_local; b++)
        for (int i = 0; i < population->n_scenarios; i++)
            show(population, i, b, 0, NULL);
}

/* Numbers of a block's period: the next words of its stream, and what is made of them. */
struct numbers {
    _Alignas(CACHE_LINE) uint64_t words[MOST_WORDS];
    _Alignas(CACHE_LINE) double normals[MOST_WORDS], uniforms[MOST_WORDS];
};

/* The upper 52 bits of each word, as the significand of a number in [1, 2), less 1. */
static void make_uniforms(const uint64_t *words, int n, double *uniforms)
{
    for (int i = 0; i < n; i++) {
        const uint64_t bits = words[i] >> 12 | 0x3ff0000000000000;
        double one_to_two;
        memcpy(&one_to_two, &bits, sizeof bits);
        uniforms[i] = one_to_two - 1;
    }
}

static void make_shocks(const struct population *population, int64_t b, struct numbers *numbers)
{
    const struct model *model = population->model;
    const int n_words = model_words(model), n_uniforms = model->uniforms * BLOCK_SIZE;
    streams_fill(population->streams, b, (size_t)n_words, numbers->words);
    for (int i = 0; i < n_words - n_uniforms; i += PAIR)
        normals_of(numbers->words + i, numbers->normals + i);
    make_uniforms(numbers->words + n_words - n_uniforms, n_uniforms, numbers->uniforms);
}

static void note_departure(
    struct population *population, const struct block *block, int64_t b, int64_t period, int i)
{
    const struct departure found = {.period = period,
        .household = population->part.first_household + b * BLOCK_SIZE + i,
        .wealth = ((const double *)block->state[0])[i]};
#pragma omp critical(departure)
    {
        const struct departure *first = &population->departure;
        if (found.period < first->period ||
            (found.period == first->period && found.household < first->household))
            population->departure = found;
    }
}

static void advance_block(struct population *population, int64_t b, int64_t periods)
{
    struct numbers numbers;
    struct shocks shocks = {.households = (int)population_households_in(population, b),
        .normals = numbers.normals,
        .uniforms = numbers.uniforms};
    for (int64_t period = population->period + 1; period <= population->period + periods; period++) {
        shocks.period = period;
        make_shocks(population, b, &numbers);
        for (int i = 0; i < population->n_scenarios; i++) {
            const struct scenario *scenario = &population->scenarios[i];
            const struct block block = block_of(population, i, b);
            const bool is_alive = !scenario->joined || scenario->joined[b] < 0;
            const int forbidden =
                is_alive ? population->model->step(scenario->law, &shocks, block.state) : BLOCK_SIZE;
            if (forbidden < BLOCK_SIZE) {
                note_departure(population, &block, b, period - 1, forbidden);
                return;
            }
            show(population, i, b, period, &shocks);
        }
    }
}

void population_advance(struct population *population, int64_t periods, struct timers *timers)
{
    const int64_t n_blocks = population->part.n_blocks_local;
#pragma omp parallel num_threads(population->threads)
    {
        struct stretch stretch = timers_begin();
#pragma omp for schedule(static) nowait
        for (int64_t b = 0; b < n_blocks; b++)
            advance_block(population, b, periods);
        timers_worked(&stretch);
#pragma omp barrier
        timers_end(timers, omp_get_thread_num(), &stretch);
    }
    population->period += periods;
}

struct departure population_departure(MPI_Comm comm, const struct population *population)
{
    struct {
        int64_t period, household;
    } mine = {population->departure.period, population->departure.household}, first;
    struct departure departure = {.period = INT64_MAX};
    MPI_CHECK(MPI_Allreduce(&mine.period, &first.period, 1, MPI_INT64_T, MPI_MIN, comm));
    if (first.period == INT64_MAX)
        return departure;
    mine.household = mine.period == first.period ? mine.household : INT64_MAX;
    MPI_CHECK(MPI_Allreduce(&mine.household, &first.household, 1, MPI_INT64_T, MPI_MIN, comm));
    const double wealth = mine.household == first.household ? population->departure.wealth : -INFINITY;
    departure = (struct departure){.period = first.period, .household = first.household};
    MPI_CHECK(MPI_Allreduce(&wealth, &departure.wealth, 1, MPI_DOUBLE, MPI_MAX, comm));
    return departure;
}

/* ---- hash ------------------------------------------------------------------------------------------------------- */

static uint64_t hash_block(const struct population *population, int scenario, int64_t b)
{
    const struct model *model = population->model;
    const struct scenario *of = &population->scenarios[scenario];
    const struct model *own = model->own ? model->own(of->law) : model;
    const struct block block =
        block_of(population, of->joined && of->joined[b] >= 0 ? of->follows : scenario, b);
    const size_t n = (size_t)population_households_in(population, b);
    uint64_t sum = 0, room[BLOCK_SIZE];
    for (int array = 0; array < own->n_arrays; array++) {
        const void *values = model_array_as(
            own->arrays[array].type, model->arrays[array].type, block.state[array], (int64_t)n, room);
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
