/* Mobility between two distributed arrays against plain loops over a gathered copy, and to the bit against one rank with
 * one thread that has everything: run on any number of ranks. */
#include "arrays.h"
#include "core/error.h"
#include "statistics/mobility.h"
#include <gmp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank, size, failures, checks;

enum { GROUPS = 7 };
static const double probability[GROUPS - 1] = {0.2, 0.4, 0.6, 0.8, 0.9, 0.99};

struct answer {
    int64_t count[GROUPS * GROUPS];
    double correlation, rank_correlation;
};

static struct answer compute(
    MPI_Comm comm, int threads, const double *x, const double *y, int64_t n, int64_t all)
{
    struct answer answer;
    memset(&answer, 0, sizeof answer);
    struct mobility mobility = {.count = answer.count};
    double *before = malloc((size_t)n * sizeof *before + 1);
    memcpy(before, x, (size_t)n * sizeof *before);
    if (mobility_compute(comm, threads, before, y, n, all, probability, GROUPS, &mobility) != WS_OK)
        answer.count[0] = -1;
    answer.correlation = mobility.correlation;
    answer.rank_correlation = mobility.rank_correlation;
    free(before);
    return answer;
}

/* ---- the same by plain loops ------------------------------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How many of the sorted values are less, or not greater. */
static int64_t count_below(const double *sorted, int64_t n, double x, int with_equal)
{
    int64_t low = 0, high = n;
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (sorted[middle] < x || (with_equal && sorted[middle] == x))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Groups by ranks, and mid-ranks: twice what they are above their mean. */
static void rank_all(const double *x, int64_t n, double *sorted, int *group, int64_t *ranks)
{
    memcpy(sorted, x, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, compare);
    for (int64_t i = 0; i < n; i++) {
        const int64_t below = count_below(sorted, n, x[i], 0), to = count_below(sorted, n, x[i], 1);
        ranks[i] = below + 1 + to - (n + 1);
        group[i] = 0;
        while (group[i] < GROUPS - 1 && below >= (int64_t)(probability[group[i]] * (double)n))
            group[i]++;
    }
}

/* In numbers so long that nothing is rounded but a mean and the end. NaN as correlation.h says. */
static double correlation(const double *x, const double *y, int64_t n)
{
    enum { MEAN_X, MEAN_Y, XX, YY, XY, A, B, AB, NUMBERS };
    mpf_t number[NUMBERS];
    double found = NAN;
    for (int i = 0; i < NUMBERS; i++)
        mpf_init2(number[i], 9000);
    for (int64_t i = 0; i < n; i++) {
        mpf_set_d(number[A], x[i]);
        mpf_add(number[MEAN_X], number[MEAN_X], number[A]);
        mpf_set_d(number[A], y[i]);
        mpf_add(number[MEAN_Y], number[MEAN_Y], number[A]);
    }
    mpf_div_ui(number[MEAN_X], number[MEAN_X], (unsigned long)n);
    mpf_div_ui(number[MEAN_Y], number[MEAN_Y], (unsigned long)n);
    for (int64_t i = 0; i < n; i++) {
        mpf_set_d(number[A], x[i]);
        mpf_sub(number[A], number[A], number[MEAN_X]);
        mpf_set_d(number[B], y[i]);
        mpf_sub(number[B], number[B], number[MEAN_Y]);
        mpf_mul(number[AB], number[A], number[B]);
        mpf_add(number[XY], number[XY], number[AB]);
        mpf_mul(number[AB], number[A], number[A]);
        mpf_add(number[XX], number[XX], number[AB]);
        mpf_mul(number[AB], number[B], number[B]);
        mpf_add(number[YY], number[YY], number[AB]);
    }
    mpf_mul(number[AB], number[XX], number[YY]);
    mpf_sqrt(number[AB], number[AB]);
    if (mpf_sgn(number[AB]) > 0) {
        mpf_div(number[AB], number[XY], number[AB]);
        found = mpf_get_d(number[AB]);
    }
    for (int i = 0; i < NUMBERS; i++)
        mpf_clear(number[i]);
    return found;
}

/* Sums of ranks' products are small enough for integers. */
static double correlation_of_ranks(int64_t *const ranks[2], int64_t n)
{
    int64_t xx = 0, yy = 0, xy = 0;
    for (int64_t i = 0; i < n; i++) {
        xx += ranks[0][i] * ranks[0][i];
        yy += ranks[1][i] * ranks[1][i];
        xy += ranks[0][i] * ranks[1][i];
    }
    return (double)xy / (sqrt((double)xx) * sqrt((double)yy));
}

/* All equal: their mean may be rounded. */
static int has_spread(const double *x, int64_t n)
{
    for (int64_t i = 1; i < n; i++)
        if (x[i] != x[0])
            return 1;
    return 0;
}

static int has_infinities(const double *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (isinf(x[i]))
            return 1;
    return 0;
}

static int is_near(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-15;
}

/* What is not as plain loops have it; bit 0: counts, 1: correlation, 2: rank correlation. */
static int find_wrong(const struct answer *answer, const double *x, const double *y, int64_t n)
{
    double *sorted = malloc((size_t)n * sizeof *sorted);
    int64_t *ranks[2];
    int *group[2];
    const double *const of[2] = {x, y};
    int64_t count[GROUPS * GROUPS] = {0};
    for (int i = 0; i < 2; i++) {
        ranks[i] = malloc((size_t)n * sizeof *ranks[i]);
        group[i] = malloc((size_t)n * sizeof *group[i]);
        rank_all(of[i], n, sorted, group[i], ranks[i]);
    }
    for (int64_t i = 0; i < n; i++)
        count[group[0][i] * GROUPS + group[1][i]]++;
    const int is_defined = has_spread(x, n) && has_spread(y, n);
    const int is_finite = !has_infinities(x, n) && !has_infinities(y, n);
    int wrong = memcmp(count, answer->count, sizeof count) != 0;
    if (n <= 100)
        wrong |=
            2 * !is_near(answer->correlation, is_defined && is_finite ? correlation(x, y, n) : (double)NAN);
    wrong |=
        4 * !is_near(answer->rank_correlation, is_defined ? correlation_of_ranks(ranks, n) : (double)NAN);
    for (int i = 0; i < 2; i++) {
        free(ranks[i]);
        free(group[i]);
    }
    free(sorted);
    return wrong;
}

/* ---- cases -------------------------------------------------------------------------------------------------------- */

static void report(const char *what, int wrong, int array, int64_t n, int spread)
{
    checks++;
    failures += wrong != 0;
    if (wrong)
        fprintf(stderr, "rank %d of %d: %s of %s, n %lld, spread %d: wrong (%d)\n", rank, size, what,
            arrays[array].name, (long long)n, spread, wrong);
}

/* x and y, and what they are to give, are the first rank's: ranks may outnumber cores. */
static void check(int array, int turn, int64_t n, double *x, double *y)
{
    struct answer alone;
    if (rank == 0) {
        for (int64_t i = 0; i < n; i++) {
            x[i] = arrays[array].value(i);
            const double other = arrays[(array * 7 + 3) % ARRAYS].value(i + 17);
            y[i] = mix((uint64_t)i + 9) % 3 ? x[i] : other; /* some stay where they are */
        }
        alone = compute(MPI_COMM_SELF, 1, x, y, n, n);
        report("mobility", find_wrong(&alone, x, y, n), array, n, -1);
    }
    MPI_Bcast(&alone, sizeof alone, MPI_BYTE, 0, MPI_COMM_WORLD);
    MPI_Bcast(x, (int)n, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    MPI_Bcast(y, (int)n, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    for (int spread = 0; spread < SPREADS; spread++) {
        if (!spread_has_turn((enum spread)spread, size, turn))
            continue;
        const int64_t first = spread_first((enum spread)spread, n, rank, size),
                      end = spread_first((enum spread)spread, n, rank + 1, size);
        const struct answer mine =
            compute(MPI_COMM_WORLD, 1 + (array + spread + rank) % 3, x + first, y + first, end - first, n);
        report("layout", memcmp(&mine, &alone, sizeof mine) != 0, array, n, spread);
    }
}

/* Shares and Shorrocks's index of counts that are known. */
static void check_shares(void)
{
    const int64_t count[] = {3, 1, 0, 0, 2, 2, 1, 1, 2}, empty[] = {3, 1, 0, 0, 0, 0, 1, 1, 2};
    const double expected[] = {0.75, 0.25, 0, 0, 0.5, 0.5, 0.25, 0.25, 0.5};
    double share[9];
    mobility_shares(count, 3, share);
    int wrong = memcmp(share, expected, sizeof share) != 0;
    wrong += mobility_shorrocks(count, 3) != (3 - 1.75) / 2 || !isnan(mobility_shorrocks(empty, 3));
    mobility_shares(empty, 3, share);
    wrong += !isnan(share[3]) || share[0] != 0.75;
    report("shares", wrong, 0, 9, 0);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    /* The last ones need several batches, also on more than one rank. */
    const int64_t sizes[] = {1, 2, 7, 100, 1025, 9000, 70001, 200007};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    double *x = malloc((size_t)sizes[SIZES - 1] * sizeof *x);
    double *y = malloc((size_t)sizes[SIZES - 1] * sizeof *y);
    if (!x || !y)
        MPI_Abort(MPI_COMM_WORLD, 1);
    check_shares();
    for (int array = 0; array < ARRAYS; array++)
        for (int s = 0; s < (array % 8 == 3 ? SIZES : SIZES - 2); s++)
            check(array, array / 3 + s, sizes[s], x, y);
    free(x);
    free(y);
    int all = 0;
    MPI_Allreduce(&failures, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0)
        printf("mobility: %d checks on %d ranks, %d failed\n", checks, size, all);
    MPI_Finalize();
    return all != 0;
}
