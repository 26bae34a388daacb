#include "files/mobility_variables.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHARES, COUNT, SHORROCKS, CORRELATION, RANK_CORRELATION };

static const struct {
    const char *name, *long_name;
    enum number_type type;
    bool is_of_groups;
    const char *why_none; /* where it is NaN */
} rows[MOBILITY_VARIABLES] = {
    [SHARES] = {"mobility", "share of a group's households that are in a group K periods later", NUMBER_REAL,
        true, "NaN where nobody was in the group"},
    [COUNT] = {"mobility_count", "households that were in a group and are in a group K periods later",
        NUMBER_INT, true, NULL},
    [SHORROCKS] = {"mobility_shorrocks", "Shorrocks's index of mobility: (groups - trace) / (groups - 1)",
        NUMBER_REAL, false, "NaN where nobody was in a group"},
    [CORRELATION] = {"mobility_correlation",
        "correlation of households' wealth with that of K periods before (exact sums)", NUMBER_REAL, false,
        "NaN where all wealth is the same, or wealth is infinite"},
    [RANK_CORRELATION] = {"mobility_rank_correlation",
        "correlation of households' ranks by wealth with those of K periods before (Spearman; equal ones "
        "have their mean rank)",
        NUMBER_REAL, false, "NaN where all wealth is the same"},
};

static int64_t cells_of(const struct mobility_plan *plan)
{
    return (int64_t)mobility_groups(plan) * mobility_groups(plan);
}

/* Bytes of so many numbers a pair; more than a machine has are not counted. */
static int64_t bytes_of(const struct mobility_plan *plan, const struct recording *recording, double numbers)
{
    const double pairs = (double)mobility_pairs(plan, recording);
    return (int64_t)fmin(numbers * pairs * sizeof(double), 0x1p58);
}

int64_t mobility_variables_room(
    const struct mobility_plan *plan, const struct recording *recording, int n_scenarios)
{
    return bytes_of(plan, recording, (double)n_scenarios * (double)cells_of(plan));
}

int64_t mobility_variables_bytes(
    const struct mobility_plan *plan, const struct recording *recording, int n_scenarios)
{
    return bytes_of(plan, recording, (double)n_scenarios * (2 * (double)cells_of(plan) + 3) + 1);
}

/* ---- variables ------------------------------------------------------------------------------------------------------ */

/* Of a scenario's pair of periods. */
static void fill_pair(const struct mobility_records *records, int scenario, int64_t i, int k, char *values)
{
    const int groups = mobility_groups(records->plan);
    const int64_t *count = mobility_count_at(records, scenario, i), at = scenario * records->most + i;
    double number = 0;
    switch (k) {
    case SHARES:
        mobility_shares(count, groups, (double *)(void *)values);
        return;
    case COUNT:
        memcpy(values, count, (size_t)cells_of(records->plan) * sizeof *count);
        return;
    case SHORROCKS:
        number = mobility_shorrocks(count, groups);
        break;
    default:
        number = k == CORRELATION ? records->correlation[at] : records->rank_correlation[at];
    }
    memcpy(values, &number, sizeof number);
}

static void fill(const void *content, int k, void *values)
{
    const struct mobility_records *records = ((const struct mobility_variables *)content)->records;
    const int64_t bytes = (rows[k].is_of_groups ? cells_of(records->plan) : 1) * (int64_t)sizeof(double);
    char *next = values;
    for (int scenario = 0; scenario < records->n_scenarios; scenario++)
        for (int64_t i = 0; i < records->n; i++, next += bytes)
            fill_pair(records, scenario, i, k, next);
}

/* Whether a variable has a NaN. */
static bool lacks_any(const struct mobility_records *records, int k)
{
    const int by = k == SHARES ? SHORROCKS : k;
    for (int scenario = 0; scenario < records->n_scenarios && rows[k].why_none; scenario++)
        for (int64_t i = 0; i < records->n; i++) {
            double number = 0;
            fill_pair(records, scenario, i, by, (char *)&number);
            if (isnan(number))
                return true;
        }
    return false;
}

static void list_dimensions(struct mobility_variables *variables)
{
    const struct mobility_records *records = variables->records;
    const struct mobility_plan *plan = records->plan;
    memcpy(variables->ends, plan->bounds, (size_t)plan->n_bounds * sizeof *plan->bounds);
    variables->ends[plan->n_bounds] = 1;
    variables->period = (struct dimension){.name = "mobility_period",
        .length = records->n,
        .type = NUMBER_INT,
        .values = records->periods,
        .long_name = "the later period; the earlier one is K periods before"};
    variables->from = (struct dimension){.name = "mobility_from",
        .length = mobility_groups(plan),
        .values = variables->ends,
        .long_name = "group K periods before: share of the households that its upper end leaves below"};
    variables->to = variables->from;
    variables->to.name = "mobility_to";
    variables->to.long_name = "group: share of the households that its upper end leaves below";
}

void mobility_variables(struct mobility_variables *variables, const struct mobility_records *records,
    const struct dimension *scenario, const char *coordinates)
{
    *variables = (struct mobility_variables){.records = records};
    if (records->plan->lag == 0)
        return;
    ENSURE(records->n == records->most);
    list_dimensions(variables);
    for (int k = 0; k < MOBILITY_VARIABLES; k++) {
        struct variable *variable = &variables->of[variables->n_of++];
        *variable = (struct variable){.name = rows[k].name,
            .long_name = rows[k].long_name,
            .comment = lacks_any(records, k) ? rows[k].why_none : NULL,
            .coordinates = coordinates,
            .type = rows[k].type,
            .fill = fill,
            .content = variables,
            .number = k};
        const struct dimension **over = variable->over;
        if (scenario)
            *over++ = scenario;
        *over++ = &variables->period;
        if (rows[k].is_of_groups) {
            *over++ = &variables->from;
            *over = &variables->to;
        }
    }
}

