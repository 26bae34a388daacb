/* Sub-populations' statistics, which come from the visit of all values, against those of each one's values alone; and to the
 * bit on all ranks, however spread. Standard errors against their formula. Run on any number of ranks. */
#include "arrays.h"
#include "statistics/standard_errors.h"
#include "statistics/statistic.h"
#include "statistics/summary.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank, size, failures, checks;
static const double probability[] = {0.5, 0.001, 0.1, 0.25, 0.333, 0.9, 0.99, 0, 1};
enum { ASKED = sizeof probability / sizeof *probability, BLOCK = 16, SIZES = 5, PARTS = 64 };

/* An array, with the label of each value. */
struct labelled {
    const char *name;
    const double *x;
    const uint8_t *label;
    int64_t n;
    int parts;
    double deviation, mean; /* standard deviation; mean */
    int is_extreme;         /* its powers leave the doubles' range: only its order is certain */
};

static void expect(
    int is_right, const struct labelled *of, int part, const char *what, double got, double expected)
{
    checks++;
    failures += !is_right;
    if (!is_right)
        fprintf(stderr, "rank %d of %d: %s, n %lld, part %d of %d: %s is %.17g, not %.17g\n", rank, size,
            of->name, (long long)of->n, part, of->parts, what, got, expected);
}

static struct summary *compute(MPI_Comm comm, int threads, const struct labelled *of, int64_t first,
    int64_t end, struct sample_sort_labels labels)
{
    struct summary *parts = summaries_create(of->parts, 0, probability, ASKED),
                   *all = summaries_create(1, 0, probability, ASKED);
    enum status status = parts && all ? WS_OK : WS_FAILED;
    const struct summary_asked asked = {
        .probability = probability, .n_probability = ASKED, .labels = labels, .parts = parts};
    if (status == WS_OK)
        status = summary_compute(comm, threads, of->x + first, end - first, of->n, &asked, all);
    expect(status == WS_OK, of, -1, "status", status, WS_OK);
    if (status != WS_OK)
        MPI_Abort(MPI_COMM_WORLD, 1);
    free(all);
    return parts;
}

static struct sample_sort_labels listed(const struct labelled *of, int64_t first)
{
    return (struct sample_sort_labels){.n = of->parts, .of = of->label + first};
}

/* How far a part's number may be off. */
static double tolerance_of(const struct labelled *of, const struct statistic *statistic, double value)
{
    const double unit = of->deviation * (double)of->n * 0x1p-58;
    const char *name = statistic->name;
    if (strcmp(name, "mean") == 0)
        return unit + 1e-14 * (fabs(value) + fabs(of->mean));
    if (strcmp(name, "variance") == 0)
        return 1e-9 * value + 1e-14 * of->mean * of->mean;
    if (statistic->is_of_total)
        return 2e-6 * fmax(1, fabs(value));
    if (strcmp(name, "hill") == 0)
        return value * (1e-11 + 1e-12 * value);
    return 0;
}

/* Of the greatest deviation the units may be too coarse for the square of a part that has none such. */
static int is_coarse(const struct labelled *of, const struct statistic *statistic, double expected)
{
    return strcmp(statistic->name, "variance") == 0 && expected < 1e-6 * of->deviation * of->deviation;
}

static void check_part(const struct labelled *of, int part, const struct summary *got)
{
    struct summary *alone = summaries_create(1, 0, probability, ASKED);
    double *x = malloc((size_t)of->n * sizeof *x);
    int64_t n = 0;
    if (!x || !alone)
        MPI_Abort(MPI_COMM_WORLD, 1);
    for (int64_t i = 0; i < of->n; i++)
        if (of->label[i] == part)
            x[n++] = of->x[i];
    expect(got->n == n, of, part, "n", (double)got->n, (double)n);
    const struct summary_asked asked = {.probability = probability, .n_probability = ASKED};
    if (n == 0 || summary_compute(MPI_COMM_SELF, 1, x, n, n, &asked, alone) != WS_OK) {
        expect(isnan(got->mean) && isnan(got->median.value), of, part, "nothing", got->mean, NAN);
        free(alone);
        free(x);
        return;
    }
    for (int k = 0; k < STATISTICS; k++)
        for (int j = 0; j < statistic_length(&summary_statistics[k], ASKED); j++) {
            const struct statistic *statistic = &summary_statistics[k];
            const double number = *statistic_number(got, statistic, j),
                         expected = *statistic_number(alone, statistic, j);
            if (!statistic->error_name) {
                expect(isnan(number), of, part, statistic->name, number, NAN);
                continue;
            }
            const int lacks = isnan(number) && statistic->is_of_total && alone->mean < 1e-3 * of->deviation;
            if (of->is_extreme && statistic->dimension != TAIL && !strstr(statistic->name, "quantile") &&
                !strstr(statistic->name, "median"))
                continue;
            if (statistic->dimension == TAIL &&
                expected > 1e10) /* what all these have in common is all that can be told */
                continue;
            const double tolerance = tolerance_of(of, statistic, expected);
            expect(lacks || is_coarse(of, statistic, expected) || (isnan(number) && isnan(expected)) ||
                       number == expected || fabs(number - expected) <= tolerance,
                of, part, statistic->name, number, expected);
        }
    free(alone);
    free(x);
}

