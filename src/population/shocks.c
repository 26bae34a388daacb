#include "population/shocks.h"
#include "random/numbers.h"
#include <string.h>

enum { CACHE_LINE = 64 };

/* Of a block's next period: the next words of its stream, and what is made of them. @param[out] numbers  [model_words] */
static void make_numbers(const struct population *population, int64_t b, double *numbers)
{
    const struct model *model = population->model;
    _Alignas(CACHE_LINE) uint64_t words[SHOCKS_WORDS];
    streams_fill(population->streams, b, (size_t)model_words(model), words);
    numbers_of(words, model_first_words(model), model->uniforms * BLOCK_SIZE, numbers);
}

/* The same for a model that takes words as they are, which stay where the stream puts them.
 * @param[out] numbers  [model_words] of 8 bytes: words, then uniforms */
static void take_words(const struct population *population, int64_t b, void *numbers)
{
    const struct model *model = population->model;
    const int n_words = model_first_words(model), n_uniforms = model->uniforms * BLOCK_SIZE;
    uint64_t *words = numbers, rest[SHOCKS_WORDS];
    streams_fill(population->streams, b, (size_t)n_words, words);
    if (n_uniforms > 0) {
        streams_fill(population->streams, b, (size_t)n_uniforms, rest);
        numbers_of(rest, 0, n_uniforms, (double *)numbers + n_words);
    }
}

void shocks_make(const struct population *population, int64_t block, int64_t first, int64_t n,
    double *numbers, struct shocks *shocks)
{
    const bool has_words = population->model->words > 0;
    const int n_words = model_words(population->model);
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
            .uniforms = of_period + model_first_words(population->model)};
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
