#include "core/arithmetic.h"
#include "lecture/grid.h"
#include "models/kesten.h"
#include "random/normals.h"
#include "simd/simd.h"
#include "statistics/exact_sum.h"
#include "statistics/order.h"
#include "verify/checks.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = NORMALS, BLOCKS = 200, VALUES = 20000 };

/* Words without pattern: SplitMix64's finalizer of a counter. */
static uint64_t mixed(uint64_t x)
{
    x *= 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static double uniform(uint64_t i)
{
    return (double)(mixed(i) >> 11) * 0x1p-53;
}

static void fill(uint64_t *words, uint64_t block)
{
    for (uint64_t i = 0; i < WORDS; i++)
        words[i] = mixed(block * WORDS + i + 1);
}

/* ---- the processor's state -------------------------------------------------------------------------------------- */

bool check_floating_point(struct verification *verification)
{
    const char *fault = verification_breaks(verification, "floating point") ? "broken on purpose" : NULL;
#pragma omp parallel num_threads(verification->threads)
    {
        const char *mine = arithmetic_fault();
        if (mine)
#pragma omp critical(check_floating_point)
            fault = mine;
    }
    snprintf(verification->said, sizeof verification->said,
        "subnormal numbers and rounding on all threads: %s", fault ? fault : "as IEEE 754 says");
    return !fault;
}

/* ---- the household's step --------------------------------------------------------------------------------------- */

/* Both shocks from their words by Box and Muller's formula, in long double. */
static void shocks_of(uint64_t radius_word, uint64_t angle_word, long double *growth, long double *income)
{
    const long double two_pi = 6.283185307179586476925286766559L;
    const long double radius = sqrtl(-2 * logl(1 - (long double)(radius_word >> 12) * 0x1p-52L));
    const long double t = (long double)(angle_word >> 12 & 0x7ffffffffffff) * 0x1p-52L - 0.25L;
    *growth = expl((angle_word >> 63 ? -radius : radius) * cosl(two_pi * t));
    *income = expl(radius * sinl(two_pi * t));
}

/* The shocks' largest relative error in a block at v1 = v2 = 1: income is what a household without wealth gets, growth
 * what one with 2^300 keeps. */
static double error_in_block(uint64_t block)
{
    const struct kesten_parameters model = {.r = 0, .s = 1, .v1 = 1, .v2 = 1, .w0 = 1};
    struct kesten_law law;
    uint64_t words[WORDS];
    double normals[NORMALS];
    double poor[BLOCK_SIZE] = {0}, rich[BLOCK_SIZE], largest = 0;
    fill(words, block);
    normals_of(words, normals);
    kesten_law_init(&law, &model);
    for (int i = 0; i < BLOCK_SIZE; i++)
        rich[i] = 0x1p300;
    kesten_step(&law, normals, poor);
    kesten_step(&law, normals, rich);
    for (int i = 0; i < BLOCK_SIZE; i++) {
        long double growth, income;
        shocks_of(words[i], words[BLOCK_SIZE + i], &growth, &income);
        largest = fmax(largest, (double)fabsl((long double)rich[i] * 0x1p-300L / growth - 1));
        largest = fmax(largest, (double)fabsl((long double)poor[i] / income - 1));
    }
    return largest;
}

/* The grid's cosine, as far as f (1 + a) shows it. */
static double error_of_cosine(double a)
{
    const double value = grid_row_maximum(0, &a, 1);
    return fabs((double)((long double)value * (1 + (long double)a) - cosl(a)));
}

bool check_shocks(struct verification *verification)
{
    static const double most = 1e-13, most_cosine = 3e-16;
    const uint64_t first = (uint64_t)verification->comm->rank * BLOCKS;
    double largest = 0, largest_cosine = 0;
    for (uint64_t block = 0; block < BLOCKS; block++)
        largest = fmax(largest, error_in_block(first + block));
    for (uint64_t i = 0; i < VALUES; i++)
        largest_cosine = fmax(largest_cosine, error_of_cosine(2e8 * uniform(i) * uniform(i + VALUES)));
    if (verification_breaks(verification, "shocks"))
        largest += 2e-13;
    snprintf(verification->said, sizeof verification->said,
        "largest relative error of a shock %.2g (at most %.0e), absolute of the grid's cosine %.2g (at most "
        "%.0e)",
        largest, most, largest_cosine, most_cosine);
    return largest <= most && largest_cosine <= most_cosine;
}

/* A few blocks for some periods. */
static void live(uint64_t block, double *wealth)
{
    const struct kesten_parameters model = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1};
    struct kesten_law law;
    uint64_t words[WORDS];
    double normals[NORMALS];
    kesten_law_init(&law, &model);
    for (int i = 0; i < BLOCK_SIZE; i++)
        wealth[i] = model.w0;
    for (uint64_t period = 0; period < 10; period++) {
        fill(words, 10 * block + period);
        normals_of(words, normals);
        kesten_step(&law, normals, wealth);
    }
}

