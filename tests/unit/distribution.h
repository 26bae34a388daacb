/* Trials of how the words, and sums of shocks, of many streams are distributed. */
#pragma once

#include "sample.h"

/* The normal deviate that is as rare, on either side, as a p-value. */
static inline double normal_of_p(double p)
{
    double low = 0, high = 40;
    for (int i = 0; i < 60; i++) {
        const double z = (low + high) / 2;
        *(erfc(z / sqrt(2)) > p ? &low : &high) = z;
    }
    return low;
}

/* ---- equidistribution ------------------------------------------------------------------------------------ */

/* Counts in cells of equal chance, and Pearson's chi-square of them as a standard normal. There are at least 32
 * words for a cell, so that counts are close enough to normal. */
struct cells {
    int64_t n;
    int bits;
    int64_t count[1 << 12];
};

static inline double cells_close(const struct cells *cells)
{
    const int64_t n = INT64_C(1) << cells->bits;
    const double expected = (double)cells->n / (double)n;
    double sum = 0;
    for (int64_t c = 0; c < n; c++)
        sum += ((double)cells->count[c] - expected) * ((double)cells->count[c] - expected) / expected;
    assert_true(expected >= 32);
    return normal_of_chi_square(sum, (double)(n - 1));
}

static inline void cells_add(struct cells *cells, uint64_t cell)
{
    cells->count[cell]++;
    cells->n++;
}

/* The bits of a word from a place on. */
static inline uint64_t bits_of(uint64_t word, int from, int bits)
{
    return word >> from & ((UINT64_C(1) << bits) - 1);
}

/* Each place of a period over all blocks and periods, 256 cells; each block over all places and periods, 64 cells. The
 * highest bits, and the lowest that count. */
static inline void try_cells(struct trial *trial, const struct sample *sample)
{
    const int64_t rows = sample->n_blocks * sample->n_periods, of_block = sample->n_periods * WORDS;
    for (int is_low = 0; is_low < 2; is_low++) {
        for (int64_t k = 0; k < WORDS; k++) {
            struct cells cells = {.bits = 8};
            for (int64_t row = 0; row < rows; row++)
                cells_add(&cells, bits_of(sample->words[row * WORDS + k], is_low ? 12 : 56, 8));
            trial_add(trial, cells_close(&cells), "%s bits, word %lld of a period", is_low ? "low" : "high",
                (long long)k);
        }
        for (int64_t b = 0; b < sample->n_blocks; b++) {
            struct cells cells = {.bits = 6};
            for (int64_t i = b * of_block; i < (b + 1) * of_block; i++)
                cells_add(&cells, bits_of(sample->words[i], is_low ? 12 : 58, 6));
            trial_add(
                trial, cells_close(&cells), "%s bits, block %lld", is_low ? "low" : "high", (long long)b);
        }
    }
}

/* Two words together, 64 by 64 cells: neighbouring households, radius and angle, one period and the next, neighbouring
 * blocks. */
static inline void try_joint_cells(struct trial *trial, const struct sample *sample)
{
    const int64_t n = sample->n_blocks * sample->n_periods * WORDS;
    const int64_t away[] = {1, BLOCK_SIZE, WORDS, sample->n_periods * WORDS};
    for (size_t a = 0; a < sizeof away / sizeof *away; a++)
        for (int is_low = 0; is_low < 2; is_low++) {
            static struct cells cells;
            cells = (struct cells){.bits = 12};
            const int from = is_low ? 12 : 58;
            for (int64_t i = 0; i + away[a] < n; i++)
                cells_add(&cells,
                    bits_of(sample->words[i], from, 6) << 6 | bits_of(sample->words[i + away[a]], from, 6));
            trial_add(trial, cells_close(&cells), "%s bits of words %lld apart", is_low ? "low" : "high",
                (long long)away[a]);
        }
}

/* ---- coincidences ---------------------------------------------------------------------------------------- */

static inline void sort_words(uint64_t *words, size_t n)
{
    enum { DIGIT = 13, VALUES = 1 << DIGIT, PASSES = 4 };
    uint64_t *other = malloc(n * sizeof *other);
    assert_non_null(other);
    for (int pass = 0; pass < PASSES; pass++) {
        static size_t place[VALUES + 1];
        memset(place, 0, sizeof place);
        for (size_t i = 0; i < n; i++)
            place[bits_of(words[i], DIGIT * pass, DIGIT) + 1]++;
        for (int v = 0; v < VALUES; v++)
            place[v + 1] += place[v];
        for (size_t i = 0; i < n; i++)
            other[place[bits_of(words[i], DIGIT * pass, DIGIT)]++] = words[i];
        memcpy(words, other, n * sizeof *words);
    }
    free(other);
}

