#include "population/shocks.h"
#include "random/normals.h"
#include <string.h>

enum { CACHE_LINE = 64, PAIR = 2 * BLOCK_SIZE };

/* As the significand of a number in [1, 2), less 1. */
void population_uniforms(const uint64_t *words, int n, double *uniforms)
{
    for (int i = 0; i < n; i++) {
        const uint64_t bits = words[i] >> 12 | 0x3ff0000000000000;
        double one_to_two;
        memcpy(&one_to_two, &bits, sizeof bits);
        uniforms[i] = one_to_two - 1;
    }
}

/* Of a block's next period: the next words of its stream, and what is made of them. @param[out] numbers  [model_words] */
static void make_numbers(const struct population *population, int64_t b, double *numbers)
{
    const struct model *model = population->model;
    const int n_words = model_words(model), n_uniforms = model->uniforms * BLOCK_SIZE;
    _Alignas(CACHE_LINE) uint64_t words[SHOCKS_WORDS];
    streams_fill(population->streams, b, (size_t)n_words, words);
    for (int i = 0; i < n_words - n_uniforms; i += PAIR)
        normals_of(words + i, numbers + i);
    population_uniforms(words + n_words - n_uniforms, n_uniforms, numbers + n_words - n_uniforms);
}

void shocks_make(const struct population *population, int64_t block, int64_t first, int64_t n,
    double *numbers, struct shocks *shocks)
{
    const int n_words = model_words(population->model);
    const int n_normals = n_words - population->model->uniforms * BLOCK_SIZE;
    for (int64_t i = 0; i < n; i++) {
        make_numbers(population, block, numbers + i * n_words);
        shocks[i] = (struct shocks){.period = first + i,
            .households = (int)population_households_in(population, block),
            .normals = numbers + i * n_words,
            .uniforms = numbers + i * n_words + n_normals};
    }
}

void shocks_keep(struct population *population, int64_t block, const struct shocks *last)
{
    if (population->kept)
        memcpy(population->kept + block * BLOCK_SIZE,
            last->normals + (model_kept(population->model) - 1) * BLOCK_SIZE,
            BLOCK_SIZE * sizeof *population->kept);
}