/* ---- in a checkpoint ------------------------------------------------------------------------------------------------ */

/* Numbers of a variable in all records so far. */
static int64_t numbers_of(const struct mobility_records *records, int k)
{
    return records->n_scenarios * records->n * (rows[k].is_of_groups ? cells_of(records->plan) : 1);
}

static const int saved[] = {COUNT, CORRELATION, RANK_CORRELATION};
enum { SAVED = sizeof saved / sizeof *saved };

static hid_t type_of(int k)
{
    return rows[k].type == NUMBER_INT ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
}

enum status mobility_save(hid_t group, const struct mobility_records *records)
{
    const struct mobility_variables content = {.records = records};
    const size_t bytes = (size_t)numbers_of(records, COUNT) * sizeof(double) + 1;
    void *values = malloc(bytes);
    if (!values)
        return error_memory(bytes, "mobility's variables");
    plain_write_values(group, "held", H5T_NATIVE_INT64, 1, &records->held);
    plain_write_values(group, "n", H5T_NATIVE_INT64, 1, &records->n);
    plain_write_values(group, "period", H5T_NATIVE_INT64, records->n, records->periods);
    for (int j = 0; j < SAVED; j++) {
        fill(&content, saved[j], values);
        plain_write_values(
            group, rows[saved[j]].name, type_of(saved[j]), numbers_of(records, saved[j]), values);
    }
    free(values);
    return WS_OK;
}

/* The number of pairs, and the period whose wealth is held, as they can be at a period. */
static bool read_head(struct plain group, int64_t period, struct mobility_records *records)
{
    const int64_t lag = records->plan->lag;
    int64_t n = 0, held = 0;
    if (!plain_read_values(group, "n", H5T_NATIVE_INT64, 1, &n) ||
        !plain_read_values(group, "held", H5T_NATIVE_INT64, 1, &held))
        return false;
    const bool has_records = records->recording->every > 0;
    if (has_records ? n != period / lag : n < 0 || n > 1)
        return plain_refuse(group, "n", "the number of its pairs of periods");
    if (has_records ? held != period / lag * lag
                    : held < -1 || held > period || (held >= 0 && held % lag != 0))
        return plain_refuse(group, "held", "a period of which wealth is held");
    records->n = n;
    records->held = held;
    return true;
}

static bool read_periods(struct plain group, int64_t period, struct mobility_records *records)
{
    const int64_t lag = records->plan->lag;
    if (!plain_read_values(group, "period", H5T_NATIVE_INT64, records->n, records->periods))
        return false;
    for (int64_t i = 0; i < records->n; i++) {
        const int64_t later = records->periods[i];
        if (records->recording->every > 0 ? later != (i + 1) * lag
                                          : later < lag || later > period || later % lag != 0)
            return plain_refuse(group, "period", "the later period of each pair");
    }
    return true;
}

/* Counts of all households, and correlations. */
static bool are_possible(int k, const void *values, int64_t n, int64_t cells, int64_t households)
{
    const int64_t *count = values;
    const double *correlation = values;
    if (k != COUNT) {
        for (int64_t i = 0; i < n; i++)
            if (correlation[i] < -1 || correlation[i] > 1)
                return false;
        return true;
    }
    for (int64_t begin = 0; begin < n; begin += cells) {
        int64_t left = households;
        for (int64_t i = begin; i < begin + cells; i++) {
            if (count[i] < 0 || count[i] > left)
                return false;
            left -= count[i];
        }
        if (left != 0)
            return false;
    }
    return true;
}

/* Numbers that stand scenario by scenario, into a record's room. */
static void spread(struct mobility_records *records, int k, const char *values)
{
    const int64_t cells = k == COUNT ? cells_of(records->plan) : 1;
    char *to = (char *)(k == COUNT         ? (void *)records->count
                        : k == CORRELATION ? (void *)records->correlation
                                           : (void *)records->rank_correlation);
    const int64_t of_scenario = cells * (int64_t)sizeof(double);
    for (int scenario = 0; scenario < records->n_scenarios; scenario++)
        memcpy(to + scenario * records->most * of_scenario, values + scenario * records->n * of_scenario,
            (size_t)(records->n * of_scenario));
}

static bool restore(
    struct plain group, int64_t period, int64_t households, struct mobility_records *records, void *values)
{
    for (int j = 0; j < SAVED; j++) {
        const int64_t n = numbers_of(records, saved[j]);
        if (!plain_read_values(group, rows[saved[j]].name, type_of(saved[j]), n, values))
            return false;
        if (!are_possible(saved[j], values, n, cells_of(records->plan), households))
            return plain_refuse(group, rows[saved[j]].name, "possible in every record");
        spread(records, saved[j], values);
    }
    return read_periods(group, period, records);
}

enum status mobility_restore(
    struct plain group, int64_t period, int64_t households, struct mobility_records *records)
{
    if (!read_head(group, period, records))
        return WS_FAILED;
    const size_t bytes = (size_t)numbers_of(records, COUNT) * sizeof(double) + 1;
    void *values = malloc(bytes);
    enum status status = values ? WS_OK : error_memory(bytes, "mobility's variables");
    if (status == WS_OK && !restore(group, period, households, records, values))
        status = WS_FAILED;
    free(values);
    if (status != WS_OK || (records->n > 0 && records->recording->every == 0 &&
                               records->periods[0] != records->recording->periods))
        records->n = 0;
    return status;
}
