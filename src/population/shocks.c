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

/* Words that a block takes per period, and of them those that no uniform is made of: they come first. */
static int words_of(const struct model *model, int *before_uniforms)
{
    const int all = model_words(model);
    *before_uniforms = all - model->uniforms * BLOCK_SIZE;
    return all;
}

/* Of a block's next period: the next words of its stream, and what is made of them. @param[out] numbers  [model_words] */
static void make_numbers(const struct population *population, int64_t b, double *numbers)
{
    int first = 0;
    const int n = words_of(population->model, &first);
    _Alignas(CACHE_LINE) uint64_t words[SHOCKS_WORDS];
    streams_fill(population->streams, b, (size_t)n, words);
    for (int i = 0; i < first; i += PAIR)
        normals_of(words + i, numbers + i);
    population_uniforms(words + first, n - first, numbers + first);
}

/* The same for a model that takes words as they are, which stay where the stream puts them.
 * @param[out] numbers  [model_words] of 8 bytes: words, then uniforms */
static void take_words(const struct population *population, int64_t b, void *numbers)
{
    int first = 0;
    const int n = words_of(population->model, &first);
    uint64_t *words = numbers;
    double *uniforms = (double *)numbers + first;
    streams_fill(population->streams, b, (size_t)first, words);
    if (n > first) {
        uint64_t rest[SHOCKS_WORDS];
        streams_fill(population->streams, b, (size_t)(n - first), rest);
        population_uniforms(rest, n - first, uniforms);
    }
}

void shocks_make(const struct population *population, int64_t block, int64_t first, int64_t n,
    double *numbers, struct shocks *shocks)
{
    const bool has_words = population->model->words > 0;
    int before_uniforms = 0;
    const int n_words = words_of(population->model, &before_uniforms);
    for (int64_t i = 0; i < n; i++) {
        double *of_period = numbers + i * n_words;
        if (has_words)
            take_words(population, block, of_period);
        else
            make_numbers(population, block, of_period);
        shocks[i] = (struct shocks){.period = first + i,
            .households = (int)population_households_in(population, block),
            .normals = has_words ? NULL : of_period,
            .words = has_words ? (const uint64_t *)(const void *)of_period : NULL,
            .uniforms = of_period + before_uniforms};
    }
}

const double *shocks_normals(const struct model *model, const struct shocks *shocks, double *room)
{
    if (!shocks->words)
        return shocks->normals;
    model->unfold(shocks->words, room);
    return room;
}

void shocks_keep(struct population *population, int64_t block, const struct shocks *last)
{
    double room[SHOCKS_WORDS];
    if (!population->kept)
        return;
    const double *normals = shocks_normals(population->model, last, room);
    memcpy(population->kept + block * BLOCK_SIZE, normals + (model_kept(population->model) - 1) * BLOCK_SIZE,
        BLOCK_SIZE * sizeof *population->kept);
}
