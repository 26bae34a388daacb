#include "population/population.h"
#include <omp.h>
#include <stdlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { CACHE_LINE = 64, WORDS = 2 * BLOCK_SIZE };

int64_t population_bytes(enum rng_family family, int64_t n_blocks_local)
{
    const int64_t of_block = BLOCK_SIZE * (int64_t)sizeof(double) + (int64_t)rng_family_stream_bytes(family);
    return n_blocks_local * of_block;
}

enum status population_create(struct population *population, struct decomposition part,
    const struct model *model, enum rng_family family, int64_t seed, int threads)
{
    const size_t n = (size_t)part.n_blocks_local * BLOCK_SIZE, bytes = n * sizeof(double);
    *population = (struct population){.part = part, .threads = threads};
    household_law_init(&population->law, model, vector_level());

    population->wealth = aligned_alloc(CACHE_LINE, bytes > 0 ? bytes : CACHE_LINE);
    if (!population->wealth)
        return error_memory(bytes, "the households' wealth");
    double *wealth = population->wealth;
    const double w0 = model->w0;
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int64_t b = 0; b < part.n_blocks_local; b++)
        for (int i = 0; i < BLOCK_SIZE; i++)
            wealth[b * BLOCK_SIZE + i] = w0;

    const enum status status =
        streams_create(&population->streams, family, seed, part.first_block, part.n_blocks_local, threads);
    if (status != WS_OK)
        population_destroy(population);
    return status;
}

void population_destroy(struct population *population)
{
    streams_destroy(population->streams);
    free(population->wealth);
    population->streams = NULL;
    population->wealth = NULL;
}

void population_advance(struct population *population, int64_t periods, struct timers *timers)
{
    const int64_t n_blocks = population->part.n_blocks_local;
#pragma omp parallel num_threads(population->threads)
    {
        _Alignas(CACHE_LINE) uint64_t words[WORDS];
        const int thread = omp_get_thread_num();
        const double began = timers_now(), began_cpu = timers_cpu();
#pragma omp for schedule(static) nowait
        for (int64_t b = 0; b < n_blocks; b++)
            for (int64_t t = 0; t < periods; t++) {
                streams_fill(population->streams, b, WORDS, words);
                household_step(&population->law, words, population->wealth + b * BLOCK_SIZE);
            }
        const double computing = timers_cpu() - began_cpu;
#pragma omp barrier
        timers->seconds[thread][PHASE_COMPUTING] += computing;
        timers->seconds[thread][PHASE_WAITING] += timers_now() - began - computing;
    }
    population->period += periods;
}

uint64_t population_hash(MPI_Comm comm, const struct population *population)
{
    const struct decomposition *part = &population->part;
    uint64_t local = 0, global = 0;
#pragma omp parallel for schedule(static) num_threads(population->threads) reduction(+ : local)
    for (int64_t b = 0; b < part->n_blocks_local; b++) {
        const int64_t left = part->n_local - b * BLOCK_SIZE;
        const size_t n = left < BLOCK_SIZE ? (size_t)left : BLOCK_SIZE;
        local += XXH3_64bits_withSeed(
            population->wealth + b * BLOCK_SIZE, n * sizeof(double), (uint64_t)(part->first_block + b));
    }
    MPI_CHECK(MPI_Allreduce(&local, &global, 1, MPI_UINT64_T, MPI_SUM, comm));
    return global;
}
