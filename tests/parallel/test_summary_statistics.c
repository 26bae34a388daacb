/* Whole summaries of distributed arrays: on one rank against brute force, in GMP's rationals where the result is
 * exact; on all ranks, however spread, against the one rank's bits. Run on any number of ranks, one among them: only
 * then brute force is asked, for which other ranks would wait. */
#include "arrays.h"
#include "statistics/rational.h"
#include "statistics/summary.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank, size, failures, checks;
static const double probability[] = {0.5, 0.001, 0.1, 0.25, 0.333, 0.9, 0.99, 0, 1};
enum { ASKED = sizeof probability / sizeof *probability };

static void expect(int is_right, const char *array, int64_t n, const char *what, double got, double expected)
{
    checks++;
    failures += !is_right;
    if (!is_right)
        fprintf(stderr, "rank %d of %d: %s, n %lld: %s is %.17g, not %.17g\n", rank, size, array,
            (long long)n, what, got, expected);
}

static void expect_same(const char *array, int64_t n, const char *what, double got, double expected)
{
    expect(memcmp(&got, &expected, sizeof got) == 0, array, n, what, got, expected);
}

static void expect_near(
    const char *array, int64_t n, const char *what, double got, double expected, double tolerance)
{
    expect(
        fabs(got - expected) <= tolerance || (isnan(got) && isnan(expected)), array, n, what, got, expected);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double rounded(mpq_t x)
{
    mpq_canonicalize(x);
    return rational_round(mpq_numref(x), mpq_denref(x), 0);
}

/* Gini's coefficient and the Lorenz curve, from their definitions. x is sorted. */
static void check_rationals(const char *array, const double *x, int64_t n, const struct summary *s)
{
    mpq_t total, gini, term, weight;
    mpq_inits(total, gini, term, weight, NULL);
    for (int64_t i = 0; i < n; i++) {
        mpq_set_d(term, x[i]);
        mpq_add(total, total, term);
        mpq_set_si(weight, 2 * i + 1 - n, 1);
        mpq_mul(term, term, weight);
        mpq_add(gini, gini, term);
    }
    const int is_zero = mpq_sgn(total) == 0 && x[0] == 0; /* x is sorted: all are */
    if (mpq_sgn(total) <= 0 && !is_zero) {
        expect(isnan(s->gini) && isnan(s->gini_error), array, n, "gini without a total", s->gini, NAN);
        for (int i = 0; i < ASKED + SUMMARY_SHARES; i++) {
            const double share = i < SUMMARY_SHARES ? s->share[i] : s->lorenz[i - SUMMARY_SHARES];
            expect(isnan(share), array, n, "a share without a total", share, NAN);
        }
        mpq_clears(total, gini, term, weight, NULL);
        return;
    }
    mpq_set_si(weight, n, 1);
    mpq_mul(weight, weight, total);
    if (!is_zero)
        mpq_div(gini, gini, weight);
    expect_same(array, n, "gini", s->gini, is_zero ? 0 : rounded(gini));

    for (int p = 0; p < ASKED; p++) {
        double place = (double)n * probability[p];
        mpq_set_ui(gini, 0, 1);
        for (int64_t i = 0; i < n && place > 0; i++, place -= 1) {
            mpq_set_d(term, x[i]);
            mpq_set_d(weight, place < 1 ? place : 1);
            mpq_mul(term, term, weight);
            mpq_add(gini, gini, term);
        }
        if (!is_zero)
            mpq_div(gini, gini, total);
        expect_same(array, n, "lorenz", s->lorenz[p], is_zero ? probability[p] : rounded(gini));
        mpq_set_ui(weight, 1, 1);
        mpq_sub(gini, weight, gini);
        expect_same(array, n, "share_top", s->share_top[p], is_zero ? 1 - probability[p] : rounded(gini));
    }
    mpq_clears(total, gini, term, weight, NULL);
}

/* Standard errors and Hill's estimator from their formulas, in long double. x is sorted. */
static void check_formulas(const char *array, const double *x, int64_t n, const struct summary *s)
{
    const long double count = (long double)n, g = s->gini;
    long double above = 0; /* the mean, above the least value */
    for (int64_t i = 0; i < n; i++)
        above += ((long double)x[i] - x[0]) / count;
    const long double mean = above + x[0];
    long double second = 0, fourth = 0, z_sum = 0, z2_sum = 0;
    for (int pass = 0; pass < 2; pass++) {
        long double below = 0;
        for (int64_t i = 0; i < n; i++) {
            const long double d = (long double)x[i] - x[0] - above;
            below += x[i];
            /* Of equal values all orders are as good: their mean sum is what they are given here. */
            int64_t first = i, last = i;
            while (first > 0 && x[first - 1] == x[i])
                first--;
            const long double rank_term = (2 * (long double)first + 1) / count * x[i] -
                                          2 / count * (below - (long double)(last - first) * x[i]);
            const long double z = -(g + 1) * x[i] + rank_term;
            if (pass == 0) {
                second += d * d;
                fourth += d * d * d * d;
                z_sum += z;
            } else {
                z2_sum += (z - z_sum / count) * (z - z_sum / count);
            }
        }
    }
    const long double variance = second / count;
    const double mean_error = (double)sqrtl(variance / count),
                 gini_error = isnan(s->gini) ? NAN
                              : mean > 0     ? (double)(sqrtl(z2_sum) / (count * mean))
                                             : 0,
                 variance_error = (double)sqrtl(fmaxl(fourth / count - variance * variance, 0) / count);
    expect_near(array, n, "mean_error", s->mean_error, mean_error, 1e-9 * mean_error);
    expect_near(array, n, "gini_error", s->gini_error, gini_error, 1e-6 * gini_error + 1e-9);
    /* Terms are about the mean as a double, which may be off by half of its last place. */
    const double centre_error = variance > 0 ? (double)(fabsl(mean) * 0x1p-50L / sqrtl(variance)) : 0;
    expect_near(array, n, "variance_error", s->variance_error, variance_error,
        (1e-6 + centre_error) * (variance_error + (double)(variance / count)));

    for (int i = 0; i < HILL_SIZES; i++) {
        const int64_t k = s->hill[i].k;
        long double sum = 0;
        for (int64_t j = n - k; j < n && k < n && x[n - k - 1] > 0; j++)
            sum += logl(x[j]) - logl(x[n - k - 1]);
        const double index = k >= 2 && sum > 0 ? (double)((long double)k / sum) : NAN;
        /* Logarithms are good to 2^-52, and what is left of them after the threshold's is 1 / index. */
        const double log_error = k >= 2 && k < n ? fabs(log(x[n - k - 1])) * 0x1p-51 : 0;
        expect_near(array, n, "hill", s->hill[i].index, index, index * (1e-13 + log_error * index));
    }
}

static struct summary *create(void)
{
    struct summary *s = summaries_create(1, 0, probability, ASKED);
    if (!s)
        MPI_Abort(MPI_COMM_WORLD, 1);
    return s;
}

static enum status compute(
    MPI_Comm comm, int threads, const double *x, int64_t n, int64_t n_global, struct summary *s)
{
    return summary_compute(comm, threads, x, n, n_global,
        &(struct summary_asked){.probability = probability, .n_probability = ASKED}, s);
}

/* Every number of a summary in a row. */
enum { ROW = 100 };
static int row_of(const struct summary *s, double *row)
{
    int n = 0;
    const double alone[] = {s->mean, s->variance, s->minimum, s->maximum, s->mean_error, s->variance_error,
        s->gini, s->gini_error, s->median.value, s->median.low, s->median.high};
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
        row[n++] = alone[i];
    for (int i = 0; i < SUMMARY_SHARES; i++)
        row[n++] = s->share[i];
    for (int i = 0; i < HILL_SIZES; i++) {
        row[n++] = s->hill[i].index;
        row[n++] = s->hill[i].error;
    }
    for (int i = 0; i < ASKED; i++) {
        row[n++] = s->quantiles[i].value;
        row[n++] = s->quantiles[i].low;
        row[n++] = s->quantiles[i].high;
        row[n++] = s->lorenz[i];
        row[n++] = s->share_top[i];
    }
    return n;
}

/* x and its summary alone are the first rank's, which is the only one to compute them: ranks may outnumber cores. */
static void check_layouts(const char *array, int turn, double *x, int64_t n, const struct summary *alone)
{
    double expected[ROW], got[ROW];
    int length = rank == 0 ? row_of(alone, expected) : 0;
    MPI_Bcast(&length, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Bcast(expected, length, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    MPI_Bcast(x, (int)n, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    for (int spread = 0; spread < SPREADS; spread++) {
        if (!spread_has_turn((enum spread)spread, size, turn))
            continue;
        const int64_t first = spread_first((enum spread)spread, n, rank, size),
                      end = spread_first((enum spread)spread, n, rank + 1, size);
        const int threads = 1 + (spread + rank) % 3;
        struct summary *s = create();
        const enum status status = compute(MPI_COMM_WORLD, threads, x + first, end - first, n, s);
        expect(status == WS_OK, array, n, "status", status, WS_OK);
        row_of(s, got);
        for (int i = 0; i < length; i++)
            if (!(isnan(got[i]) && isnan(expected[i])))
                expect_same(array, n, "a number on many ranks", got[i], expected[i]);
        free(s);
    }
}

/* On the first rank: x and its summary, against brute force. */
static void check_alone(const char *name, double (*value)(int64_t i), double *x, int64_t n, struct summary *s)
{
    int is_finite = 1;
    for (int64_t i = 0; i < n; i++) {
        x[i] = value(i);
        is_finite &= isfinite(x[i]);
    }
    expect(compute(MPI_COMM_SELF, 1, x, n, n, s) == WS_OK, name, n, "status", 1, 0);
    expect(is_finite || isnan(s->gini), name, n, "gini", s->gini, NAN);
    if (is_finite && n <= 3000 && size == 1) {
        double *sorted = malloc((size_t)n * sizeof *sorted);
        if (!sorted)
            MPI_Abort(MPI_COMM_WORLD, 1);
        memcpy(sorted, x, (size_t)n * sizeof *sorted);
        qsort(sorted, (size_t)n, sizeof *sorted, compare);
        check_rationals(name, sorted, n, s);
        const double most = fmax(sorted[n - 1], -sorted[0]);
        if (most == 0 || (most > 1e-140 && most < 1e140)) /* squares in range */
            check_formulas(name, sorted, n, s);
        free(sorted);
    }
}

static void check_array(const char *name, double (*value)(int64_t i), int turn, double *x, int64_t n)
{
    struct summary *s = create();
    if (rank == 0)
        check_alone(name, value, x, n, s);
    check_layouts(name, turn, x, n, s);
    free(s);
}

/* Closed forms, from n evenly spread quantiles of each distribution. */
static void check_closed_form(
    const char *name, double (*quantile)(double p), double gini, double tail, double *x)
{
    const int64_t n = 200000;
    struct summary *s = create();
    if (rank == 0) {
        for (int64_t i = 0; i < n; i++) /* not in order: 7919 has no factor in common with n */
            x[i * 7919 % n] = quantile(((double)i + 0.5) / (double)n);
        compute(MPI_COMM_SELF, 2, x, n, n, s);
        expect_near(name, n, "closed form of gini", s->gini, gini, 2e-4);
        if (tail > 0)
            expect_near(name, n, "tail index", s->hill[4].index, tail, 0.01);
    }
    check_layouts(name, EVEN, x, n, s);
    free(s);
}

static double pareto(double p)
{
    return pow(1 - p, -1 / 3.0);
}
static double weibull(double p)
{
    return pow(-log1p(-p), 1 / 1.5);
}
static double exponential(double p)
{
    return -log1p(-p);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    /* Up to where a rank alone sorts in three batches. */
    const int64_t sizes[] = {1, 2, 7, 1000, 2999, 300007};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    double *x = malloc((size_t)sizes[SIZES - 1] * sizeof *x);
    if (!x)
        MPI_Abort(MPI_COMM_WORLD, 1);
    for (int a = 0; a < ARRAYS; a++)
        for (int s = 0; s < SIZES; s++)
            check_array(arrays[a].name, arrays[a].value, a / 3 + s, x, sizes[s]);
    check_closed_form("pareto", pareto, 1 / (2 * 3.0 - 1), 3, x);
    check_closed_form("weibull", weibull, 1 - exp2(-1 / 1.5), 0, x);
    check_closed_form("exponential", exponential, 0.5, 0, x);
    free(x);
    int all = 0;
    MPI_Allreduce(&failures, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0)
        printf("summary: %d checks on %d ranks, %d failed\n", checks, size, all);
    MPI_Finalize();
    return all != 0;
}
