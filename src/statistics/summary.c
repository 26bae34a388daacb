#include "statistics/summary.h"
#include "statistics/moments.h"
#include "statistics/order.h"
#include "statistics/statistic.h"
#include "statistics/subpopulations.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const double summary_share_probability[SUMMARY_SHARES] = {0.5, 0.9, 0.95, 0.99, 0.999};

const double summary_tops[SUMMARY_TOPS] = {0.1, 0.05, 0.01, 0.001};

/* Room for one visit of the sorted values: first the median's or the shares', then the asked probabilities'. */
struct workspace {
    int64_t *position;                        /* [(1 + n) × QUANTILE_POSITIONS] */
    double *order;                            /* the values there */
    double *probability, *lorenz, *share_top; /* [SUMMARY_SHARES + n] */
    struct subpopulations_survey *parts;      /* NULL where there are none */
};

static void destroy(struct workspace *w)
{
    free(w->position);
    free(w->order);
    free(w->probability);
    subpopulations_free(w->parts);
}

/* Room of one summary for what goes over the probabilities. */
static int64_t bytes_of_probabilities(int n_probability)
{
    return n_probability * (int64_t)(sizeof(struct quantile) + 2 * sizeof(double));
}

int64_t summaries_bytes(int64_t n, int n_probability)
{
    return n * ((int64_t)sizeof(struct summary) + bytes_of_probabilities(n_probability));
}

struct summary *summaries_place(
    void *room, int64_t n, int64_t n_global, const double *probability, int n_probability)
{
    struct summary *summaries = room;
    char *behind = (char *)(summaries + n);
    for (int64_t i = 0; i < n; i++, behind += bytes_of_probabilities(n_probability)) {
        struct summary *summary = &summaries[i];
        memset(behind, 0, (size_t)bytes_of_probabilities(n_probability));
        *summary = (struct summary){
            .n = n_global, .correlation = 1, .n_quantiles = n_probability, .quantiles = (void *)behind};
        summary->lorenz = (void *)(summary->quantiles + n_probability);
        summary->share_top = summary->lorenz + n_probability;
        for (int j = 0; j < n_probability; j++)
            summary->quantiles[j].probability = probability[j];
    }
    return summaries;
}

struct summary *summaries_create(int64_t n, int64_t n_global, const double *probability, int n_probability)
{
    const size_t bytes = (size_t)summaries_bytes(n, n_probability);
    void *room = malloc(bytes > 0 ? bytes : 1);
    if (!room)
        error_memory(bytes, "summaries");
    return room ? summaries_place(room, n, n_global, probability, n_probability) : NULL;
}

static enum status create(
    struct workspace *w, const struct summary *summary, const struct summary_asked *asked, int threads)
{
    const int n = asked->n_probability;
    const double *probability = asked->probability;
    const size_t positions = (1 + (size_t)n) * QUANTILE_POSITIONS, shares = SUMMARY_SHARES + (size_t)n;
    w->position = malloc(positions * sizeof *w->position);
    w->order = malloc(positions * sizeof *w->order);
    w->probability = malloc(3 * shares * sizeof *w->probability);
    if (!w->position || !w->order || !w->probability)
        return error_memory(positions * sizeof *w->order, "the summary");

    w->lorenz = w->probability + shares;
    w->share_top = w->lorenz + shares;
    memcpy(w->probability, summary_share_probability, sizeof summary_share_probability);
    for (int i = 0; i < n; i++)
        w->probability[SUMMARY_SHARES + i] = probability[i];
    quantile_positions(summary->n, 0.5, w->position);
    for (int i = 0; i < n; i++)
        quantile_positions(summary->n, probability[i], w->position + (1 + i) * QUANTILE_POSITIONS);
    return asked->labels.n > 0 ? subpopulations_create(&w->parts, threads, asked->labels.n, probability, n)
                               : WS_OK;
}

