/* Each thread goes through its runs value by value and keeps, for each sub-population, the rank that the next value has in
 * it and the sums so far. Ranks at which something is asked for, the events, are listed beforehand; what the sums have
 * grown by is put away there. Sums are integers: of deviations from the mean, as the sort counts them; of the same times
 * rank; of their squares; of the logarithms of the greatest values. So no order of adding them matters. */
#include "statistics/subpopulations.h"
#include "statistics/inequality_block.h"
#include "statistics/key.h"
#include "statistics/subpopulations_survey.h"
#include <math.h>
#include <stdlib.h>

/* What a thread knows of a sub-population. */
struct survey_lane {
    int64_t rank, next; /* of the next value, and of the next event */
    int64_t sum, square;
    __int128 ranked; /* sum of deviations times rank */
    int event, lorenz, hill;
};

/* ---- events --------------------------------------------------------------------------------------------------------- */

static int compare_events(const void *a, const void *b)
{
    const struct survey_event *x = a, *y = b;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static void want(struct survey_event **next, int64_t rank, int64_t n, int index)
{
    if (rank >= 0 && rank < n)
        *(*next)++ = (struct survey_event){.rank = rank, .kind = VALUE_WANTED, .index = index};
}

static void want_quantile(struct survey_event **next, int64_t n, double p, int index)
{
    int64_t below = 0, above = 0;
    double weight = 0;
    quantile_position(n, p, &below, &above, &weight);
    want(next, below, n, index);
    want(next, above, n, index + 1);
}

/* What is asked of a sub-population of n values; behind it an event that never comes. */
static void list_events(const struct subpopulations_survey *s, int64_t n, struct survey_event *events)
{
    struct survey_event *next = events;
    for (int i = 0; i < s->n_lorenz; i++) {
        double fraction = 0;
        const int64_t cut = inequality_lorenz_cut(n, survey_lorenz_probability(s, i), &fraction);
        *next++ = (struct survey_event){.rank = cut, .kind = LORENZ_CUT, .index = i};
        want(&next, cut, n, survey_wanted_lorenz(s, i));
    }
    for (int i = 0; i < HILL_SIZES; i++) {
        const int64_t k = inequality_hill_size(n, i);
        *next++ = (struct survey_event){.rank = n - k, .kind = HILL_CUT};
        want(&next, n - k - 1, n, survey_wanted_hill(s, i));
    }
    if (n > 0)
        want_quantile(&next, n, 0.5, 0);
    for (int i = 0; i < s->n_probability && n > 0; i++)
        want_quantile(&next, n, s->probability[i], survey_wanted_quantile(i));
    qsort(events, (size_t)(next - events), sizeof *events, compare_events);
    for (; next < events + s->n_events + 1; next++)
        *next = (struct survey_event){.rank = INT64_MAX};
}

/* Sub-populations are of few sizes, as a rule: those of one size have one list. */
static void list_all_events(struct subpopulations_survey *s)
{
    int64_t place = 0;
    for (int label = 0; label < s->n; label++) {
        int like = 0;
        while (s->size[like] != s->size[label])
            like++;
        s->events_at[label] = like < label ? s->events_at[like] : place;
        if (like < label)
            continue;
        list_events(s, s->size[label], s->events + place);
        place += s->n_events + 1;
    }
}

/* ---- the visit ------------------------------------------------------------------------------------------------------ */

static void add_wide(int64_t *numbers, __int128 value)
{
    numbers[0] += (int64_t)(value & 0xffffffff);
    numbers[1] += (int64_t)(value >> 32 & 0xffffffff);
    numbers[2] += (int64_t)(value >> 64);
}

static void open_lane(
    const struct subpopulations_survey *s, struct survey_lane *lane, int label, int64_t rank)
{
    const struct survey_event *events = survey_events_of(s, label);
    int event = 0;
    while (events[event].rank < rank)
        event++;
    *lane = (struct survey_lane){.rank = rank,
        .next = events[event].rank,
        .event = event,
        .lorenz = survey_cuts_below(events, LORENZ_CUT, rank),
        .hill = survey_cuts_below(events, HILL_CUT, rank)};
}

static void put_sum_away(struct survey_lane *lane, int64_t *numbers)
{
    numbers[lane->lorenz] += lane->sum;
    lane->sum = 0;
}

static void close_lane(const struct subpopulations_survey *s, struct survey_lane *lane, int64_t *numbers)
{
    put_sum_away(lane, numbers);
    numbers[survey_first_square(s)] += lane->square;
    add_wide(numbers + survey_first_ranked(s), lane->ranked);
}

/* All that happens at the lane's rank, where this value is. */
static void meet_events(const struct subpopulations_survey *s, struct survey_lane *lane, int label,
    int64_t *numbers, double value)
{
    const struct survey_event *event = survey_events_of(s, label) + lane->event;
    for (; event->rank == lane->rank; event++)
        if (event->kind == LORENZ_CUT) {
            put_sum_away(lane, numbers);
            lane->lorenz++;
        } else if (event->kind == HILL_CUT)
            lane->hill++;
        else
            numbers[survey_first_wanted(s) + event->index] = key_of(value);
    lane->event = (int)(event - survey_events_of(s, label));
    lane->next = event->rank;
}

static int64_t square_of(const struct subpopulations_survey *s, double x)
{
    const double d = x * s->factor - s->centre;
    return (int64_t)(d * d * s->square_scale);
}

/* The logarithm of a value in whatever segment of the tail the lane is; those that are not above zero have none. */
static void add_log(const struct subpopulations_survey *s, const struct survey_lane *lane, int64_t *numbers,
    double log, __int128 n)
{
    if (lane->hill > 0)
        add_wide(
            numbers + survey_first_log(s) + SURVEY_WIDE * lane->hill, n * (int64_t)(log * survey_log_scale));
}

/* Whether one of the next n values may be in a sub-population's tail. */
static bool is_near_tail(const struct subpopulations_survey *s, const struct survey_lane *lanes, int n)
{
    for (int label = 0; label < s->n; label++)
        if (lanes[label].rank + n > s->size[label] - inequality_hill_size(s->size[label], HILL_SIZES - 1))
            return true;
    return false;
}

/* Values that are not above zero count as those of logarithm 0 do. */
static void fill_logs(const double *x, int n, double *logs)
{
    int from = 0;
    for (; !(x[from] > 0); from++)
        logs[from] = 0;
    inequality_logs(x + from, n - from, logs + from);
}

static void visit_values(struct subpopulations_survey *s, int thread, const struct sorted_run *run)
{
    struct survey_lane *lanes = s->lanes + (int64_t)thread * s->n;
    for (int64_t begin = 0; begin < run->n; begin += INEQUALITY_BLOCK) {
        const double *x = run->values + begin;
        const int64_t *labels = run->labels + begin;
        const int n = run->n - begin < INEQUALITY_BLOCK ? (int)(run->n - begin) : INEQUALITY_BLOCK;
        double logs[INEQUALITY_BLOCK];
        const bool has_logs = x[n - 1] > 0 && is_near_tail(s, lanes, n);
        if (has_logs)
            fill_logs(x, n, logs);
        for (int i = 0; i < n; i++) {
            const int label = (int)(labels[i] & run->label_mask);
            struct survey_lane *lane = &lanes[label];
            const int64_t deviation = sample_sort_fixed_value(s->fixed, x[i]);
            if (lane->rank == lane->next)
                meet_events(s, lane, label, survey_numbers_of(s, thread, label), x[i]);
            if (has_logs)
                add_log(s, lane, survey_numbers_of(s, thread, label), logs[i], 1);
            lane->ranked += (__int128)lane->rank++ * deviation;
            lane->sum += deviation;
            lane->square += square_of(s, x[i]);
        }
    }
}

/* n equal values of a sub-population, from event to event. */
static void visit_equal(const struct subpopulations_survey *s, struct survey_lane *lane, int label,
    int64_t *numbers, double x, int64_t n)
{
    const int64_t deviation = sample_sort_fixed_value(s->fixed, x), square = square_of(s, x);
    double log = 0;
    if (x > 0)
        inequality_logs(&x, 1, &log);
    while (n > 0) {
        if (lane->rank == lane->next)
            meet_events(s, lane, label, numbers, x);
        const int64_t here = lane->next - lane->rank < n ? lane->next - lane->rank : n;
        const __int128 ranks = (__int128)here * (2 * lane->rank + here - 1) / 2;
        lane->ranked += ranks * deviation;
        lane->sum += here * deviation;
        lane->square += here * square;
        if (x > 0)
            add_log(s, lane, numbers, log, here);
        lane->rank += here;
        n -= here;
    }
}

void subpopulations_visit(struct subpopulations_survey *s, int thread, const struct sorted_run *run)
{
    struct survey_lane *lanes = s->lanes + (int64_t)thread * s->n;
    for (int label = 0; label < s->n; label++)
        open_lane(s, &lanes[label], label, run->label_first[label]);
    if (run->values)
        visit_values(s, thread, run);
    for (int label = 0; label < s->n; label++) {
        int64_t *numbers = survey_numbers_of(s, thread, label);
        if (!run->values)
            visit_equal(s, &lanes[label], label, numbers, run->value, run->label_n[label]);
        close_lane(s, &lanes[label], numbers);
    }
}

/* ---- memory --------------------------------------------------------------------------------------------------------- */

/* How many events there are at most for each sub-population, without the one behind them. */
static int events_of(int n_probability)
{
    return 2 * (SUMMARY_SHARES + n_probability) + 2 * HILL_SIZES + 2 * (1 + n_probability);
}

static int numbers_for(int n_probability)
{
    const int n_lorenz = SUMMARY_SHARES + n_probability;
    return n_lorenz + 1 + 1 + SURVEY_WIDE + SURVEY_WIDE * (HILL_SIZES + 1) + 2 * (1 + n_probability) +
           n_lorenz + HILL_SIZES;
}

int64_t subpopulations_bytes(int n, int threads, int n_probability)
{
    const int64_t of_events = (int64_t)(events_of(n_probability) + 1) * (int64_t)sizeof(struct survey_event);
    const int64_t of_thread =
        (int64_t)sizeof(struct survey_lane) + numbers_for(n_probability) * (int64_t)sizeof(int64_t);
    return n * ((int64_t)sizeof(int64_t) + (int64_t)sizeof(int64_t) + of_events + threads * of_thread);
}

static enum status allocate(struct subpopulations_survey *s)
{
    const size_t n = (size_t)s->n, lanes = (size_t)s->threads * n;
    s->size = calloc(n, sizeof *s->size);
    s->events_at = calloc(n, sizeof *s->events_at);
    s->events = malloc(n * (size_t)(s->n_events + 1) * sizeof *s->events);
    s->lanes = malloc(lanes * sizeof *s->lanes);
    s->numbers = calloc(lanes * (size_t)s->n_numbers, sizeof *s->numbers);
    return s->size && s->events_at && s->events && s->lanes && s->numbers
               ? WS_OK
               : error_memory(lanes * (size_t)s->n_numbers * sizeof *s->numbers, "sub-populations");
}

enum status subpopulations_create(
    struct subpopulations_survey **survey, int threads, int n, const double *probability, int n_probability)
{
    struct subpopulations_survey *s = *survey = calloc(1, sizeof *s);
    if (!s)
        return error_memory(sizeof *s, "sub-populations");
    *s = (struct subpopulations_survey){.n = n,
        .threads = threads,
        .n_lorenz = SUMMARY_SHARES + n_probability,
        .n_numbers = numbers_for(n_probability),
        .n_events = events_of(n_probability),
        .probability = probability,
        .n_probability = n_probability};
    return allocate(s);
}

void subpopulations_free(struct subpopulations_survey *s)
{
    if (!s)
        return;
    free(s->size);
    free(s->events);
    free(s->events_at);
    free(s->lanes);
    free(s->numbers);
    free(s);
}

/* Values of each label on all ranks. Those by blocks are known without asking. Collective over comm. */
static void count_labels(MPI_Comm comm, const struct sample_sort_array *array, int64_t *size)
{
    const struct sample_sort_labels *labels = &array->labels;
    if (!labels->of) {
        const int64_t blocks = (array->n_global + labels->block_size - 1) / labels->block_size;
        for (int label = 0; label < labels->n; label++)
            size[label] = (blocks / labels->n + (label < blocks % labels->n)) * labels->block_size;
        size[(blocks - 1) % labels->n] -= blocks * labels->block_size - array->n_global;
        return;
    }
    for (int64_t i = 0; i < array->n; i++)
        size[labels->of[i]]++;
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, size, labels->n, MPI_INT64_T, MPI_SUM, comm));
}

void subpopulations_begin(struct subpopulations_survey *s, MPI_Comm comm,
    const struct sample_sort_array *array, const struct moments *moments, struct sample_sort_fixed fixed)
{
    int exponent = 0;
    frexp((double)moments->n * moments->scaled_variance, &exponent);
    s->fixed = fixed;
    s->mean = moments->mean;
    s->has_zeros_alone = moments->minimum == 0 && moments->maximum == 0;
    s->factor = ldexp(1, moments->scale);
    s->centre = ldexp(moments->mean, moments->scale);
    s->square_scale = ldexp(1, 60 - exponent);
    count_labels(comm, array, s->size);
    list_all_events(s);
}
