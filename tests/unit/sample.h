/* A sample of the words that a simulation consumes, ways to look at it, and the books of a trial of many statistics. */
#pragma once

#include "models/kesten.h"
#include "random/mlfg_start.h"
#include "random/normals.h"
#include "random/stream.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS = NORMALS };

/* ---- the sample ------------------------------------------------------------------------------------------ */

struct sample {
    int64_t n_blocks, n_periods;
    uint64_t *words; /* [block][period][512] */
};

static inline struct sample sample_create(int64_t n_blocks, int64_t n_periods)
{
    const size_t n = (size_t)(n_blocks * n_periods * WORDS);
    struct sample sample = {n_blocks, n_periods, malloc(n * sizeof(uint64_t))};
    assert_non_null(sample.words);
    return sample;
}

/* Words of blocks first … as a population draws them: a block at a time, a fill a period. */
static inline struct sample sample_draw(int64_t seed, int64_t first, int64_t n_blocks, int64_t n_periods)
{
    struct sample sample = sample_create(n_blocks, n_periods);
    struct streams *streams = NULL;
    assert_int_equal(streams_create(&streams, RNG_MLFG, seed, first, n_blocks, 1), WS_OK);
    for (int64_t row = 0; row < n_blocks * n_periods; row++)
        streams_fill(streams, row / n_periods, WORDS, sample.words + row * WORDS);
    streams_destroy(streams);
    return sample;
}

/* The same without the numbers that streams discard: SPRNG's streams from their first number on. */
static inline struct sample sample_draw_undiscarded(
    uint32_t seed, int64_t first, int64_t n_blocks, int64_t n_periods)
{
    static struct mlfg_start start;
    struct sample sample = sample_create(n_blocks, n_periods);
    mlfg_start_init(&start, seed, 0);
    for (int64_t b = 0; b < n_blocks; b++) {
        struct mlfg state;
        mlfg_start_state(&start, (uint32_t)(first + b), &state);
        mlfg_fill(&state, (size_t)(n_periods * WORDS), sample.words + b * n_periods * WORDS);
    }
    return sample;
}

/* ---- views ----------------------------------------------------------------------------------------------- */

/* A number for each word, of mean 0 and variance 1 if the words are random: the uniform; the square of its deviation;
 * the lowest bit that counts, as -1 or 1; the shocks as the household's step makes them (of the words of a period, the
 * first 256 are ζ, the others ξ, of households 0 … 255); their squares. Each is independent of the others in its view. */
enum view { UNIFORM, UNIFORM_SQUARE, LOWEST_BIT, SHOCK, SHOCK_SQUARE, VIEWS };
static const char *const view_names[VIEWS] = {
    "uniforms", "their squares", "bit 12", "shocks", "their squares"};

/* ζ is read off the wealth of a household that is rich, ξ off that of one that has nothing. */
static inline void view_shocks(const struct kesten_law *law, const uint64_t *words, float *x)
{
    double normals[NORMALS], rich[BLOCK_SIZE], poor[BLOCK_SIZE];
    normals_of(words, normals);
    for (int i = 0; i < BLOCK_SIZE; i++) {
        rich[i] = 0x1p300;
        poor[i] = 0;
    }
    kesten_step(law, normals, rich);
    kesten_step(law, normals, poor);
    for (int i = 0; i < BLOCK_SIZE; i++) {
        x[i] = (float)log(rich[i] * 0x1p-300);
        x[BLOCK_SIZE + i] = (float)log(poor[i]);
    }
}

static inline void view_period(enum view view, const struct kesten_law *law, const uint64_t *words, float *x)
{
    if (view == SHOCK || view == SHOCK_SQUARE)
        view_shocks(law, words, x);
    for (int k = 0; k < WORDS; k++) {
        const double u = ((double)(words[k] >> 12) * 0x1p-52 - 0.5) * sqrt(12);
        if (view == UNIFORM)
            x[k] = (float)u;
        else if (view == UNIFORM_SQUARE)
            x[k] = (float)((u * u - 1) * sqrt(1.25));
        else if (view == LOWEST_BIT)
            x[k] = words[k] >> 12 & 1 ? 1 : -1;
        else if (view == SHOCK_SQUARE)
            x[k] = (float)((x[k] * x[k] - 1) * sqrt(0.5));
    }
}

/* [block][period][512], to be freed by the caller. */
static inline float *view_of(enum view view, const struct sample *sample)
{
    const struct kesten_parameters model = {.r = 0, .s = 1, .v1 = 1, .v2 = 1, .w0 = 1};
    struct kesten_law law;
    kesten_law_init(&law, &model);
    const int64_t rows = sample->n_blocks * sample->n_periods;
    float *x = malloc((size_t)(rows * WORDS) * sizeof *x);
    assert_non_null(x);
    for (int64_t row = 0; row < rows; row++)
        view_period(view, &law, sample->words + row * WORDS, x + row * WORDS);
    return x;
}

/* ---- trials ---------------------------------------------------------------------------------------------- */

/* A trial is many statistics, each a standard normal if the words are random, of which the one farthest from 0 is kept.
 * Bonferroni: with n of them, not independent of each other, a |z| of which a normal has a chance of p appears with a
 * chance of at most n p. A trial fails below 10^-8, so that all the trials of all programs, fewer than 50, have a chance
 * below 5 10^-7 of failing by bad luck; as seeds are fixed, they fail always or never. */
struct trial {
    const char *name;
    int64_t n;
    double largest;
    char where[120];
};

static const double trial_threshold = 1e-8;

__attribute__((format(printf, 3, 4))) static inline void trial_add(
    struct trial *trial, double z, const char *where, ...)
{
    assert_true(isfinite(z));
    trial->n++;
    if (fabs(z) <= fabs(trial->largest))
        return;
    va_list arguments;
    va_start(arguments, where);
    vsnprintf(trial->where, sizeof trial->where, where, arguments);
    va_end(arguments);
    trial->largest = z;
}

static inline double trial_chance(const struct trial *trial)
{
    const double chance = (double)trial->n * erfc(fabs(trial->largest) / sqrt(2));
    return chance < 1 ? chance : 1;
}

static inline void trial_print(const struct trial *trial)
{
    printf("%-52s %7lld statistics, farthest z = %.2f (%s), chance %.2g\n", trial->name, (long long)trial->n,
        trial->largest, trial->where, trial_chance(trial));
}

static inline void assert_passes(const struct trial *trial)
{
    trial_print(trial);
    assert_true(trial->n > 0);
    if (!(trial_chance(trial) >= trial_threshold))
        fail_msg("%s: z = %.2f at %s", trial->name, trial->largest, trial->where);
}

/* What is no accident must be found. */
static inline void assert_finds(const struct trial *trial)
{
    trial_print(trial);
    if (!(trial_chance(trial) < trial_threshold))
        fail_msg("%s: not found", trial->name);
}

/* A sum of squares of n standard normals as a standard normal. Wilson and Hilferty, PNAS 17 (1931). */
static inline double normal_of_chi_square(double sum, double n)
{
    return (cbrt(sum / n) - (1 - 2 / (9 * n))) / sqrt(2 / (9 * n));
}
