/** What subpopulations.c finds in a visit and subpopulations_read.c makes statistics of: events, and where numbers stand. For
 *  these two alone. */
#pragma once

#include "statistics/subpopulations.h"
#include <stdbool.h>

/** What happens before the value of a rank is added. */
enum survey_event_kind { LORENZ_CUT, HILL_CUT, VALUE_WANTED };

struct survey_event {
    int64_t rank;
    enum survey_event_kind kind;
    int index; /**< of the cut, or of the wanted value */
};

/** Numbers of a sub-population that are summed over threads and ranks, one after the other: the deviations between
 * neighbouring cuts; squares; deviations times rank; logarithms between cuts; keys of the wanted values, 0 but where one
 * was. Those of 128 bits take three numbers. */
enum { SURVEY_WIDE = 3 };

struct subpopulations_survey {
    int n, threads, n_lorenz, n_numbers, n_events;
    struct sample_sort_fixed fixed;
    double mean; /* of all values: deviations are from it */
    bool has_zeros_alone;
    double factor, centre, square_scale; /* squares are of x factor - centre, times the scale */
    const double *probability;           /* at n_probability of them there are quantiles, too */
    int n_probability;
    int64_t *size;               /* [n] values of each */
    int64_t *events_at;          /* [n] where each one's events begin: those of one size have the same */
    struct survey_event *events; /* [n][n_events + 1] ascending, each with one behind that never comes */
    struct survey_lane *lanes;   /* [threads][n] */
    int64_t *numbers;            /* [threads][n][n_numbers] */
};

/** Logarithms are summed in units of 1 / this. */
static const double survey_log_scale = 0x1p50;

/** The Lorenz curve is asked for at a summary's shares, then at the asked probabilities. */
static inline double survey_lorenz_probability(const struct subpopulations_survey *s, int i)
{
    return i < SUMMARY_SHARES ? summary_share_probability[i] : s->probability[i - SUMMARY_SHARES];
}

/** Where the wanted values stand among the numbers: two for the median and each quantile, the value behind each cut of the
 * Lorenz curve, Hill's thresholds. */
static inline int survey_wanted_quantile(int i)
{
    return 2 * (i + 1);
}

static inline int survey_wanted_lorenz(const struct subpopulations_survey *s, int i)
{
    return 2 * (s->n_probability + 1) + i;
}

static inline int survey_wanted_hill(const struct subpopulations_survey *s, int i)
{
    return survey_wanted_lorenz(s, s->n_lorenz) + i;
}

static inline int survey_first_square(const struct subpopulations_survey *s)
{
    return s->n_lorenz + 1;
}

static inline int survey_first_ranked(const struct subpopulations_survey *s)
{
    return survey_first_square(s) + 1;
}

static inline int survey_first_log(const struct subpopulations_survey *s)
{
    return survey_first_ranked(s) + SURVEY_WIDE;
}

static inline int survey_first_wanted(const struct subpopulations_survey *s)
{
    return survey_first_log(s) + SURVEY_WIDE * (HILL_SIZES + 1);
}

static inline int64_t *survey_numbers_of(const struct subpopulations_survey *s, int thread, int label)
{
    return s->numbers + ((int64_t)thread * s->n + label) * s->n_numbers;
}

static inline const struct survey_event *survey_events_of(const struct subpopulations_survey *s, int label)
{
    return s->events + s->events_at[label];
}

/** How many cuts of a kind lie below a rank. */
static inline int survey_cuts_below(
    const struct survey_event *events, enum survey_event_kind kind, int64_t rank)
{
    int n = 0;
    for (; events->rank < rank; events++)
        n += events->kind == kind;
    return n;
}