/* Every number of each part in a row. */
static double row[PARTS * STATISTICS * ASKED];

static int fill_row(const struct labelled *of, const struct summary *parts)
{
    int n = 0;
    for (int part = 0; part < of->parts; part++)
        for (int k = 0; k < STATISTICS; k++)
            for (int j = 0; j < statistic_length(&summary_statistics[k], ASKED); j++)
                row[n++] = *statistic_number(&parts[part], &summary_statistics[k], j);
    return n;
}

static void expect_row(const struct labelled *of, const struct summary *parts)
{
    const double *expected = row;
    for (int part = 0; part < of->parts; part++)
        for (int k = 0; k < STATISTICS; k++)
            for (int j = 0; j < statistic_length(&summary_statistics[k], ASKED); j++, expected++) {
                const double got = *statistic_number(&parts[part], &summary_statistics[k], j);
                expect(memcmp(&got, expected, sizeof got) == 0 || (isnan(got) && isnan(*expected)), of, part,
                    summary_statistics[k].name, got, *expected);
            }
}

/* sqrt(Σ n_g (t_g - t)² / ((n - 1) N)), of a statistic or of a difference. */
static void check_error(const struct labelled *of, const struct summary *parts, const struct summary *minus,
    const struct summary *errors, const struct statistic *statistic, int j)
{
    long double mean = 0, spread = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int part = 0; part < of->parts; part++) {
            long double t = *statistic_number(&parts[part], statistic, j);
            if (minus)
                t -= *statistic_number(&minus[part], statistic, j);
            const long double weight = (long double)parts[part].n / (long double)of->n;
            if (pass == 0)
                mean += weight * t;
            else
                spread += weight * (t - mean) * (t - mean);
        }
    const double expected = (double)sqrtl(spread / (of->parts - 1)),
                 got = *statistic_number(errors, statistic, j);
    expect(statistic->error_name ? fabs(got - expected) <= 1e-9 * expected + 1e-14 * (double)fabsl(mean) ||
                                       (!isfinite(expected) && isnan(got))
                                 : isnan(got),
        of, -1, statistic->name, got, expected);
}

static void check_errors(const struct labelled *of, const struct summary *parts, const struct summary *minus)
{
    struct summary *errors = summaries_create(1, of->n, probability, ASKED);
    if (!errors)
        MPI_Abort(MPI_COMM_WORLD, 1);
    standard_errors(parts, minus, of->parts, errors);
    for (int k = 0; k < STATISTICS; k++)
        for (int j = 0; j < statistic_length(&summary_statistics[k], ASKED); j++)
            check_error(of, parts, minus, errors, &summary_statistics[k], j);
    free(errors);
}

static void check_layouts(const struct labelled *of, int turn)
{
    for (int spread = 0; spread < SPREADS; spread++) {
        if (!spread_has_turn((enum spread)spread, size, turn))
            continue;
        const int64_t first = spread_first((enum spread)spread, of->n, rank, size),
                      end = spread_first((enum spread)spread, of->n, rank + 1, size);
        struct summary *parts =
            compute(MPI_COMM_WORLD, 1 + (spread + rank) % 2, of, first, end, listed(of, first));
        expect_row(of, parts);
        free(parts);
    }
}

/* Labels by blocks are what they would be as a list; ranks have whole blocks then. */
static void check_blocks(const struct labelled *of)
{
    const int64_t blocks = (of->n + BLOCK - 1) / BLOCK, first = blocks * rank / size,
                  end = blocks * (rank + 1) / size;
    const int64_t last = end * BLOCK < of->n ? end * BLOCK : of->n;
    struct summary *parts = compute(MPI_COMM_WORLD, 2, of, first * BLOCK, last,
        (struct sample_sort_labels){.n = of->parts, .first_block = first, .block_size = BLOCK});
    expect_row(of, parts);
    free(parts);
}

