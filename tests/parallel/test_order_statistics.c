/* Order statistics of distributed arrays against a sorted copy on every rank: run on any number of ranks. */
#include "runtime/error.h"
#include "statistics/order.h"
#include "statistics/quantile.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank, size, failures, checks;

static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* The i-th uniform number of [0, 1). */
static double uniform(uint64_t i)
{
    return ldexp((double)(mix(i) >> 11), -53);
}

static double smooth(int64_t i)
{
    return exp(2 * uniform((uint64_t)i) + uniform((uint64_t)i + 1000000000));
}
static double equal(int64_t i)
{
    (void)i;
    return 2.5;
}
static double zeros_of_both_signs(int64_t i)
{
    return i % 2 ? -0.0 : 0.0;
}
static double mostly_zero(int64_t i)
{
    return uniform((uint64_t)i) < 0.4 ? 0.0 : smooth(i);
}
static double few_values(int64_t i)
{
    return (double)(mix((uint64_t)i) % 5);
}
static double any_exponent(int64_t i)
{
    return ldexp(1 + uniform((uint64_t)i), (int)(mix((uint64_t)i + 7) % 2000) - 1000);
}
static double any_sign(int64_t i)
{
    return (mix((uint64_t)i + 3) & 1) ? -any_exponent(i) : any_exponent(i);
}
static double subnormal(int64_t i)
{
    return (double)(mix((uint64_t)i) % 100000) * 4.9e-324;
}
static double with_infinities(int64_t i)
{
    return i % 3 == 0 ? INFINITY : i % 17 == 0 ? DBL_MAX : smooth(i);
}
static double ascending(int64_t i)
{
    return (double)i;
}
/* Dense where the even sample of positions does not look. */
static double spike(int64_t i)
{
    return i % 2 ? 1 + uniform((uint64_t)i) * 1e-13 : uniform((uint64_t)i);
}
static double last_bits(int64_t i)
{
    return 1 + (double)(mix((uint64_t)i) % 8192) * DBL_EPSILON;
}

static const struct {
    const char *name;
    double (*value)(int64_t i);
} arrays[] = {{"smooth", smooth}, {"equal", equal}, {"zeros_of_both_signs", zeros_of_both_signs},
    {"mostly_zero", mostly_zero}, {"few_values", few_values}, {"any_exponent", any_exponent},
    {"any_sign", any_sign}, {"subnormal", subnormal}, {"with_infinities", with_infinities},
    {"ascending", ascending}, {"spike", spike}, {"last_bits", last_bits}};

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How values are spread over ranks. */
enum spread { EVEN, ALL_ON_LAST, MOST_ON_FIRST, SPREADS };

static int64_t first_of(enum spread spread, int64_t n, int r)
{
    if (r >= size)
        return n;
    switch (spread) {
    case ALL_ON_LAST:
        return 0;
    case MOST_ON_FIRST:
        return r == 0 ? 0 : n - (size - r < n ? size - r : n - 1);
    default:
        return n / size * r + (n % size < r ? n % size : r);
    }
}

static void check(int array, int64_t n, enum spread spread, int threads, const double *x, const double *sorted)
{
    const double probability[] = {0.5, 0, 1, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.333};
    enum { ASKED = sizeof probability / sizeof *probability, MORE = 40 };
    int64_t k[ASKED + MORE];
    double out[ASKED + MORE];
    for (int i = 0; i < ASKED; i++)
        k[i] = (int64_t)(probability[i] * (double)(n - 1));
    for (int i = 0; i < MORE; i++)
        k[ASKED + i] = (int64_t)(mix((uint64_t)i) % (uint64_t)n);

    const int64_t first = spread == ALL_ON_LAST && rank < size - 1 ? 0 : first_of(spread, n, rank);
    const int64_t end = spread == ALL_ON_LAST && rank < size - 1 ? 0 : first_of(spread, n, rank + 1);
    const int counts[] = {1, ASKED, ASKED + MORE};
    for (int c = 0; c < 3; c++) {
        memset(out, -1, sizeof out);
        const enum status status =
            order_statistics(MPI_COMM_WORLD, threads, x + first, end - first, k, counts[c], out);
        int wrong = status != WS_OK;
        for (int i = 0; i < counts[c]; i++)
            wrong += !(out[i] == sorted[k[i]]) || signbit(out[i]) != signbit(sorted[k[i]] + 0.0);
        checks++;
        failures += wrong != 0;
        if (wrong)
            fprintf(stderr, "rank %d of %d: %s, n %lld, spread %d, %d threads, %d positions: %d wrong\n", rank,
                size, arrays[array].name, (long long)n, (int)spread, threads, counts[c], wrong);
    }
    struct quantile q[ASKED];
    for (int i = 0; i < ASKED; i++)
        q[i].probability = probability[i];
    int wrong = quantile_compute(MPI_COMM_WORLD, threads, x + first, end - first, n, q, ASKED) != WS_OK;
    for (int i = 0; i < ASKED; i++) {
        int64_t below = 0, above = 0, low = 0, high = 0;
        double weight = 0;
        quantile_position(n, probability[i], &below, &above, &weight);
        quantile_interval(n, probability[i], &low, &high);
        wrong += !(q[i].value == quantile_interpolate(sorted[below], sorted[above], weight)) ||
                 !(q[i].low == sorted[low]) || !(q[i].high == sorted[high]);
    }
    checks++;
    failures += wrong != 0;
    if (wrong)
        fprintf(stderr, "rank %d of %d: quantiles of %s, n %lld, spread %d: %d wrong\n", rank, size,
            arrays[array].name, (long long)n, (int)spread, wrong);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    /* Around the sample's size, blocks' sizes, and above: the last ones need every step of the search. */
    const int64_t sizes[] = {1, 2, 3, 16, 1023, 1024, 1025, 2049, 30000, 300007};
    enum { ARRAYS = sizeof arrays / sizeof *arrays, SIZES = sizeof sizes / sizeof *sizes };
    double *x = malloc((size_t)sizes[SIZES - 1] * sizeof *x);
    double *sorted = malloc((size_t)sizes[SIZES - 1] * sizeof *sorted);
    if (!x || !sorted)
        MPI_Abort(MPI_COMM_WORLD, 1);
    for (int array = 0; array < ARRAYS; array++)
        for (int s = 0; s < SIZES; s++) {
            for (int64_t i = 0; i < sizes[s]; i++)
                sorted[i] = x[i] = arrays[array].value(i);
            qsort(sorted, (size_t)sizes[s], sizeof *sorted, compare);
            for (int spread = 0; spread < SPREADS; spread++)
                check(array, sizes[s], (enum spread)spread, 1 + (s + spread) % 3, x, sorted);
        }
    free(x);
    free(sorted);
    int all = 0;
    MPI_Allreduce(&failures, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0)
        printf("order_statistics: %d checks on %d ranks, %d failed\n", checks, size, all);
    MPI_Finalize();
    return all != 0;
}