/* Every level that this processor has gives the bits of the portable one. */
bool check_vector_levels(struct verification *verification)
{
    double expected[BLOCK_SIZE], wealth[BLOCK_SIZE];
    bool same = true;
    for (uint64_t block = 0; block < BLOCKS / 10; block++) {
        for (struct simd_tour tour = simd_tour(); simd_next(&tour);) {
            live(block, wealth);
            if (simd_level() == 0)
                memcpy(expected, wealth, sizeof expected);
            if (verification_breaks(verification, "vector levels"))
                expected[BLOCK_SIZE - 1] = nextafter(wealth[BLOCK_SIZE - 1], 0);
            same = same && memcmp(wealth, expected, sizeof wealth) == 0;
        }
    }
    snprintf(verification->said, sizeof verification->said, "portable to %s code, %d blocks: %s", simd_name(),
        BLOCKS / 10, same ? "the same bits" : "different bits");
    return same;
}

/* ---- sums and order --------------------------------------------------------------------------------------------- */

/* Multiples of 2^-40 below 2^20, added as integers. Each rank has values of its own. */
bool check_exact_sums(struct verification *verification)
{
    const struct comm *comm = verification->comm;
    struct exact_sum sum;
    double values[100];
    int64_t high = 0, low = 0; /* of the integers: the sum is 2^32 high + low */
    exact_sum_init(&sum);
    for (uint64_t i = 0; i < VALUES / 100; i++) {
        for (uint64_t j = 0; j < 100; j++) {
            const uint64_t integer = mixed(((uint64_t)comm->rank * VALUES + 100 * i + j)) >> 11;
            values[j] = (double)integer * 0x1p-40;
            high += (int64_t)(integer >> 32);
            low += (int64_t)(integer & UINT32_MAX);
        }
        exact_sum_add(&sum, values, 100);
    }
    if (comm->rank == 0 && verification_breaks(verification, "exact sums"))
        low++;
    exact_sum_reduce(comm->world, &sum, 1);
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, &high, 1, MPI_INT64_T, MPI_SUM, comm->world));
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, &low, 1, MPI_INT64_T, MPI_SUM, comm->world));
    struct exact_sum expected;
    const double parts[] = {(double)(high >> 20) * 0x1p12, (double)(high & 0xfffff) * 0x1p-8,
        (double)(low >> 20) * 0x1p-20, (double)(low & 0xfffff) * 0x1p-40};
    exact_sum_init(&expected);
    exact_sum_add(&expected, parts, 4);
    mpz_t a, b;
    mpz_inits(a, b, NULL);
    exact_sum_integer(&sum, a);
    exact_sum_integer(&expected, b);
    const bool same = mpz_cmp(a, b) == 0;
    mpz_clears(a, b, NULL);
    snprintf(verification->said, sizeof verification->said,
        "%d values per rank over all ranks, against sums of integers: %s", VALUES,
        same ? "equal to the last bit" : "not equal");
    return same;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* All ranks' values sorted by every rank. @return its malloc'd array */
static double *sort_all(int ranks)
{
    enum { EACH = VALUES / 10 };
    double *all = malloc((size_t)ranks * EACH * sizeof *all);
    for (int64_t i = 0; all && i < (int64_t)ranks * EACH; i++)
        all[i] = floor(1000 * uniform((uint64_t)i)) / 8; /* with many ties */
    if (all)
        qsort(all, (size_t)ranks * EACH, sizeof *all, ascending);
    return all;
}

/* Positions anywhere, ends included, of values that are spread over the ranks. */
bool check_order_statistics(struct verification *verification)
{
    enum { EACH = VALUES / 10, POSITIONS = 25 };
    const struct comm *comm = verification->comm;
    const int64_t n = (int64_t)comm->size * EACH;
    double mine[EACH], found[POSITIONS], *sorted = sort_all(comm->size);
    int64_t k[POSITIONS];
    bool same = sorted != NULL;
    for (int64_t i = 0; i < EACH; i++)
        mine[i] = floor(1000 * uniform((uint64_t)(comm->rank * EACH + i))) / 8;
    for (int i = 0; i < POSITIONS; i++)
        k[i] = (n - 1) * i / (POSITIONS - 1);
    if (order_statistics(comm->world, verification->threads, mine, EACH, k, POSITIONS, found) != WS_OK)
        same = false;
    if (verification_breaks(verification, "order statistics"))
        found[POSITIONS / 2] = nextafter(found[POSITIONS / 2], 0);
    for (int i = 0; i < POSITIONS; i++)
        same = same && found[i] == sorted[k[i]];
    free(sorted);
    snprintf(verification->said, sizeof verification->said,
        "%d positions among %lld values of all ranks, against sorting: %s", POSITIONS, (long long)n,
        same ? "all equal" : "not all equal");
    return same;
}
