/* Order statistics of values in a file: order_statistics over all ranks, and quickselect as a rival on one.
 *
 *     selection FILE THREADS REPEATS PROBABILITY...      quantiles by order_statistics
 *     selection FILE quickselect REPEATS PROBABILITY...  the same by a plain C quickselect, on a copy
 *
 * FILE holds doubles, nothing else. Rank 0 prints the seconds of each repetition on one line and the quantiles on
 * the next. What a quantile needs is what NumPy's linear interpolation takes: two neighbouring values each. */
#include "core/error.h"
#include "statistics/order.h"
#include "statistics/quantile.h"
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST = 64 };

struct part {
    double *x;
    int64_t n, n_global;
};

/* A rank's share of the file's values. */
static struct part read_part(const char *path, int rank, int size)
{
    struct stat found;
    FILE *file = fopen(path, "rb");
    ENSURE(file && fstat(fileno(file), &found) == 0);
    const int64_t n_global = found.st_size / (int64_t)sizeof(double);
    const int64_t first = n_global * rank / size, n = n_global * (rank + 1) / size - first;
    double *x = malloc((size_t)n * sizeof *x);
    ENSURE(x && fseek(file, first * (long)sizeof *x, SEEK_SET) == 0);
    ENSURE(fread(x, sizeof *x, (size_t)n, file) == (size_t)n);
    fclose(file);
    return (struct part){.x = x, .n = n, .n_global = n_global};
}

/* ---- the rival ----------------------------------------------------------------------------------------------- */

static double middle_of_three(double a, double b, double c)
{
    return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
}

/* Hoare's selection: x[k] is afterwards what it would be in a sorted array, nothing before it is greater and nothing
 * behind it less. */
static void quickselect(double *x, int64_t n, int64_t k)
{
    int64_t left = 0, right = n - 1;
    while (left < right) {
        const double pivot = middle_of_three(x[left], x[left + (right - left) / 2], x[right]);
        int64_t i = left, j = right;
        while (i <= j) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i <= j) {
                const double moved = x[i];
                x[i++] = x[j];
                x[j--] = moved;
            }
        }
        if (k <= j)
            right = j;
        else if (k >= i)
            left = i;
        else
            return;
    }
}

/* Positions ascend, so each selection leaves what the next one needs behind it. */
static void select_by_quickselect(const struct part *part, const int64_t *k, int nk, double *out)
{
    double *copy = malloc((size_t)part->n * sizeof *copy);
    ENSURE(copy);
    memcpy(copy, part->x, (size_t)part->n * sizeof *copy);
    int64_t done = 0;
    for (int i = 0; i < nk; i++) {
        quickselect(copy + done, part->n - done, k[i] - done);
        done = k[i];
        out[i] = copy[done];
    }
    free(copy);
}

/* ---- */

int main(int argc, char **argv)
{
    int rank, size, provided;
    MPI_CHECK(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided));
    MPI_CHECK(MPI_Comm_rank(MPI_COMM_WORLD, &rank));
    MPI_CHECK(MPI_Comm_size(MPI_COMM_WORLD, &size));
    ENSURE(argc > 4 && argc <= 4 + MOST);
    const int is_rival = strcmp(argv[2], "quickselect") == 0, threads = atoi(argv[2]),
              repeats = atoi(argv[3]);
    const int n_quantiles = argc - 4;
    const struct part part = read_part(argv[1], rank, size);
    ENSURE(is_rival ? size == 1 : threads >= 1);

    int64_t k[2 * MOST];
    double weight[MOST], out[2 * MOST] = {0};
    for (int i = 0; i < n_quantiles; i++)
        quantile_position(part.n_global, atof(argv[4 + i]), &k[2 * i], &k[2 * i + 1], &weight[i]);

    for (int repeat = -1; repeat < repeats; repeat++) { /* one to warm up */
        MPI_CHECK(MPI_Barrier(MPI_COMM_WORLD));
        const double start = omp_get_wtime();
        if (is_rival)
            select_by_quickselect(&part, k, 2 * n_quantiles, out);
        else
            ENSURE(
                order_statistics(MPI_COMM_WORLD, threads, part.x, part.n, k, 2 * n_quantiles, out) == WS_OK);
        MPI_CHECK(MPI_Barrier(MPI_COMM_WORLD));
        if (rank == 0 && repeat >= 0)
            printf("%.9f ", omp_get_wtime() - start);
    }
    for (int i = 0; i < n_quantiles && rank == 0; i++)
        printf("%s%.17g", i == 0 ? "\n" : " ", quantile_interpolate(out[2 * i], out[2 * i + 1], weight[i]));
    if (rank == 0)
        printf("\n");
    free(part.x);
    MPI_CHECK(MPI_Finalize());
    return 0;
}
