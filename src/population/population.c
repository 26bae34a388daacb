#include "population/population.h"
#include "population/shocks.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_LINE = 64 };

/* Scenarios that take turns within a period; where there are more, numbers are made so many periods ahead, through which
 * one tile after the other goes: its blocks, and the numbers, stay in the second-level cache. tests/bench/README.md. */
enum { TILE = 32, AHEAD = 32 };

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
    const double of_block =
        (double)rng_family_stream_bytes(family) + (model_kept(model) > 0 ? BLOCK_SIZE * sizeof(double) : 0);
    const double bytes = of_state + (double)n_blocks_local * of_block;
    return (int64_t)(bytes < most ? bytes : most);
}

static int64_t ahead_of(int n_scenarios)
{
    return n_scenarios > TILE ? AHEAD : 1;
}

int64_t population_numbers_bytes(const struct model *model, int n_scenarios, int threads)
{
    return threads * ahead_of(n_scenarios) * model_words(model) * (int64_t)sizeof(double);
}

/* ---- state ------------------------------------------------------------------------------------------------------ */

static struct block_state block_of(const struct population *population, int scenario, int64_t b)
{
    const struct model *model = population->model;
    const int64_t first = scenario * population->plane + b * BLOCK_SIZE;
    struct block_state block = {.arrays = {NULL}};
    for (int array = 0; array < model->n_arrays; array++)
        block.arrays[array] =
            (char *)population->arrays[array] + (size_t)first * model_array_bytes(model, array);
    return block;
}

void *population_array(const struct population *population, int scenario, int array)
{
    return block_of(population, scenario, 0).arrays[array];
}

double *population_wealth(const struct population *population, int scenario)
{
    return population_array(population, scenario, 0);
}

void population_state(
    const struct population *population, int scenario, int64_t block, void *state[MODEL_ARRAYS])
{
    const struct block_state of = block_of(population, scenario, block);
    memcpy(state, of.arrays, sizeof of.arrays);
}

const double *population_kept(const struct population *population, int64_t block)
{
    return population->kept ? population->kept + block * BLOCK_SIZE : NULL;
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
    if (model_kept(model) > 0) {
        population->kept =
            allocate((size_t)n_blocks * BLOCK_SIZE * sizeof *population->kept, "a period's shocks");
        if (!population->kept)
            return WS_FAILED;
    }
#pragma omp parallel for schedule(static) num_threads(population->threads)
    for (int64_t b = 0; b < n_blocks; b++) {
        for (int i = 0; i < population->n_scenarios; i++)
            model->start(population->scenarios[i].law, (population->part.first_block + b) * BLOCK_SIZE,
                population->part.n_global, block_of(population, i, b).arrays);
        for (int i = 0; i < BLOCK_SIZE && population->kept; i++)
            population->kept[b * BLOCK_SIZE + i] = 0;
    }
    return WS_OK;
}

/* The scenario that another follows, or itself. */
static int leader_of(const struct population *population, int scenario)
{
    const struct scenario *of = &population->scenarios[scenario];
    return of->joined ? of->follows : scenario;
}

static int by_law(const void *a, const void *b, void *self)
{
    const struct population *population = self;
    const int one = *(const int *)a, other = *(const int *)b;
    const int of_one = leader_of(population, one), of_other = leader_of(population, other);
    const struct scenario *scenarios = population->scenarios;
    const int laws = population->model->compare
                         ? population->model->compare(scenarios[of_one].law, scenarios[of_other].law)
                         : 0;
    return laws != 0 ? laws : of_one != of_other ? of_one - of_other : one - other;
}

void population_arrange(struct population *population)
{
    for (int i = 0; i < population->n_scenarios; i++)
        population->order[i] = i;
    qsort_r(
        population->order, (size_t)population->n_scenarios, sizeof *population->order, by_law, population);
}

static enum status create_order(struct population *population)
{
    const size_t n = (size_t)population->n_scenarios;
    population->order = malloc(n * sizeof *population->order);
    if (!population->order)
        return error_memory(n * sizeof *population->order, "the scenarios");
    population_arrange(population);
    population->ahead = ahead_of(population->n_scenarios);
    population->numbers = allocate(
        (size_t)population_numbers_bytes(population->model, population->n_scenarios, population->threads),
        "random numbers");
    return population->numbers ? WS_OK : WS_FAILED;
}

