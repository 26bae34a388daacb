/* Every rank and thread sums over the runs that it visits; sums are added over threads and ranks at the end, and
 * only then become numbers. Sums over parts of the order, which the Lorenz curve and Hill's estimator need, are
 * kept by the segments between the asked positions. */
#include "statistics/inequality.h"
#include "statistics/inequality_block.h"
#include "statistics/key.h"
#include "statistics/rational.h"
#include "statistics/sample_sort.h"
#include "statistics/subpopulations.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

const double hill_shares[HILL_SIZES] = {0.001, 0.005, 0.01, 0.05, 0.1};

/* The sums: these, then the Lorenz segments, then Hill's. */
enum { GINI, INFLUENCE, INFLUENCE_2, INFLUENCE_D, FOURTH, SEGMENTS };

/* An ascending list of positions that cut the order into segments: segment i ends before cut[i]. */
struct cuts {
    int64_t *cut; /* [count] */
    int count;
};

struct survey {
    int threads;
    const struct inequality_asked *asked;
    struct inequality_scale scale;
    struct sample_sort_fixed fixed;
    struct cuts lorenz, hill;
    int n_sums;
    struct exact_sum *sums; /* [threads][n_sums] */
    /* Positions whose values are wanted, ascending, and their keys: 0 but on the rank that has the value. */
    struct cuts wanted;
    int64_t *key;
};