/* The chance of count or more, or of count or fewer, of a Poisson variable, whichever is less, twice. */
static inline double poisson_p(int64_t count, double mean)
{
    double at = exp(-mean), above = 0;
    for (int64_t k = 0; k < count; k++)
        at *= mean / (double)(k + 1);
    for (int64_t k = count; k < count + 1000; k++) {
        above += at;
        at *= mean / (double)(k + 1);
    }
    const double at_most = 1 - above + exp((double)count * log(mean) - mean - lgamma((double)count + 1));
    const double p = 2 * (above < at_most ? above : at_most);
    return p < 1 ? p : 1;
}

/* Equal numbers among all words: pairs of neighbours in order, about Poisson with mean n² / 2^(bits + 1). All 52 bits that
 * count, and the highest and lowest 40 of them, of which some are equal by chance. */
static inline void try_coincidences(struct trial *trial, const struct sample *sample, const char *what)
{
    static const int views[][2] = {{12, 52}, {24, 40}, {12, 40}};
    const size_t n = (size_t)(sample->n_blocks * sample->n_periods * WORDS);
    uint64_t *sorted = malloc(n * sizeof *sorted);
    assert_non_null(sorted);
    for (int v = 0; v < 3; v++) {
        for (size_t i = 0; i < n; i++)
            sorted[i] = bits_of(sample->words[i], views[v][0], views[v][1]);
        sort_words(sorted, n);
        int64_t equal = 0;
        for (size_t i = 1; i < n; i++)
            equal += sorted[i] == sorted[i - 1];
        const double mean = ldexp((double)n * (double)n, -views[v][1] - 1);
        printf("%s, %d bits from bit %d: %lld equal pairs, %.3g expected\n", what, views[v][1], views[v][0],
            (long long)equal, mean);
        trial_add(trial, normal_of_p(poisson_p(equal, mean)), "%s, %d bits from bit %d: %lld pairs, not %.3g",
            what, views[v][1], views[v][0], (long long)equal, mean);
    }
    free(sorted);
}

/* ---- sums of shocks -------------------------------------------------------------------------------------- */

static inline int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov and Smirnov's test that values are standard normals; small n as Stephens, J. R. Statist. Soc. B 32 (1970). */
static inline double kolmogorov_p(double *values, int64_t n)
{
    double largest = 0, p = 0;
    qsort(values, (size_t)n, sizeof *values, compare_doubles);
    for (int64_t i = 0; i < n; i++) {
        const double cdf = erfc(-values[i] / sqrt(2)) / 2;
        largest = fmax(largest, fmax(cdf - (double)i / (double)n, (double)(i + 1) / (double)n - cdf));
    }
    const double root = sqrt((double)n), x = (root + 0.12 + 0.11 / root) * largest;
    for (int k = 1; k <= 100; k++)
        p += (k % 2 ? 2 : -2) * exp(-2 * k * k * x * x);
    return x < 0.3 ? 1 : p;
}

static inline void try_normals(struct trial *trial, double *values, int64_t n, const char *what)
{
    double squares = 0, sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += values[i];
        squares += values[i] * values[i];
    }
    trial_add(trial, sum / sqrt((double)n), "%s, mean", what);
    trial_add(trial, normal_of_chi_square(squares, (double)n), "%s, variance", what);
    trial_add(trial, normal_of_p(kolmogorov_p(values, n)), "%s, Kolmogorov and Smirnov", what);
}

/* Sums of a shock, by their standard deviation: exactly standard normals. A household number's over all blocks of a period,
 * a block's over its households, all of a period's. */
static inline void try_sums(struct trial *trial, const struct sample *sample)
{
    const int64_t n_blocks = sample->n_blocks, n_periods = sample->n_periods;
    const int64_t n_over_blocks = n_periods * WORDS, n_of_blocks = n_blocks * n_periods * 2,
                  n_totals = n_periods * 2;
    double *over_blocks = calloc((size_t)n_over_blocks, sizeof(double));
    double *of_blocks = calloc((size_t)n_of_blocks, sizeof(double));
    double *totals = calloc((size_t)n_totals, sizeof(double));
    assert_true(over_blocks && of_blocks && totals);
    float *x = view_of(SHOCK, sample);
    for (int64_t i = 0; i < n_blocks * n_periods * WORDS; i++) {
        const int64_t row = i / WORDS, t = row % n_periods, k = i % WORDS, half = k / BLOCK_SIZE;
        over_blocks[t * WORDS + k] += (double)x[i] / sqrt((double)n_blocks);
        of_blocks[2 * row + half] += (double)x[i] / sqrt(BLOCK_SIZE);
        totals[2 * t + half] += (double)x[i] / sqrt((double)(n_blocks * BLOCK_SIZE));
    }
    try_normals(trial, over_blocks, n_over_blocks, "household numbers over blocks");
    try_normals(trial, of_blocks, n_of_blocks, "blocks");
    for (int64_t i = 0; i < n_totals; i++)
        trial_add(trial, totals[i], "all %s of period %lld", i % 2 ? "ξ" : "ζ", (long long)(i / 2));
    free(over_blocks);
    free(of_blocks);
    free(totals);
    free(x);
}
