/* Model files of all kinds, made up: for the tests of what is made of them. */
#pragma once

#include "models/tabulated_data.h"
#include "models/tabulated_groups.h"
#include "splitmix.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Of the path of aggregate states. */
enum { PERIODS = 40 };

/* Numbers for shocks and tables, known by their seed. */
static uint64_t seed;

static double uniform(void)
{
    return (double)(next_word(&seed) >> 12) * 0x1p-52;
}

static double between(double low, double high)
{
    return low + (high - low) * uniform();
}

/* ---- model files of all kinds ----------------------------------------------------------------------------------- */

struct kind {
    const char *name;
    int64_t states, policies, points, aggregates, samples;
    bool is_sparse, has_share, has_level, has_newborns, has_jumps;
    double nearness; /* how the knots crowd: by this power */
    enum tabulated_extrapolation extrapolation;
    double lower_bound;
};

static double *add(struct tabulated_data *data, enum tabulated_variable variable, bool is_by_aggregate)
{
    const int64_t copies = is_by_aggregate ? data->length[TABULATED_AGGREGATE] : 1;
    data->is_by_aggregate[variable] = is_by_aggregate;
    data->values[variable] = calloc((size_t)(copies * tabulated_length(data, variable)), sizeof(double));
    assert_non_null(data->values[variable]);
    return data->values[variable];
}

static void fill(struct tabulated_data *data, enum tabulated_variable variable, bool is_by_aggregate,
    double low, double high)
{
    double *values = add(data, variable, is_by_aggregate);
    const int64_t copies = is_by_aggregate ? data->length[TABULATED_AGGREGATE] : 1;
    for (int64_t i = 0; i < copies * tabulated_length(data, variable); i++)
        values[i] = between(low, high);
}

/* Rows of probabilities, some of them 0. */
static void fill_row(double *row, int64_t n)
{
    double sum = 0;
    for (int64_t j = 0; j < n; j++)
        sum += row[j] = j > 0 && uniform() < 0.3 ? 0 : uniform();
    for (int64_t j = 0; j < n; j++)
        row[j] /= sum * (1 + 4e-13); /* as far from 1 as is allowed, nearly */
}

static void fill_chain(struct tabulated_data *data, const struct kind *kind)
{
    if (!kind->is_sparse) {
        double *rows = add(data, TRANSITION, true);
        for (int64_t i = 0; i < kind->aggregates * kind->states; i++)
            fill_row(rows + i * kind->states, kind->states);
        return;
    }
    const int64_t each = 3;
    data->length[TABULATED_START] = kind->states + 1;
    data->length[TABULATED_ENTRY] = each * kind->states;
    double *start = add(data, TRANSITION_START, false), *to = add(data, TRANSITION_TO, false),
           *probability = add(data, TRANSITION_PROBABILITY, true);
    for (int64_t z = 0; z <= kind->states; z++)
        start[z] = (double)(each * z);
    for (int64_t z = 0; z < kind->states; z++)
        for (int64_t j = 0; j < each; j++)
            to[each * z + j] = (double)((z / each * each + j) % kind->states);
    for (int64_t i = 0; i < kind->aggregates * kind->states; i++)
        fill_row(probability + i * each, each);
}

static void fill_rule(struct tabulated_data *data, const struct kind *kind)
{
    double *x = add(data, POLICY_WEALTH, true);
    for (int64_t row = 0; row < kind->aggregates * kind->policies; row++)
        for (int64_t i = 0; i < kind->points; i++) {
            const double along = kind->points > 1 ? (double)i / (double)(kind->points - 1) : 0;
            x[row * kind->points + i] = -1 + 20 * pow(along, kind->nearness) + 0.1 * (double)row;
        }
    for (int64_t i = 3; kind->has_jumps && i < kind->aggregates * kind->policies * kind->points; i += 7)
        if (i % kind->points > 0)
            x[i] = x[i - 1];
    fill(data, POLICY_SAVINGS, true, -1, 8);
    if (kind->has_share)
        fill(data, POLICY_SHARE, true, 0, 1.5);
    if (kind->policies != kind->states) {
        double *of_state = add(data, POLICY_OF_STATE, false);
        for (int64_t z = 0; z < kind->states; z++)
            of_state[z] = (double)((z * 5) % kind->policies);
    }
}

static void fill_sample(struct tabulated_data *data, const struct kind *kind)
{
    if (kind->samples == 0)
        return;
    fill(data, INITIAL_WEALTH, false, -1, 30);
    fill(data, INITIAL_LEVEL, false, 0.5, 2);
    fill(data, INITIAL_WEIGHT, false, 0, 1);
    double *states = add(data, INITIAL_STATE, false);
    for (int64_t i = 0; i < kind->samples; i++)
        states[i] = (double)(i % (kind->states > 1 ? kind->states - 1 : 1));
}

static struct tabulated_data make(const struct kind *kind)
{
    struct tabulated_data data = {.length = {[TABULATED_STATE] = kind->states,
                                      [TABULATED_NEXT_STATE] = kind->states,
                                      [TABULATED_POLICY] = kind->policies,
                                      [TABULATED_POINT] = kind->points,
                                      [TABULATED_SAMPLE] = kind->samples,
                                      [TABULATED_AGGREGATE] = kind->aggregates},
        .extrapolation = kind->extrapolation,
        .lower_bound = kind->lower_bound,
        .upper_bound = TABULATED_BOUND};
    seed = (uint64_t)kind->states * 1000 + (uint64_t)kind->points;
    fill_chain(&data, kind);
    fill_rule(&data, kind);
    fill(&data, RETURN_CONSTANT, false, -0.2, 0.2);
    fill(&data, RETURN_LOG_MEAN, true, -0.3, 0.1);
    fill(&data, RETURN_LOG_SD, false, 0, 0.3);
    fill(&data, INCOME_CONSTANT, true, 0, 1);
    fill(&data, INCOME_LOG_MEAN, false, -1, 1);
    fill(&data, INCOME_LOG_SD, false, 0, 0.5);
    if (kind->has_share)
        fill(&data, RISKY_CONSTANT, false, -0.5, 0.5);
    if (kind->has_level) {
        fill(&data, LEVEL_GROWTH, true, 0.9, 1.1);
        fill(&data, LEVEL_LOADING, false, 0, 0.2);
    }
    if (kind->has_newborns)
        add(&data, NEWBORN, false)[kind->states - 1] = 1;
    fill_sample(&data, kind);
    if (kind->aggregates > 1) {
        data.length[TABULATED_PERIOD] = PERIODS;
        double *path = add(&data, AGGREGATE_PATH, false);
        for (int t = 0; t < PERIODS; t++)
            path[t] = floor(uniform() * (double)kind->aggregates);
    }
    if (tabulated_check(&data, kind->name) != WS_OK)
        fail_msg("%s", error_message());
    assert_true(tabulated_groups_list(&data));
    tabulated_set_digest(&data);
    return data;
}
