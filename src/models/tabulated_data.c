#include "models/tabulated_data.h"
#include "core/hash.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OVER(first, second) .over = {TABULATED_##first, TABULATED_##second}

// clang-format off
const struct tabulated_row tabulated_rows[TABULATED_VARIABLES] = {
    [TRANSITION] = {"transition", OVER(STATE, NEXT_STATE), .may_have_aggregate = true},
    [TRANSITION_START] = {"transition_start", OVER(START, NONE), .is_integer = true},
    [TRANSITION_TO] = {"transition_to", OVER(ENTRY, NONE), .is_integer = true},
    [TRANSITION_PROBABILITY] = {"transition_probability", OVER(ENTRY, NONE), .may_have_aggregate = true},
    [POLICY_WEALTH] = {"policy_wealth", OVER(POLICY, POINT), .may_have_aggregate = true},
    [POLICY_SAVINGS] = {"policy_savings", OVER(POLICY, POINT), .may_have_aggregate = true},
    [POLICY_SHARE] = {"policy_share", OVER(POLICY, POINT), .may_have_aggregate = true},
    [POLICY_OF_STATE] = {"policy_of_state", OVER(STATE, NONE), .is_integer = true, .may_have_aggregate = true},
    [RETURN_CONSTANT] = {"return_constant", OVER(STATE, NONE), .may_have_aggregate = true},
    [RISKY_CONSTANT] = {"risky_constant", OVER(STATE, NONE), .may_have_aggregate = true},
    [RETURN_LOG_MEAN] = {"return_log_mean", OVER(STATE, NONE), .may_have_aggregate = true},
    [RETURN_LOG_SD] = {"return_log_sd", OVER(STATE, NONE), .may_have_aggregate = true},
    [INCOME_CONSTANT] = {"income_constant", OVER(STATE, NONE), .may_have_aggregate = true},
    [INCOME_LOG_MEAN] = {"income_log_mean", OVER(STATE, NONE), .may_have_aggregate = true},
    [INCOME_LOG_SD] = {"income_log_sd", OVER(STATE, NONE), .may_have_aggregate = true},
    [LEVEL_GROWTH] = {"level_growth", OVER(STATE, NONE), .may_have_aggregate = true},
    [LEVEL_LOADING] = {"level_loading", OVER(STATE, NONE), .may_have_aggregate = true},
    [NEWBORN] = {"newborn", OVER(STATE, NONE), .is_integer = true, .may_have_aggregate = true},
    [GROUP_LABEL] = {"group", OVER(STATE, NONE), .is_integer = true},
    [INITIAL_WEALTH] = {"initial_wealth", OVER(SAMPLE, NONE)},
    [INITIAL_STATE] = {"initial_state", OVER(SAMPLE, NONE), .is_integer = true},
    [INITIAL_LEVEL] = {"initial_level", OVER(SAMPLE, NONE)},
    [INITIAL_WEIGHT] = {"initial_weight", OVER(SAMPLE, NONE)},
    [AGGREGATE_PATH] = {"aggregate_path", OVER(PERIOD, NONE), .is_integer = true},
};
// clang-format on

const char *const tabulated_dimensions[TABULATED_DIMENSIONS] = {[TABULATED_STATE] = "state",
    [TABULATED_NEXT_STATE] = "next_state",
    [TABULATED_POLICY] = "policy",
    [TABULATED_POINT] = "point",
    [TABULATED_START] = "start",
    [TABULATED_ENTRY] = "entry",
    [TABULATED_SAMPLE] = "sample",
    [TABULATED_PERIOD] = "period",
    [TABULATED_AGGREGATE] = "aggregate"};

const char *const tabulated_extrapolations[EXTRAPOLATIONS] = {"linear", "flat", "error"};

static const char outcome[] = "outcome_";

const struct tabulated_row *tabulated_row_of(enum tabulated_variable variable)
{
    return &tabulated_rows[(int)variable < TABULATED_VARIABLES ? variable : POLICY_SAVINGS];
}

bool tabulated_is_on_knots(int variable)
{
    return variable == POLICY_SAVINGS || variable == POLICY_SHARE || variable >= TABULATED_VARIABLES;
}

