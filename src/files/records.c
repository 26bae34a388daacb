#include "files/records.h"
#include "files/h5.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* What a variable has beside period: nothing, or one of these dimensions. */
enum dimension { SINGLE, PROBABILITY, TOP, TAIL, DIMENSIONS };

/* Where a variable's numbers are in struct summary: at offset, or behind the pointer that is there, with a stride. */
struct variable {
    const char *name, *long_name;
    enum dimension dimension;
    bool is_behind_pointer;
    size_t offset, inner, stride;
};

#define NUMBER(member) .dimension = SINGLE, .offset = offsetof(struct summary, member)
#define OF_QUANTILE(member)                                                                                  \
    .dimension = PROBABILITY, .is_behind_pointer = true, .offset = offsetof(struct summary, quantiles),      \
    .inner = offsetof(struct quantile, member), .stride = sizeof(struct quantile)
#define AT_PROBABILITY(member)                                                                               \
    .dimension = PROBABILITY, .is_behind_pointer = true, .offset = offsetof(struct summary, member),         \
    .stride = sizeof(double)
#define OF_HILL(member)                                                                                      \
    .dimension = TAIL, .offset = offsetof(struct summary, hill[0].member), .stride = sizeof(struct hill)

static const struct variable variables[] = {
    {"median", "median of wealth", NUMBER(median.value)},
    {"median_low", "lower end of the median's 95 % distribution-free confidence interval",
        NUMBER(median.low)},
    {"median_high", "upper end of the median's 95 % distribution-free confidence interval",
        NUMBER(median.high)},
    {"mean", "mean wealth (exact sum, rounded once)", NUMBER(mean)},
    {"mean_error", "standard error of the mean", NUMBER(mean_error)},
    {"variance", "variance of wealth, divisor N (exact sums, rounded once)", NUMBER(variance)},
    {"variance_error", "standard error of the variance", NUMBER(variance_error)},
    {"minimum", "least wealth", NUMBER(minimum)},
    {"maximum", "greatest wealth", NUMBER(maximum)},
    {"gini", "Gini coefficient, divisor N^2 (exact sums, rounded once)", NUMBER(gini)},
    {"gini_error", "standard error of the Gini coefficient", NUMBER(gini_error)},
    {"bottom_half_share", "share of wealth of the poorer half", NUMBER(share[SHARE_BOTTOM_HALF])},
    {"quantile", "quantiles of wealth (exact; linear interpolation)", OF_QUANTILE(value)},
    {"quantile_low", "lower end of the quantile's 95 % distribution-free confidence interval",
        OF_QUANTILE(low)},
    {"quantile_high", "upper end of the quantile's 95 % distribution-free confidence interval",
        OF_QUANTILE(high)},
    {"lorenz", "Lorenz curve: share of wealth of the poorest households", AT_PROBABILITY(lorenz)},
    {"share_top", "share of wealth of the others: 1 - lorenz", AT_PROBABILITY(share_top)},
    {"top_share", "share of wealth of the richest households", .dimension = TOP,
        .offset = offsetof(struct summary, share[SHARE_TOP_10]), .stride = sizeof(double)},
    {"hill", "tail index by Hill's estimator; without meaning where theory_tail_index is large",
        OF_HILL(index)},
    {"hill_error", "standard error of the tail index", OF_HILL(error)},
};
enum { VARIABLES = sizeof variables / sizeof variables[0] };

/* Values of the dimensions that are the same in all files. */
static const double tops[] = {0.1, 0.05, 0.01, 0.001};
static const double tails[HILL_SIZES] = {0.001, 0.005, 0.01, 0.05, 0.1};
enum { TOPS = sizeof tops / sizeof tops[0] };
_Static_assert((int)TOPS == SUMMARY_SHARES - SHARE_TOP_10, "a top share for each of tops");

static double *number_in(struct summary *summary, const struct variable *variable, int64_t j)
{
    char *base = (char *)summary + variable->offset;
    if (variable->is_behind_pointer)
        base = *(char **)(void *)base;
    return (double *)(void *)(base + variable->inner + (size_t)j * variable->stride);
}

/* How long a dimension is: the numbers of a variable in a record. */
static int64_t length_of(enum dimension dimension, const struct options *options)
{
    const int64_t lengths[DIMENSIONS] = {
        [SINGLE] = 1, [PROBABILITY] = options->n_quantiles, [TOP] = TOPS, [TAIL] = HILL_SIZES};
    return lengths[dimension];
}

int64_t records_count(const struct options *options)
{
    const int64_t periods = options->periods, every = options->record_every;
    return every == 0 ? 1 : periods / every + 1 + (periods % every > 0);
}

int64_t records_bytes(const struct options *options)
{
    int64_t numbers = 0;
    for (int k = 0; k < VARIABLES; k++)
        numbers += length_of(variables[k].dimension, options);
    return records_count(options) * (numbers + 1) * (int64_t)sizeof(double);
}

/* Room for the numbers of any one variable in n records, or for their periods. */
static size_t room_for(const struct options *options, int64_t n)
{
    int64_t widest = 1;
    for (int d = 0; d < DIMENSIONS; d++)
        widest =
            length_of((enum dimension)d, options) > widest ? length_of((enum dimension)d, options) : widest;
    return (size_t)(n * widest + 1) * sizeof(double);
}

