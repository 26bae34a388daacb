/* Order statistics of distributed arrays against a sorted copy on every rank: run on any number of ranks. */
#include "arrays.h"
#include "core/error.h"
#include "statistics/order.h"
#include "statistics/quantile.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank, size, failures, checks;

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void check(
    int array, int64_t n, enum spread spread, int threads, const double *x, const double *sorted)
{
    const double probability[] = {0.5, 0, 1, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.333};
    enum { ASKED = sizeof probability / sizeof *probability, MORE = 40 };
    int64_t k[ASKED + MORE];
    double out[ASKED + MORE];
    for (int i = 0; i < ASKED; i++)
        k[i] = (int64_t)(probability[i] * (double)(n - 1));
    for (int i = 0; i < MORE; i++)
        k[ASKED + i] = (int64_t)(mix((uint64_t)i) % (uint64_t)n);

    const int64_t first = spread_first(spread, n, rank, size), end = spread_first(spread, n, rank + 1, size);
    /* Of many ranks, each call of which takes long, the numbers of positions take turns. */
    const int counts[] = {1, ASKED, ASKED + MORE}, step = size > 8 ? 3 : 1;
    for (int c = step == 1 ? 0 : (array + threads) % 3; c < 3; c += step) {
        memset(out, -1, sizeof out);
        const enum status status =
            order_statistics(MPI_COMM_WORLD, threads, x + first, end - first, k, counts[c], out);
        int wrong = status != WS_OK;
        for (int i = 0; i < counts[c]; i++)
            wrong += !(out[i] == sorted[k[i]]) || signbit(out[i]) != signbit(sorted[k[i]] + 0.0);
        checks++;
        failures += wrong != 0;
        if (wrong)
            fprintf(stderr, "rank %d of %d: %s, n %lld, spread %d, %d threads, %d positions: %d wrong\n",
                rank, size, arrays[array].name, (long long)n, (int)spread, threads, counts[c], wrong);
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
    const int64_t sizes[] = {1, 2, 3, 16, 1023, 1024, 1025, 2049, 30000, 60013};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    double *x = malloc((size_t)sizes[SIZES - 1] * sizeof *x);
    double *sorted = malloc((size_t)sizes[SIZES - 1] * sizeof *sorted);
    if (!x || !sorted)
        MPI_Abort(MPI_COMM_WORLD, 1);
    for (int array = 0; array < ARRAYS; array++)
        for (int s = 0; s < SIZES; s++) {
            if (rank == 0) { /* ranks may outnumber cores */
                for (int64_t i = 0; i < sizes[s]; i++)
                    sorted[i] = x[i] = arrays[array].value(i);
                qsort(sorted, (size_t)sizes[s], sizeof *sorted, compare);
            }
            MPI_Bcast(x, (int)sizes[s], MPI_DOUBLE, 0, MPI_COMM_WORLD);
            MPI_Bcast(sorted, (int)sizes[s], MPI_DOUBLE, 0, MPI_COMM_WORLD);
            for (int spread = 0; spread < SPREADS; spread++)
                if (spread_has_turn((enum spread)spread, size, array / 3 + s))
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