int tabulated_find_outcome(const struct tabulated_data *data, const char *name)
{
    for (int i = 0; i < data->n_outcomes; i++)
        if (strcmp(data->outcomes[i], name) == 0)
            return i;
    return -1;
}

int64_t tabulated_length(const struct tabulated_data *data, enum tabulated_variable variable)
{
    const struct tabulated_row *row = tabulated_row_of(variable);
    const int64_t slower = data->length[row->over[0]];
    return row->over[1] == TABULATED_NONE ? slower : slower * data->length[row->over[1]];
}

int64_t tabulated_total(const struct tabulated_data *data, enum tabulated_variable variable)
{
    const int64_t copies = data->is_by_aggregate[variable] ? data->length[TABULATED_AGGREGATE] : 1;
    return copies * tabulated_length(data, variable);
}

const char *tabulated_place(
    const struct tabulated_data *data, enum tabulated_variable variable, int64_t i, char *text)
{
    const struct tabulated_row *row = tabulated_row_of(variable);
    const int64_t length = tabulated_length(data, variable);
    const int number = (int)variable - TABULATED_VARIABLES;
    int used = snprintf(text, TABULATED_PLACE, "%s%s[", number < 0 ? "" : outcome,
        number < 0 ? row->name : data->outcomes[number]);
    if (data->is_by_aggregate[variable])
        used += snprintf(text + used, TABULATED_PLACE - (size_t)used, "%" PRId64 ", ", i / length);
    if (row->over[1] == TABULATED_NONE) {
        snprintf(text + used, TABULATED_PLACE - (size_t)used, "%" PRId64 "]", i % length);
    } else {
        const int64_t faster = data->length[row->over[1]];
        snprintf(text + used, TABULATED_PLACE - (size_t)used, "%" PRId64 ", %" PRId64 "]",
            i % length / faster, i % faster);
    }
    return text;
}

const double *tabulated_values(
    const struct tabulated_data *data, enum tabulated_variable variable, int64_t aggregate)
{
    const double *values = data->values[variable];
    return values && data->is_by_aggregate[variable] ? values + aggregate * tabulated_length(data, variable)
                                                     : values;
}

struct tabulated_moves tabulated_moves_from(
    const struct tabulated_data *data, int64_t aggregate, int64_t state)
{
    const double *dense = tabulated_values(data, TRANSITION, aggregate),
                 *start = data->values[TRANSITION_START];
    const int64_t n_states = data->length[TABULATED_STATE];
    if (dense)
        return (struct tabulated_moves){.n = n_states, .probability = dense + state * n_states};
    const int64_t first = (int64_t)start[state];
    return (struct tabulated_moves){.n = (int64_t)start[state + 1] - first,
        .probability = tabulated_values(data, TRANSITION_PROBABILITY, aggregate) + first,
        .to = data->values[TRANSITION_TO] + first};
}

int64_t tabulated_move_to(const struct tabulated_moves *moves, int64_t j)
{
    return moves->to ? (int64_t)moves->to[j] : j;
}

int64_t tabulated_policy_of(const struct tabulated_data *data, int64_t aggregate, int64_t state)
{
    const double *given = tabulated_values(data, POLICY_OF_STATE, aggregate);
    return given ? (int64_t)given[state] : data->length[TABULATED_POLICY] == 1 ? 0 : state;
}

void tabulated_set_digest(struct tabulated_data *data)
{
    uint64_t digest = hash_bytes(data->length, sizeof data->length, (uint64_t)data->extrapolation);
    digest = hash_bytes(&data->lower_bound, sizeof data->lower_bound, digest);
    digest = hash_bytes(&data->upper_bound, sizeof data->upper_bound, digest);
    for (int i = 0; i < TABULATED_ALL; i++) {
        const int64_t n = tabulated_total(data, (enum tabulated_variable)i);
        if (data->values[i])
            digest = hash_bytes(data->values[i], (size_t)n * sizeof(double), digest + (uint64_t)i + 1);
    }
    if (data->n_outcomes > 0)
        digest = hash_bytes(data->outcomes, sizeof data->outcomes, digest);
    data->digest = digest;
}

void tabulated_data_free(struct tabulated_data *data)
{
    for (int i = 0; data && i < TABULATED_ALL; i++)
        free(data->values[i]);
    if (data)
        memset(data, 0, sizeof *data);
}