/* On the first rank: against each part alone; the row is what all layouts are to give. */
static int check_alone(struct labelled *of)
{
    long double total = 0, squares = 0;
    for (int64_t i = 0; i < of->n; i++)
        total += of->x[i];
    of->mean = (double)(total / (long double)of->n);
    for (int64_t i = 0; i < of->n; i++) {
        const long double d = of->x[i] - total / (long double)of->n;
        squares += d * d;
    }
    of->deviation = (double)sqrtl(squares / (long double)of->n);
    const double greatest = fmax(of->deviation, fabs(of->mean));
    of->is_extreme = greatest > 0 && !(greatest > 1e-140 && greatest < 1e140);
    struct summary *alone = compute(MPI_COMM_SELF, 1, of, 0, of->n, listed(of, 0));
    for (int part = 0; part < of->parts && of->n <= 3000; part++)
        check_part(of, part, &alone[part]);
    if (!of->is_extreme)
        check_errors(of, alone, NULL);
    const int length = fill_row(of, alone);
    free(alone);
    return length;
}

static void check_array(struct labelled *of, int turn, uint8_t *label, int is_by_blocks)
{
    for (int64_t i = 0; i < of->n; i++)
        label[i] = (uint8_t)(is_by_blocks ? (uint64_t)i / BLOCK % (uint64_t)of->parts
                                          : mix((uint64_t)i) % (uint64_t)of->parts);
    int length = rank == 0 ? check_alone(of) : 0; /* ranks may outnumber cores */
    MPI_Bcast(&length, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Bcast(row, length, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    check_layouts(of, turn);
    if (is_by_blocks)
        check_blocks(of);
}

/* A population against one of the same households with a little more each: what is common does not enter. */
static void check_difference(struct labelled *of, uint8_t *label, double *more)
{
    for (int64_t i = 0; i < of->n; i++) {
        label[i] = (uint8_t)((uint64_t)i / BLOCK % (uint64_t)of->parts);
        more[i] = of->x[i] + 1 + 0.01 * uniform((uint64_t)i + 77);
    }
    struct labelled other = *of;
    other.x = more;
    struct summary *first = compute(MPI_COMM_SELF, 1, of, 0, of->n, listed(of, 0)),
                   *second = compute(MPI_COMM_SELF, 1, &other, 0, of->n, listed(of, 0));
    check_errors(of, second, first);
    struct summary *errors = summaries_create(2, of->n, probability, ASKED), *single = errors + 1;
    if (!errors)
        MPI_Abort(MPI_COMM_WORLD, 1);
    standard_errors(second, first, of->parts, errors);
    standard_errors(second, NULL, of->parts, single);
    expect(errors->mean < 0.01 * single->mean, of, -1, "error of a difference", errors->mean, single->mean);
    free(errors);
    free(first);
    free(second);
}

static int fill(double *x, int a, int64_t n)
{
    int is_finite = 1;
    for (int64_t i = 0; i < n; i++) {
        x[i] = arrays[a].value(i);
        is_finite &= isfinite(x[i]);
    }
    return is_finite;
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    const int64_t sizes[SIZES] = {1, 7, 500, 2999, 300007}; /* the last in three batches on a rank alone */
    static const int parts[SIZES] = {2, 3, 5, PARTS, 8};
    double *x = malloc((size_t)sizes[SIZES - 1] * sizeof *x),
           *more = malloc((size_t)sizes[SIZES - 1] * sizeof *x);
    uint8_t *label = malloc((size_t)sizes[SIZES - 1]);
    if (!x || !label || !more)
        MPI_Abort(MPI_COMM_WORLD, 1);
    for (int a = 0; a < ARRAYS; a++)
        for (int s = 0; s < SIZES; s++) {
            const int is_finite = fill(x, a, sizes[s]);
            struct labelled of = {
                .name = arrays[a].name, .x = x, .label = label, .n = sizes[s], .parts = parts[s]};
            if (is_finite && (s == SIZES - 2 || a % (s == SIZES - 1 ? 5 : 3) == 0)) {
                check_array(&of, a / 3 + s, label, 0);
                check_array(&of, a / 3 + s + 1, label, 1);
            }
        }
    fill(x, 0, sizes[3]);
    struct labelled of = {.name = "difference", .x = x, .label = label, .n = sizes[3], .parts = 32};
    if (rank == 0)
        check_difference(&of, label, more);
    free(x);
    free(more);
    free(label);
    int all = 0;
    MPI_Allreduce(&failures, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0)
        printf("sub-populations: %d checks on %d ranks, %d failed\n", checks, size, all);
    MPI_Finalize();
    return all != 0;
}
