#include "population/population.h"
#include "core/hash.h"
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_LINE = 64, WORDS = 2 * BLOCK_SIZE };

int64_t population_bytes(enum rng_family family, int64_t n_blocks_local)
{
    const int64_t of_block = BLOCK_SIZE * (int64_t)sizeof(double) + (int64_t)rng_family_stream_bytes(family);
    return n_blocks_local * of_block;
}

/* Wealth of all blocks, first touched by the threads that will advance them. */
static double *create_wealth(const struct decomposition *part, int threads, double w0)
{
    const size_t bytes = (size_t)part->n_blocks_local * BLOCK_SIZE * sizeof(double);
    double *wealth = aligned_alloc(CACHE_LINE, bytes > 0 ? bytes : CACHE_LINE);
    if (!wealth) {
        error_memory(bytes, "the households' wealth");
        return NULL;
    }
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int64_t b = 0; b < part->n_blocks_local; b++)
        for (int i = 0; i < BLOCK_SIZE; i++)
            wealth[b * BLOCK_SIZE + i] = w0;
    return wealth;
}

enum status population_create(struct population *population, struct decomposition part,
    const struct kesten_parameters *model, int threads)
{
    *population = (struct population){.part = part, .threads = threads};
    kesten_law_init(&population->law, model);
    population->wealth = create_wealth(&part, threads, model->w0);
    return population->wealth ? WS_OK : WS_FAILED;
}

enum status population_start(struct population *population, enum rng_family family, int64_t seed)
{
    return streams_create(&population->streams, family, seed, population->part.first_block,
        population->part.n_blocks_local, population->threads);
}

void population_destroy(struct population *population)
{
    streams_destroy(population->streams);
    free(population->wealth);
    free(population->path);
    free(population->twin);
    free(population->coalesced);
    *population = (struct population){0};
}

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

int64_t population_path_bytes(const struct decomposition *part, int64_t first, int64_t n, int64_t periods)
{
    int64_t bytes = 0;
    const int64_t of_path = (periods + 1) * (int64_t)sizeof(double);
    return __builtin_mul_overflow(paths_of(part, first, n), of_path, &bytes) ? INT64_MAX : bytes;
}

enum status population_keep_paths(
    struct population *population, int64_t first, int64_t n_paths, int64_t periods)
{
    const struct decomposition *part = &population->part;
    const int64_t n = paths_of(part, first, n_paths), steps = periods + 1;
    const size_t bytes = (size_t)population_path_bytes(part, first, n_paths, periods);
    population->path = malloc(bytes > 0 ? bytes : 1);
    if (!population->path)
        return error_memory(bytes, "the households' paths");
    population->first_path = local_number(part, first);
    population->n_paths_local = n;
    population->path_steps = steps;
    return WS_OK;
}

enum status population_add_twin(struct population *population, double w0)
{
    const int64_t n_blocks = population->part.n_blocks_local;
    const size_t bytes = (size_t)n_blocks * sizeof *population->coalesced;
    population->twin = create_wealth(&population->part, population->threads, w0);
    population->coalesced = malloc(bytes > 0 ? bytes : 1);
    if (!population->twin)
        return WS_FAILED;
    if (!population->coalesced)
        return error_memory(bytes, "the blocks' coalescence");
    for (int64_t b = 0; b < n_blocks; b++)
        population->coalesced[b] = -1;
    return WS_OK;
}

/* Households of a block, without those past N that only draw. */
static int64_t households_of(const struct population *population, int64_t b)
{
    const int64_t left = population->part.n_local - b * BLOCK_SIZE;
    return left < BLOCK_SIZE ? left : BLOCK_SIZE;
}

/* Once the twins of a block agree they always will. */
static void compare_twins(struct population *population, int64_t b, int64_t period)
{
    const size_t bytes = (size_t)households_of(population, b) * sizeof(double);
    if (memcmp(population->twin + b * BLOCK_SIZE, population->wealth + b * BLOCK_SIZE, bytes) == 0)
        population->coalesced[b] = period;
}

void population_begin(struct population *population)
{
    for (int64_t i = 0; i < population->n_paths_local; i++)
        population->path[i * population->path_steps] = population->wealth[population->first_path + i];
    for (int64_t b = 0; population->twin && b < population->part.n_blocks_local; b++)
        compare_twins(population, b, 0);
}

/* The twins of a block after the same shocks, as long as they differ. */
static void step_twin(struct population *population, int64_t b, int64_t period, const uint64_t *words)
{
    if (population->coalesced[b] >= 0)
        return;
    kesten_step(&population->law, words, population->twin + b * BLOCK_SIZE);
    compare_twins(population, b, period);
}

/* The kept paths of a block: first … end - 1 of this rank's. */
struct kept {
    int64_t first, end;
};

static struct kept paths_in(const struct population *population, int64_t b)
{
    const int64_t begin = b * BLOCK_SIZE - population->first_path, behind = begin + BLOCK_SIZE;
    return (struct kept){.first = begin > 0 ? begin : 0,
        .end = behind < population->n_paths_local ? behind : population->n_paths_local};
}

static void keep_step(struct population *population, struct kept kept, int64_t period)
{
    for (int64_t i = kept.first; i < kept.end; i++)
        population->path[i * population->path_steps + period] =
            population->wealth[population->first_path + i];
}

static void advance_block(struct population *population, int64_t b, int64_t periods)
{
    _Alignas(CACHE_LINE) uint64_t words[WORDS];
    double *wealth = population->wealth + b * BLOCK_SIZE;
    const struct kept kept = paths_in(population, b);
    for (int64_t period = population->period + 1; period <= population->period + periods; period++) {
        streams_fill(population->streams, b, WORDS, words);
        kesten_step(&population->law, words, wealth);
        if (population->twin)
            step_twin(population, b, period, words);
        keep_step(population, kept, period);
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

int64_t population_coalescence(MPI_Comm comm, const struct population *population)
{
    int64_t latest = 0, global = 0;
    for (int64_t b = 0; b < population->part.n_blocks_local; b++) {
        const int64_t period = population->coalesced[b] < 0 ? INT64_MAX : population->coalesced[b];
        latest = period > latest ? period : latest;
    }
    MPI_CHECK(MPI_Allreduce(&latest, &global, 1, MPI_INT64_T, MPI_MAX, comm));
    return global == INT64_MAX ? -1 : global;
}

uint64_t population_hash(MPI_Comm comm, const struct population *population)
{
    const struct decomposition *part = &population->part;
    uint64_t local = 0, global = 0;
#pragma omp parallel for schedule(static) num_threads(population->threads) reduction(+ : local)
    for (int64_t b = 0; b < part->n_blocks_local; b++)
        local += hash_bytes(population->wealth + b * BLOCK_SIZE,
            (size_t)households_of(population, b) * sizeof(double), (uint64_t)(part->first_block + b));
    MPI_CHECK(MPI_Allreduce(&local, &global, 1, MPI_UINT64_T, MPI_SUM, comm));
    return global;
}
