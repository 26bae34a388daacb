#include "statistics/inequality_block.h"
#include "statistics/key.h"
#include "statistics/statistic.h"
#include "statistics/subpopulations_survey.h"
#include <math.h>

/* A sub-population's numbers, of all threads and ranks. */
struct found {
    const struct subpopulations_survey *s;
    const struct survey_event *events;
    const int64_t *numbers;
    int64_t n;
    double total; /* of the values */
};

/* Whether its total is known well enough for shares of it: each value may be off by a unit of the fixed point. */
static bool has_total(const struct found *found)
{
    return found->total > 0 && (double)found->n / found->s->fixed.scale < 1e-6 * found->total;
}

static double value_of(const struct found *found, int wanted)
{
    return key_value(found->numbers[survey_first_wanted(found->s) + wanted]);
}

static __int128 wide_of(const int64_t *numbers)
{
    return (__int128)numbers[2] * ((__int128)1 << 64) + (__int128)numbers[1] * ((__int128)1 << 32) +
           numbers[0];
}

/* A sum of deviations in the values' own unit. */
static double unscaled(const struct found *found, __int128 sum)
{
    return (double)sum / found->s->fixed.scale;
}

static void read_quantiles(const struct found *found, struct summary *of)
{
    const double middle[QUANTILE_POSITIONS] = {value_of(found, 0), value_of(found, 1), NAN, NAN};
    of->median = quantile_median_of_values(found->n, middle);
    for (int i = 0; i < of->n_quantiles; i++) {
        int64_t below = 0, above = 0;
        double weight = 0;
        const int wanted = survey_wanted_quantile(i);
        quantile_position(found->n, of->quantiles[i].probability, &below, &above, &weight);
        of->quantiles[i].value =
            quantile_interpolate(value_of(found, wanted), value_of(found, wanted + 1), weight);
    }
}

static void set_share(struct summary *of, int i, double lorenz, double top)
{
    if (i < SUMMARY_SHARES) {
        of->share[i] = i == SHARE_BOTTOM_HALF ? lorenz : top;
    } else {
        of->lorenz[i - SUMMARY_SHARES] = lorenz;
        of->share_top[i - SUMMARY_SHARES] = top;
    }
}

/* The Lorenz curve: what lies below each cut are as many means, and the deviations from it. */
static void read_shares(const struct found *found, struct summary *of)
{
    const struct subpopulations_survey *s = found->s;
    __int128 sum = 0;
    int segment = 0;
    for (const struct survey_event *event = found->events; event->rank < INT64_MAX; event++) {
        if (event->kind != LORENZ_CUT)
            continue;
        double fraction = 0;
        const double p = survey_lorenz_probability(s, event->index);
        inequality_lorenz_cut(found->n, p, &fraction);
        sum += found->numbers[segment++];
        double below = unscaled(found, sum) + (double)event->rank * s->mean;
        if (fraction > 0)
            below += fraction * value_of(found, survey_wanted_lorenz(s, event->index));
        if (has_total(found))
            set_share(of, event->index, below / found->total, (found->total - below) / found->total);
        else if (s->has_zeros_alone)
            set_share(of, event->index, p, 1 - p);
    }
}

static void read_moments(const struct found *found, double deviations, struct summary *of)
{
    const struct subpopulations_survey *s = found->s;
    const double n = (double)found->n, away = deviations / n;
    const double square = (double)found->numbers[survey_first_square(s)] / s->square_scale / n;
    of->mean = s->mean + away;
    of->variance = fmax(0, square - away * s->factor * (away * s->factor)) / s->factor / s->factor;
}

static void read_gini(const struct found *found, __int128 deviations, struct summary *of)
{
    const __int128 ranked = wide_of(found->numbers + survey_first_ranked(found->s));
    if (has_total(found))
        of->gini =
            unscaled(found, 2 * ranked - (found->n - 1) * deviations) / (double)found->n / found->total;
    else if (found->s->has_zeros_alone)
        of->gini = 0;
}

static void read_hill(const struct found *found, struct summary *of)
{
    const struct subpopulations_survey *s = found->s;
    for (int i = 0; i < HILL_SIZES; i++) {
        const int64_t k = inequality_hill_size(found->n, i);
        const double threshold = k >= 2 && k < found->n ? value_of(found, survey_wanted_hill(s, i)) : 0;
        if (!(threshold > 0))
            continue;
        double log = 0;
        inequality_logs(&threshold, 1, &log);
        __int128 sum = -(__int128)k * (int64_t)(log * survey_log_scale);
        for (int j = survey_cuts_below(found->events, HILL_CUT, found->n - k + 1); j <= HILL_SIZES; j++)
            sum += wide_of(found->numbers + survey_first_log(s) + SURVEY_WIDE * j);
        if (sum > 0)
            of->hill[i].index = (double)k / ((double)sum / survey_log_scale);
    }
}

static void read_one(const struct found *found, __int128 deviations, struct summary *of)
{
    read_moments(found, unscaled(found, deviations), of);
    read_quantiles(found, of);
    read_shares(found, of);
    read_gini(found, deviations, of);
    read_hill(found, of);
}

void subpopulations_read(struct subpopulations_survey *s, MPI_Comm comm, struct summary *of)
{
    const int count = s->n * s->n_numbers;
    for (int t = 1; t < s->threads; t++)
        for (int i = 0; i < count; i++)
            s->numbers[i] += s->numbers[(int64_t)t * count + i];
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, s->numbers, count, MPI_INT64_T, MPI_SUM, comm));
    for (int label = 0; label < s->n; label++) {
        struct found found = {.s = s,
            .events = survey_events_of(s, label),
            .numbers = survey_numbers_of(s, 0, label),
            .n = s->size[label]};
        __int128 deviations = 0;
        for (int i = 0; i <= s->n_lorenz; i++)
            deviations += found.numbers[i];
        found.total = unscaled(&found, deviations) + (double)found.n * s->mean;
        of[label].n = found.n;
        statistics_leave_out(&of[label]);
        if (found.n > 0) {
            of[label].correlation = 1; /* for the caller to set, as of all */
            read_one(&found, deviations, &of[label]);
        }
    }
}