/* Everything from one visit in sorted order. */
static enum status from_sorted(MPI_Comm comm, int threads, const struct sample_sort_array *array,
    const struct moments *moments, struct workspace *w, struct summary *summary, struct summary *parts)
{
    const struct inequality_asked asked = {.probability = w->probability,
        .n_probability = SUMMARY_SHARES + summary->n_quantiles,
        .position = w->position,
        .n_position = (1 + summary->n_quantiles) * QUANTILE_POSITIONS,
        .lorenz = w->lorenz,
        .share_top = w->share_top,
        .order = w->order,
        .parts = w->parts};
    struct inequality inequality;
    const enum status status = inequality_compute(comm, threads, array, moments, &asked, &inequality);
    if (status != WS_OK)
        return status;
    if (w->parts)
        subpopulations_read(w->parts, comm, parts);
    summary->gini = inequality.gini;
    summary->gini_error = inequality.gini_error;
    summary->mean_error = inequality.mean_error;
    summary->variance_error = inequality.variance_error;
    memcpy(summary->hill, inequality.hill, sizeof summary->hill);
    for (int i = 0; i < SUMMARY_SHARES; i++)
        summary->share[i] = i == SHARE_BOTTOM_HALF ? w->lorenz[i] : w->share_top[i];
    memcpy(summary->lorenz, w->lorenz + SUMMARY_SHARES, (size_t)summary->n_quantiles * sizeof(double));
    memcpy(summary->share_top, w->share_top + SUMMARY_SHARES, (size_t)summary->n_quantiles * sizeof(double));
    return WS_OK;
}

/* With infinite values only quantiles mean anything, and those of all. */
static enum status from_order(MPI_Comm comm, int threads, const struct sample_sort_array *array,
    struct workspace *w, struct summary *summary, struct summary *parts)
{
    for (int i = 0; i < array->labels.n; i++)
        statistics_leave_out(&parts[i]);
    summary->gini = summary->gini_error = summary->mean_error = summary->variance_error = NAN;
    for (int i = 0; i < SUMMARY_SHARES; i++)
        summary->share[i] = NAN;
    for (int i = 0; i < summary->n_quantiles; i++)
        summary->lorenz[i] = summary->share_top[i] = NAN;
    for (int i = 0; i < HILL_SIZES; i++)
        summary->hill[i] = (struct hill){.index = NAN, .error = NAN};
    return order_statistics(comm, threads, array->x, array->n, w->position,
        (1 + summary->n_quantiles) * QUANTILE_POSITIONS, w->order);
}

int64_t summary_bytes(int64_t n_global, int size, int threads, int n_probability, int n_parts)
{
    const int64_t room = 1 + (int64_t)n_probability, shares = SUMMARY_SHARES + (int64_t)n_probability;
    const int64_t of_workspace = room * QUANTILE_POSITIONS * 16 + shares * 24;
    return of_workspace + inequality_bytes(n_global, size, threads, SUMMARY_SHARES + n_probability, n_parts);
}

/* What the summary has of the order statistics. */
static void read_quantiles(
    const struct summary_asked *asked, const struct workspace *w, struct summary *summary)
{
    summary->median = quantile_median_of_values(summary->n, w->order);
    for (int i = 0; i < asked->n_probability; i++)
        summary->quantiles[i] =
            quantile_of_values(summary->n, asked->probability[i], w->order + (1 + i) * QUANTILE_POSITIONS);
}

enum status summary_compute(MPI_Comm comm, int threads, const double *wealth, int64_t n, int64_t n_global,
    const struct summary_asked *asked, struct summary *summary)
{
    struct workspace w = {0};
    ENSURE(summary->n_quantiles == asked->n_probability);
    summary->n = n_global;
    summary->correlation = 1;
    const enum status created = create(&w, summary, asked, threads);
    enum status status = error_agree(comm, created);
    if (status == WS_OK) {
        const struct moments moments = moments_compute(comm, threads, wealth, n, n_global);
        const struct sample_sort_array array = {.x = wealth,
            .n = n,
            .n_global = n_global,
            .minimum = moments.minimum,
            .maximum = moments.maximum,
            .labels = asked->labels};
        summary->mean = moments.mean;
        summary->variance = moments.variance;
        summary->minimum = moments.minimum;
        summary->maximum = moments.maximum;
        status = moments.values.infinities > 0
                     ? from_order(comm, threads, &array, &w, summary, asked->parts)
                     : from_sorted(comm, threads, &array, &moments, &w, summary, asked->parts);
    }
    if (status == WS_OK)
        read_quantiles(asked, &w, summary);
    destroy(&w);
    return status;
}