int64_t records_room(const struct options *options)
{
    return 2 * (int64_t)room_for(options, records_count(options));
}

bool records_due(const struct options *options, int64_t period)
{
    return period == options->periods || (options->record_every > 0 && period % options->record_every == 0);
}

int64_t records_next(const struct options *options, int64_t period)
{
    const int64_t left = options->periods - period, every = options->record_every;
    const int64_t to_next = every == 0 ? left : every - period % every;
    return to_next < left ? to_next : left;
}

/* A variable's numbers in n records, of so many each. */
static void gather(
    const struct variable *variable, int64_t width, const struct record *records, int64_t n, double *values)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < width; j++)
            values[i * width + j] = *number_in((struct summary *)&records[i].summary, variable, j);
}

static void write_variable(hid_t file, const struct variable *variable, const struct record *records,
    int64_t n, const struct h5_dimension *period, const struct h5_dimension *other, double *values)
{
    const struct h5_dimension both[] = {*period, *other};
    gather(variable, other->length, records, n, values);
    h5_write_variable(file, variable->name, H5T_NATIVE_DOUBLE, both, variable->dimension == SINGLE ? 1 : 2,
        values, variable->long_name, "1");
}

enum status records_write(hid_t file, const struct options *options, const struct record *records, int64_t n)
{
    const size_t bytes = room_for(options, n);
    double *values = malloc(bytes);
    int64_t *periods = malloc(bytes);
    if (!values || !periods) {
        free(values);
        free(periods);
        return error_memory(bytes, "the records' variables");
    }
    for (int64_t i = 0; i < n; i++)
        periods[i] = records[i].period;
    const struct h5_dimension period = h5_create_coordinate(
        file, "period", n, H5T_NATIVE_INT64, periods, "period of the cross-section", "1");
    const struct h5_dimension others[DIMENSIONS] = {
        [SINGLE] = {.length = 1, .scale = H5I_INVALID_HID},
        [PROBABILITY] = h5_create_coordinate(file, "probability", options->n_quantiles, H5T_NATIVE_DOUBLE,
            options->quantiles, "probability of the quantile", "1"),
        [TOP] = h5_create_coordinate(
            file, "top", TOPS, H5T_NATIVE_DOUBLE, tops, "share of the households, the richest", "1"),
        [TAIL] = h5_create_coordinate(file, "tail", HILL_SIZES, H5T_NATIVE_DOUBLE, tails,
            "share of the households, the richest, that the estimate is from", "1"),
    };
    for (int k = 0; k < VARIABLES; k++)
        write_variable(file, &variables[k], records, n, &period, &others[variables[k].dimension], values);
    for (int d = PROBABILITY; d < DIMENSIONS; d++)
        H5(H5Dclose(others[d].scale));
    H5(H5Dclose(period.scale));
    free(periods);
    free(values);
    return WS_OK;
}

enum status records_save(hid_t group, const struct options *options, const struct record *records, int64_t n)
{
    const size_t bytes = room_for(options, n);
    double *values = malloc(bytes);
    int64_t *periods = malloc(bytes);
    if (values && periods) {
        for (int64_t i = 0; i < n; i++)
            periods[i] = records[i].period;
        plain_write_values(group, "period", H5T_NATIVE_INT64, n, periods);
        for (int k = 0; k < VARIABLES; k++) {
            const int64_t width = length_of(variables[k].dimension, options);
            gather(&variables[k], width, records, n, values);
            plain_write_values(group, variables[k].name, H5T_NATIVE_DOUBLE, n * width, values);
        }
    }
    const enum status status = values && periods ? WS_OK : error_memory(bytes, "the records' variables");
    free(periods);
    free(values);
    return status;
}

/* No statistic is less than 0; one that means nothing is NaN. */
static bool restore_variable(struct plain group, const struct variable *variable, int64_t width,
    struct record *records, int64_t n, double *values)
{
    if (!plain_read_values(group, variable->name, H5T_NATIVE_DOUBLE, n * width, values))
        return false;
    for (int64_t i = 0; i < n * width; i++)
        if (values[i] < 0)
            return plain_refuse(group, variable->name, "0 or more in every record");
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < width; j++)
            *number_in(&records[i].summary, variable, j) = values[i * width + j];
    return true;
}

enum status records_restore(
    struct plain group, const struct options *options, struct record *records, int64_t n)
{
    const size_t bytes = room_for(options, n);
    double *values = malloc(bytes);
    int64_t *periods = malloc(bytes);
    enum status status = values && periods ? WS_OK : error_memory(bytes, "the records' variables");
    if (status == WS_OK && !plain_read_values(group, "period", H5T_NATIVE_INT64, n, periods))
        status = WS_FAILED;
    for (int64_t i = 0; i < n && status == WS_OK; i++) {
        records[i].period = periods[i];
        status = summary_prepare(
            &records[i].summary, options->households, options->quantiles, (int)options->n_quantiles);
    }
    for (int k = 0; k < VARIABLES && status == WS_OK; k++)
        if (!restore_variable(
                group, &variables[k], length_of(variables[k].dimension, options), records, n, values))
            status = WS_FAILED;
    free(periods);
    free(values);
    return status;
}