static int compare_positions(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The first cut at or after a position; cuts.count when there is none. */
static int find_cut(const struct cuts *cuts, int64_t position)
{
    int low = 0, high = cuts->count;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (cuts->cut[middle] < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void sort_cuts(struct cuts *cuts)
{
    qsort(cuts->cut, (size_t)cuts->count, sizeof *cuts->cut, compare_positions);
}

int64_t inequality_lorenz_cut(int64_t n, double p, double *fraction)
{
    const double place = (double)n * p, whole = floor(place);
    *fraction = place >= (double)n ? 0.0 : place - whole;
    return place >= (double)n ? n : (int64_t)whole;
}

int64_t inequality_hill_size(int64_t n, int i)
{
    return (int64_t)((double)n * hill_shares[i]);
}

/* Add values [n] from a global position on to the sums of the segments that they lie in. */
static void add_to_segments(
    struct exact_sum *segments, const struct cuts *cuts, const double *values, int64_t position, int64_t n)
{
    for (int segment = find_cut(cuts, position + 1); n > 0; segment++) {
        const int64_t left = segment < cuts->count ? cuts->cut[segment] - position : n;
        const int64_t here = left < n ? left : n;
        exact_sum_add(&segments[segment], values, here);
        values += here;
        position += here;
        n -= here;
    }
}

/* The same for n equal values. */
static void add_ties_to_segments(
    struct exact_sum *segments, const struct cuts *cuts, double value, int64_t position, int64_t n)
{
    struct exact_sum one;
    exact_sum_init(&one);
    exact_sum_add(&one, &value, 1);
    for (int segment = find_cut(cuts, position + 1); n > 0; segment++) {
        const int64_t left = segment < cuts->count ? cuts->cut[segment] - position : n;
        const int64_t here = left < n ? left : n;
        exact_sum_merge_weighted(&segments[segment], &one, here);
        position += here;
        n -= here;
    }
}

/* Values whose logarithms Hill's estimator needs start at its first cut; those that are zero have none. */
static void add_logs(
    const struct survey *s, struct exact_sum *hill, const double *values, int64_t position, int n)
{
    const int64_t skipped = s->hill.cut[0] > position ? s->hill.cut[0] - position : 0;
    double logs[INEQUALITY_BLOCK];
    int from = skipped < n ? (int)skipped : n;
    while (from < n && !(values[from] > 0))
        from++;
    if (from == n)
        return;
    inequality_logs(values + from, n - from, logs);
    add_to_segments(hill, &s->hill, logs, position + from, n - from);
}

static void note_wanted(struct survey *s, const struct sorted_run *run)
{
    for (int w = find_cut(&s->wanted, run->first);
         w < s->wanted.count && s->wanted.cut[w] < run->first + run->n; w++)
        s->key[w] = key_of(run->values ? run->values[s->wanted.cut[w] - run->first] : run->value);
}

static void add_terms(struct exact_sum *sums, const struct inequality_terms *t, int n)
{
    exact_sum_add(&sums[INFLUENCE], t->influence, n);
    exact_sum_add(&sums[INFLUENCE_2], t->influence_2, n);
    exact_sum_add(&sums[INFLUENCE_D], t->influence_d, n);
    exact_sum_add(&sums[FOURTH], t->fourth, n);
}

/* Equal values, as far as a run has been gone through: where those that come last begin, and what lies below them. */
struct ties {
    double value;
    int64_t first, below, sum; /* sum: of all so far */
};

/* For each of n values, where those equal to it begin and what lies below them. */
static void find_ties(struct ties *ties, struct sample_sort_fixed fixed, const double *x, int n,
    int64_t position, int64_t *group, int64_t *below)
{
    int64_t deviation[INEQUALITY_BLOCK];
    if (inequality_deviations(x, n, ties->value, fixed, deviation)) {
        for (int i = 0; i < n; i++) {
            const int is_same = x[i] == ties->value;
            group[i] = ties->first = is_same ? ties->first : position + i;
            below[i] = ties->below = is_same ? ties->below : ties->sum;
            ties->sum += deviation[i];
            ties->value = x[i];
        }
        return;
    }
    for (int i = 0; i < n; i++) {
        group[i] = position + i;
        below[i] = ties->sum;
        ties->sum += deviation[i];
    }
    ties->value = x[n - 1];
    ties->first = group[n - 1];
    ties->below = below[n - 1];
}

static void visit_values(const struct survey *s, struct exact_sum *sums, const struct sorted_run *run)
{
    struct inequality_terms terms;
    int64_t group[INEQUALITY_BLOCK], below[INEQUALITY_BLOCK];
    struct ties ties = {.value = NAN, .sum = run->sum_below};
    for (int64_t begin = 0; begin < run->n; begin += INEQUALITY_BLOCK) {
        const double *x = run->values + begin;
        const int n = run->n - begin < INEQUALITY_BLOCK ? (int)(run->n - begin) : INEQUALITY_BLOCK;
        const int64_t position = run->first + begin;
        find_ties(&ties, s->fixed, x, n, position, group, below);
        inequality_fill(&s->scale, x, n, position, group, below, &terms);
        exact_sum_add_products(&sums[GINI], terms.weight, x, n);
        add_terms(sums, &terms, n);
        add_to_segments(sums + SEGMENTS, &s->lorenz, x, position, n);
        if (position + n > s->hill.cut[0])
            add_logs(s, sums + SEGMENTS + s->lorenz.count + 1, x, position, n);
    }
}

/* Many equal values: each term once, times their number. */
static void visit_ties(const struct survey *s, struct exact_sum *sums, const struct sorted_run *run)
{
    struct inequality_terms terms;
    struct exact_sum once[SEGMENTS], values;
    for (int i = 0; i < SEGMENTS; i++)
        exact_sum_init(&once[i]);
    inequality_fill(&s->scale, &run->value, 1, run->first, &run->first, &run->sum_below, &terms);
    add_terms(once, &terms, 1);
    for (int i = INFLUENCE; i < SEGMENTS; i++)
        exact_sum_merge_weighted(&sums[i], &once[i], run->n);

    /* Gini's weights add up to n times the middle one. */
    exact_sum_init(&values);
    exact_sum_add(&once[GINI], &run->value, 1);
    exact_sum_merge_weighted(&values, &once[GINI], run->n);
    exact_sum_merge_weighted(&sums[GINI], &values, 2 * run->first + run->n - s->scale.n);

    add_ties_to_segments(sums + SEGMENTS, &s->lorenz, run->value, run->first, run->n);
    const int64_t end = run->first + run->n,
                  first = run->first > s->hill.cut[0] ? run->first : s->hill.cut[0];
    if (end > first && run->value > 0) {
        double log = 0.0;
        inequality_logs(&run->value, 1, &log);
        add_ties_to_segments(sums + SEGMENTS + s->lorenz.count + 1, &s->hill, log, first, end - first);
    }
}

static void visit(void *context, int thread, const struct sorted_run *run)
{
    struct survey *s = context;
    struct exact_sum *sums = s->sums + (int64_t)thread * s->n_sums;
    note_wanted(s, run);
    if (run->values)
        visit_values(s, sums, run);
    else
        visit_ties(s, sums, run);
    if (s->asked->parts)
        subpopulations_visit(s->asked->parts, thread, run);
}

static double order_value(const struct survey *s, int64_t position)
{
    return key_value(s->key[find_cut(&s->wanted, position)]);
}

/* A ratio to the total, or to a multiple of it. Values of which none is negative and whose total is zero are all zero;
 * others with such a total have no ratio to it. */
static double ratio(const mpz_t numerator, const mpz_t total, double of_zeros)
{
    return mpz_sgn(total) > 0 ? rational_round(numerator, total, 0) : of_zeros;
}

static void read_lorenz(const struct survey *s, const mpz_t total, bool has_zeros_alone)
{
    mpz_t below;
    mpz_init(below);
    for (int i = 0; i < s->asked->n_probability; i++) {
        const double p = s->asked->probability[i];
        double fraction = 0.0;
        const int64_t cut = inequality_lorenz_cut(s->scale.n, p, &fraction);
        struct exact_sum sum;
        exact_sum_init(&sum);
        for (int segment = 0; segment <= find_cut(&s->lorenz, cut); segment++)
            exact_sum_merge(&sum, &s->sums[SEGMENTS + segment]);
        if (fraction > 0) {
            const double next = order_value(s, cut);
            exact_sum_add_products(&sum, &next, &fraction, 1);
        }
        exact_sum_integer(&sum, below);
        s->asked->lorenz[i] = ratio(below, total, has_zeros_alone ? p : NAN);
        mpz_sub(below, total, below);
        s->asked->share_top[i] = ratio(below, total, has_zeros_alone ? 1 - p : NAN);
    }
    mpz_clear(below);
}

static void read_hill(const struct survey *s, struct hill *hill)
{
    const struct exact_sum *segments = s->sums + SEGMENTS + s->lorenz.count + 1;
    for (int i = 0; i < HILL_SIZES; i++) {
        const int64_t n = s->scale.n, k = inequality_hill_size(n, i);
        hill[i] = (struct hill){.k = k, .index = NAN, .error = NAN};
        if (k < 2 || k >= n)
            continue;
        const double threshold = order_value(s, n - k - 1);
        if (!(threshold > 0))
            continue;
        double log = 0.0;
        inequality_logs(&threshold, 1, &log);
        struct exact_sum sum, one;
        exact_sum_init(&sum);
        exact_sum_init(&one);
        for (int segment = find_cut(&s->hill, n - k) + 1; segment <= s->hill.count; segment++)
            exact_sum_merge(&sum, &segments[segment]);
        exact_sum_add(&one, &log, 1);
        exact_sum_merge_weighted(&sum, &one, -k);
        const double mean_log = exact_sum_mean(&sum, k);
        if (mean_log > 0) {
            hill[i].index = 1 / mean_log;
            hill[i].error = hill[i].index / sqrt((double)k);
        }
    }
}

static double or_nan(double error)
{
    return isfinite(error) ? error : NAN;
}

/* The standard error of a mean of n terms with this variance, which rounding may have made negative, times 2^scale; NaN
 * where that is no double. */
static double standard_error(double variance, double n, int scale)
{
    return or_nan(ldexp(sqrt(fmax(variance, 0) / n), scale));
}

/* Var G = Σ (Z_i - mean Z)² / (n mean)² with Z = a - (G + 1) d up to a constant; Σ d is 0 up to rounding. All terms are of
 * wealth times 2^scale. */
static void read_errors(const struct survey *s, const struct moments *moments, struct inequality *out)
{
    const double n = (double)moments->n, g = out->gini + 1;
    const double a = exact_sum_mean(&s->sums[INFLUENCE], moments->n),
                 aa = exact_sum_mean(&s->sums[INFLUENCE_2], moments->n),
                 ad = exact_sum_mean(&s->sums[INFLUENCE_D], moments->n),
                 fourth = exact_sum_mean(&s->sums[FOURTH], moments->n);
    const double variance = moments->scaled_variance, mean = ldexp(moments->mean, moments->scale);
    const double z = aa - a * a - 2 * g * ad + g * g * variance;
    out->mean_error = standard_error(variance, n, -moments->scale);
    out->gini_error = isnan(out->gini) ? NAN : mean > 0 ? or_nan(standard_error(z, n, 0) / mean) : 0.0;
    out->variance_error = standard_error(fourth - variance * variance, n, -2 * moments->scale);
}

static void read_results(const struct survey *s, const struct moments *moments, struct inequality *out)
{
    const bool has_zeros_alone = moments->minimum == 0 && moments->maximum == 0;
    mpz_t total, numerator, denominator;
    mpz_inits(total, numerator, NULL);
    mpz_init_set_si(denominator, s->scale.n);
    exact_sum_integer(&moments->values, total);
    exact_sum_integer(&s->sums[GINI], numerator);
    mpz_mul(denominator, denominator, total);
    out->gini = ratio(numerator, denominator, has_zeros_alone ? 0 : NAN);
    read_lorenz(s, total, has_zeros_alone);
    mpz_clears(total, numerator, denominator, NULL);

    read_errors(s, moments, out);
    read_hill(s, out->hill);
    for (int i = 0; i < s->asked->n_position; i++)
        s->asked->order[i] = order_value(s, s->asked->position[i]);
}

/* Absolute deviations from the mean, as it is rounded, add up to less than 2^(exponent + 1): of values >= 0 they are at most
 * 2 n mean; of any values, by Cauchy and Schwarz, n times the standard deviation and what rounding has changed. */
static int deviations_exponent(const struct moments *moments)
{
    const int scale = moments->scale;
    int exponent_n = 0, exponent = 0;
    frexp((double)moments->n, &exponent_n);
    if (moments->minimum >= 0) {
        frexp(moments->mean, &exponent);
    } else {
        frexp(sqrt(moments->scaled_variance) + ldexp(fabs(moments->mean), scale - 52), &exponent);
        exponent -= scale;
    }
    return exponent + exponent_n < -960 ? -960 : exponent + exponent_n;
}

static enum status prepare(struct survey *s, const struct moments *moments)
{
    const struct inequality_asked *asked = s->asked;
    const int64_t n = moments->n;
    const size_t n_lorenz = (size_t)asked->n_probability, n_position = (size_t)asked->n_position;
    s->n_sums = SEGMENTS + asked->n_probability + 1 + HILL_SIZES + 1;
    const size_t bytes = (size_t)s->threads * (size_t)s->n_sums * sizeof *s->sums;
    s->sums = calloc(1, bytes);
    s->lorenz.cut = malloc((n_lorenz + 1) * sizeof(int64_t));
    s->hill.cut = malloc(HILL_SIZES * sizeof(int64_t));
    s->wanted.cut = malloc((n_lorenz + n_position + HILL_SIZES + 1) * sizeof(int64_t));
    s->key = calloc(n_lorenz + n_position + HILL_SIZES + 1, sizeof *s->key);
    if (!s->sums || !s->lorenz.cut || !s->hill.cut || !s->wanted.cut || !s->key)
        return error_memory(bytes, "inequality");

    for (int i = 0; i < asked->n_probability; i++) {
        double fraction = 0.0;
        const int64_t cut = inequality_lorenz_cut(n, asked->probability[i], &fraction);
        s->lorenz.cut[s->lorenz.count++] = cut;
        if (cut < n)
            s->wanted.cut[s->wanted.count++] = cut;
    }
    for (int i = 0; i < HILL_SIZES; i++) {
        const int64_t k = inequality_hill_size(n, i);
        s->hill.cut[s->hill.count++] = n - k;
        if (k < n)
            s->wanted.cut[s->wanted.count++] = n - k - 1;
    }
    for (int i = 0; i < asked->n_position; i++)
        s->wanted.cut[s->wanted.count++] = asked->position[i];
    sort_cuts(&s->lorenz);
    sort_cuts(&s->hill);
    sort_cuts(&s->wanted);

    const int exponent = deviations_exponent(moments);
    s->fixed = (struct sample_sort_fixed){
        .scale = ldexp(1, 60 - exponent), .centre = ldexp(moments->mean, 60 - exponent)};
    s->scale = (struct inequality_scale){.factor = ldexp(1, moments->scale),
        .centre = ldexp(moments->mean, moments->scale),
        .unit = ldexp(1, exponent + moments->scale - 60),
        .reciprocal = 1 / (double)n,
        .n = n};
    return WS_OK;
}

int64_t inequality_bytes(int64_t n_global, int size, int threads, int n_probability, int n_parts)
{
    const int64_t n_sums = SEGMENTS + n_probability + 1 + HILL_SIZES + 1;
    return threads * n_sums * (int64_t)sizeof(struct exact_sum) +
           sample_sort_bytes(n_global, size, threads, n_parts) +
           (n_parts > 0 ? subpopulations_bytes(n_parts, threads, n_probability - SUMMARY_SHARES) : 0);
}

enum status inequality_compute(MPI_Comm comm, int threads, const struct sample_sort_array *array,
    const struct moments *moments, const struct inequality_asked *asked, struct inequality *inequality)
{
    struct survey s = {.threads = threads, .asked = asked};
    enum status status = error_agree(comm, prepare(&s, moments));
    if (status == WS_OK && asked->parts)
        subpopulations_begin(asked->parts, comm, array, moments, s.fixed);
    if (status == WS_OK)
        status = sample_sort_visit(comm, threads, array, s.fixed, visit, &s);
    if (status == WS_OK) {
        for (int t = 1; t < threads; t++)
            for (int i = 0; i < s.n_sums; i++)
                exact_sum_merge(&s.sums[i], &s.sums[(int64_t)t * s.n_sums + i]);
        exact_sum_reduce(comm, s.sums, s.n_sums);
        MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, s.key, s.wanted.count, MPI_INT64_T, MPI_SUM, comm));
        read_results(&s, moments, inequality);
    }
    free(s.sums);
    free(s.lorenz.cut);
    free(s.hill.cut);
    free(s.wanted.cut);
    free(s.key);
    return status;
}