enum status population_create(struct population *population, struct decomposition part,
    const struct model *model, const void *const *parameters, int n_scenarios, int threads)
{
    ENSURE(model_words(model) <= SHOCKS_WORDS && model->n_arrays >= 1 && model->n_arrays <= MODEL_ARRAYS);
    ENSURE(n_scenarios >= 1 && model->arrays[0].type == ARRAY_REAL);
    ENSURE(!model->step_together || !model->forbids);
    ENSURE(model->words == 0 || model->unfold);
    ENSURE(model->n_quantities >= 0 && model->n_quantities <= MODEL_QUANTITIES);
    *population = (struct population){.part = part,
        .model = model,
        .plane = plane_of(n_scenarios, part.n_blocks_local),
        .threads = threads,
        .departure = {.period = INT64_MAX}};
    enum status status = create_scenarios(population, parameters, n_scenarios);
    status = status == WS_OK ? create_order(population) : status;
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
    free(population->order);
    free(population->numbers);
    free(population->kept);
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

static bool is_before(const struct departure *a, const struct departure *b)
{
    return a->period != b->period         ? a->period < b->period
           : a->household != b->household ? a->household < b->household
                                          : a->scenario < b->scenario;
}

static void note_departure(struct population *population, int scenario, int64_t b, int64_t period, int i)
{
    const struct block_state block = block_of(population, scenario, b);
    const struct departure found = {.period = period,
        .household = population->part.first_household + b * BLOCK_SIZE + i,
        .scenario = scenario,
        .wealth = ((const double *)block.arrays[0])[i]};
#pragma omp critical(departure)
    if (is_before(&found, &population->departure))
        population->departure = found;
}

/* Scenarios that go through some periods of a block together, before others do. */
struct tile {
    const int *order; /* of the population, from them on */
    int n;
    int n_laws; /* of those whose block is not another's by now: */
    int scenarios[TILE];
    const void *laws[TILE];
    struct block_state states[TILE];
};

/* Whom a tile advances, each law with its block. */
static void tile_gather(struct tile *tile, const struct population *population, int64_t b)
{
    tile->n_laws = 0;
    for (int i = 0; i < tile->n; i++) {
        const struct scenario *scenario = &population->scenarios[tile->order[i]];
        if (scenario->joined && scenario->joined[b] >= 0)
            continue;
        tile->scenarios[tile->n_laws] = tile->order[i];
        tile->laws[tile->n_laws] = scenario->law;
        tile->states[tile->n_laws++] = block_of(population, tile->order[i], b);
    }
}

/* The tile from a place of the order on. Who follows whom is not parted: they are compared after each period. */
static void tile_init(struct tile *tile, const struct population *population, int first, int64_t b)
{
    const int left = population->n_scenarios - first, *order = population->order + first;
    int n = left < TILE ? left : TILE;
    while (n < left && leader_of(population, order[n]) == leader_of(population, order[n - 1]))
        n--;
    ENSURE(n > 0);
    tile->order = order;
    tile->n = n;
    tile_gather(tile, population, b);
}

/* One period. @return whether nobody was where a law forbids it */
static bool tile_step(
    const struct tile *tile, struct population *population, int64_t b, const struct shocks *shocks)
{
    const struct model *model = population->model;
    bool is_allowed = true;
    if (model->step_together) {
        model->step_together(tile->laws, tile->n_laws, shocks, tile->states);
        return true;
    }
    for (int i = 0; i < tile->n_laws; i++) {
        const int forbidden = model->step(tile->laws[i], shocks, tile->states[i].arrays);
        if (forbidden < BLOCK_SIZE) {
            note_departure(population, tile->scenarios[i], b, shocks->period - 1, forbidden);
            is_allowed = false;
        }
    }
    return is_allowed;
}

/* Only watchers find that a block has become another's. */
static void tile_show(
    struct tile *tile, const struct population *population, int64_t b, const struct shocks *shocks)
{
    for (int i = 0; i < tile->n; i++)
        show(population, tile->order[i], b, shocks->period, shocks);
    tile_gather(tile, population, b);
}

/* Through the period of each of n shocks. @return as tile_step */
static bool tile_advance(
    struct tile *tile, struct population *population, int64_t b, const struct shocks *shocks, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (!tile_step(tile, population, b, &shocks[i]))
            return false;
        if (population->n_watchers > 0)
            tile_show(tile, population, b, &shocks[i]);
    }
    return true;
}

/* @param numbers  [ahead][model_words] */
static void advance_block(struct population *population, int64_t b, int64_t periods, double *numbers)
{
    const int64_t behind = population->period + periods + 1;
    bool is_allowed = true;
    struct shocks shocks[AHEAD];
    struct tile tile;
    tile.n = 0;
    for (int64_t first = population->period + 1; first < behind && is_allowed; first += population->ahead) {
        const int64_t n = behind - first < population->ahead ? behind - first : population->ahead;
        shocks_make(population, b, first, n, numbers, shocks);
        for (int next = 0; next < population->n_scenarios; next += tile.n) {
            if (tile.n < population->n_scenarios)
                tile_init(&tile, population, next, b);
            is_allowed &= tile_advance(&tile, population, b, shocks, n);
        }
        if (first + n == behind)
            shocks_keep(population, b, &shocks[n - 1]);
    }
}

void population_advance(struct population *population, int64_t periods, struct timers *timers)
{
    const int64_t n_blocks = population->part.n_blocks_local;
#pragma omp parallel num_threads(population->threads)
    {
        struct stretch stretch = timers_begin();
        const int64_t each = population->ahead * model_words(population->model);
        double *numbers = population->numbers + omp_get_thread_num() * each;
#pragma omp for schedule(static) nowait
        for (int64_t b = 0; b < n_blocks; b++)
            advance_block(population, b, periods, numbers);
        timers_worked(&stretch);
#pragma omp barrier
        timers_end(timers, omp_get_thread_num(), &stretch);
    }
    population->period += periods;
}

struct departure population_departure(MPI_Comm comm, const struct population *population)
{
    struct departure first = population->departure;
    MPI_CHECK(MPI_Allreduce(&population->departure.period, &first.period, 1, MPI_INT64_T, MPI_MIN, comm));
    if (first.period == INT64_MAX)
        return (struct departure){.period = INT64_MAX};
    const bool is_then = population->departure.period == first.period;
    const int64_t household = is_then ? population->departure.household : INT64_MAX;
    MPI_CHECK(MPI_Allreduce(&household, &first.household, 1, MPI_INT64_T, MPI_MIN, comm));
    const bool is_mine = household == first.household;
    const int scenario = is_mine ? population->departure.scenario : -1;
    const double wealth = is_mine ? population->departure.wealth : -INFINITY;
    MPI_CHECK(MPI_Allreduce(&scenario, &first.scenario, 1, MPI_INT, MPI_MAX, comm));
    MPI_CHECK(MPI_Allreduce(&wealth, &first.wealth, 1, MPI_DOUBLE, MPI_MAX, comm));
    return first;
}
