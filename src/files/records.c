#include "files/records.h"
#include "files/h5.h"
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Who is beyond the knots: counts and sums. */
static const struct {
    const char *name, *long_name;
    enum number_type type;
    size_t offset; /* in struct record */
} sides[RECORD_SIDES] = {
    {"households_below", "households below the lowest knot of their savings rule", NUMBER_INT,
        offsetof(struct record, beyond.households[BEYOND_BELOW])},
    {"households_above", "households above the highest knot of their savings rule", NUMBER_INT,
        offsetof(struct record, beyond.households[BEYOND_ABOVE])},
    {"wealth_below", "wealth of the households below the lowest knot (exact sum, rounded once)", NUMBER_REAL,
        offsetof(struct record, beyond.wealth[BEYOND_BELOW])},
    {"wealth_above", "wealth of the households above the highest knot (exact sum, rounded once)", NUMBER_REAL,
        offsetof(struct record, beyond.wealth[BEYOND_ABOVE])},
};

/* How many numbers a statistic has in a record. */
static int64_t length_of(const struct statistic *statistic, const struct recording *recording)
{
    return statistic_length(statistic, (int)recording->n_quantiles);
}

int64_t records_bytes(const struct recording *recording, const struct model *model, int n_scenarios)
{
    int64_t numbers = 0;
    for (int k = 0; k < STATISTICS; k++)
        numbers += length_of(&summary_statistics[k], recording);
    const int64_t of_record = 1 + model_quantities(model) * numbers + (model->beyond ? RECORD_SIDES : 0);
    return n_scenarios * recording_count(recording) * of_record * (int64_t)sizeof(double);
}

/* Room for the numbers of any one statistic in n records, or for their periods. */
static size_t room_for(const struct recording *recording, const struct model *model, int64_t n)
{
    int64_t widest = 1;
    for (int k = 0; k < STATISTICS; k++) {
        const int64_t length = length_of(&summary_statistics[k], recording);
        widest = length > widest ? length : widest;
    }
    return (size_t)(model_quantities(model) * n * widest + 1) * sizeof(double);
}

int64_t records_room(const struct recording *recording, const struct model *model, int n_scenarios)
{
    return 2 * (int64_t)room_for(recording, model, n_scenarios * recording_count(recording));
}

/* A statistic's numbers, so many of each record: of the first scenario's first quantity all, then of the next. */
static void gather(const struct statistic *statistic, int64_t width, const struct model *model,
    const struct records *records, double *values)
{
    for (int scenario = 0; scenario < records->n_scenarios; scenario++)
        for (int quantity = 0; quantity < model_quantities(model); quantity++)
            for (int64_t i = 0; i < records->n; i++)
                for (int64_t j = 0; j < width; j++)
                    *values++ = *statistic_number(
                        &records_at(records, scenario, i)->summaries[quantity], statistic, j);
}

/* Where a side's number, of 8 bytes, is in a record. */
static char *side_in(const struct records *records, int scenario, int64_t i, int k)
{
    return (char *)records_at(records, scenario, i) + sides[k].offset;
}

static void gather_side(int k, const struct records *records, void *values)
{
    char *next = values;
    for (int scenario = 0; scenario < records->n_scenarios; scenario++)
        for (int64_t i = 0; i < records->n; i++, next += sizeof(double))
            memcpy(next, side_in(records, scenario, i, k), sizeof(double));
}

/* ---- variables ------------------------------------------------------------------------------------------------------ */

static void fill(const void *content, int k, void *values)
{
    const struct record_variables *variables = content;
    if (k >= STATISTICS)
        gather_side(k - STATISTICS, variables->records, values);
    else
        gather(&summary_statistics[k], length_of(&summary_statistics[k], variables->recording),
            variables->model, variables->records, values);
}

static void list_dimensions(struct record_variables *variables)
{
    const struct recording *recording = variables->recording;
    variables->scenario = (struct dimension){.name = "scenario",
        .length = variables->records->n_scenarios,
        .is_counted = true,
        .long_name = "row of the table of scenarios, counted from 0"};
    variables->dimension[SINGLE] = (struct dimension){.name = "period",
        .length = variables->records->n,
        .type = NUMBER_INT,
        .values = variables->periods,
        .long_name = "period of the cross-section"};
    variables->dimension[PROBABILITY] = (struct dimension){.name = "probability",
        .length = recording->n_quantiles,
        .values = recording->quantiles,
        .long_name = "probability of the quantile"};
    variables->dimension[TOP] = (struct dimension){.name = "top",
        .length = SUMMARY_TOPS,
        .values = summary_tops,
        .long_name = "share of the households, the richest"};
    variables->dimension[TAIL] = (struct dimension){.name = "tail",
        .length = HILL_SIZES,
        .values = hill_shares,
        .long_name = "share of the households, the richest, that the estimate is from"};
}

/* Whether there is a record without shares of a total. Without a finite mean other statistics are missing, too. */
static bool lacks_total(const struct records *records)
{
    for (int64_t i = 0; i < records->n_scenarios * records->n; i++) {
        const struct record *record = records_at(records, (int)(i / records->n), i % records->n);
        for (int quantity = 0; quantity < record->n_quantities; quantity++) {
            const struct summary *summary = &record->summaries[quantity];
            if (isfinite(summary->mean) && isnan(summary->gini))
                return true;
        }
    }
    return false;
}

/* The quantities' names, which the file has beside their numbers. */
static enum status name_quantities(struct record_variables *variables)
{
    const struct model *model = variables->model;
    const int n = model_quantities(model);
    size_t bytes = 0, place = 0;
    for (int quantity = 0; quantity < n; quantity++)
        bytes += strlen(model_quantity(model, quantity).name) + 1;
    variables->quantity_names = malloc(bytes);
    if (!variables->quantity_names)
        return error_memory(bytes, "the quantities' names");
    for (int quantity = 0; quantity < n; quantity++)
        place += (size_t)snprintf(variables->quantity_names + place, bytes - place, "%s%s",
            quantity > 0 ? " " : "", model_quantity(model, quantity).name);
    variables->quantity = (struct dimension){.name = "quantity",
        .length = n,
        .is_counted = true,
        .meanings = variables->quantity_names,
        .long_name = "quantity that the statistic is of"};
    return WS_OK;
}

/* What a statistic goes over: scenario and quantity first, where there are several. */
static void set_dimensions(struct record_variables *variables, int k)
{
    const struct dimension **over = variables->of[k].over;
    const enum statistic_dimension dimension = summary_statistics[k].dimension;
    if (variables->records->n_scenarios > 1)
        *over++ = &variables->scenario;
    if (model_quantities(variables->model) > 1)
        *over++ = &variables->quantity;
    *over++ = &variables->dimension[SINGLE];
    if (dimension != SINGLE)
        *over = &variables->dimension[dimension];
}

static void list_sides(struct record_variables *variables, const char *coordinates)
{
    const struct dimension *period = &variables->dimension[SINGLE];
    const bool has_several = variables->records->n_scenarios > 1;
    for (int k = 0; k < RECORD_SIDES; k++)
        variables->of[variables->n_of++] = (struct variable){.name = sides[k].name,
            .long_name = sides[k].long_name,
            .coordinates = coordinates,
            .type = sides[k].type,
            .over = {has_several ? &variables->scenario : period, has_several ? period : NULL},
            .fill = fill,
            .content = variables,
            .number = STATISTICS + k};
}

enum status records_variables(struct record_variables *variables, const struct recording *recording,
    const struct model *model, const struct records *records, const char *coordinates)
{
    const int64_t n = records->n;
    *variables = (struct record_variables){.recording = recording, .model = model, .records = records};
    variables->periods = malloc((size_t)n * sizeof *variables->periods + 1);
    if (!variables->periods)
        return error_memory((size_t)n * sizeof *variables->periods, "the records' periods");
    for (int64_t i = 0; i < n; i++)
        variables->periods[i] = records_at(records, 0, i)->period;
    list_dimensions(variables);
    const bool has_several = model_quantities(model) > 1;
    const char *no_total = lacks_total(records) ? "NaN where the mean is not above 0" : NULL;
    for (int k = 0; k < STATISTICS; k++) {
        const struct statistic *statistic = &summary_statistics[k];
        variables->of[k] = (struct variable){.name = statistic->name,
            .long_name = has_several && statistic->of_any ? statistic->of_any : statistic->long_name,
            .comment = statistic->is_of_total ? no_total : NULL,
            .coordinates = coordinates,
            .fill = fill,
            .content = variables,
            .number = k};
        set_dimensions(variables, k);
    }
    variables->n_of = STATISTICS;
    if (model->beyond)
        list_sides(variables, coordinates);
    return name_quantities(variables);
}

void records_variables_free(struct record_variables *variables)
{
    free(variables->periods);
    free(variables->quantity_names);
    variables->periods = NULL;
    variables->quantity_names = NULL;
}

/* ---- in a checkpoint ------------------------------------------------------------------------------------------------ */

static hid_t type_of_side(int k)
{
    return sides[k].type == NUMBER_INT ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
}

enum status records_save(
    hid_t group, const struct recording *recording, const struct model *model, const struct records *records)
{
    const int64_t n = records->n, n_all = records->n_scenarios * n;
    const size_t bytes = room_for(recording, model, n_all);
    const int n_quantities = model_quantities(model);
    double *values = malloc(bytes);
    int64_t *periods = malloc(bytes);
    if (values && periods) {
        for (int64_t i = 0; i < n; i++)
            periods[i] = records_at(records, 0, i)->period;
        plain_write_values(group, "period", H5T_NATIVE_INT64, n, periods);
        for (int k = 0; k < STATISTICS; k++) {
            const int64_t width = length_of(&summary_statistics[k], recording);
            gather(&summary_statistics[k], width, model, records, values);
            plain_write_values(
                group, summary_statistics[k].name, H5T_NATIVE_DOUBLE, n_quantities * n_all * width, values);
        }
        for (int k = 0; k < RECORD_SIDES && model->beyond; k++) {
            gather_side(k, records, values);
            plain_write_values(group, sides[k].name, type_of_side(k), n_all, values);
        }
    }
    const enum status status = values && periods ? WS_OK : error_memory(bytes, "the records' variables");
    free(periods);
    free(values);
    return status;
}

/* A statistic that means nothing is NaN. */
static bool restore_statistic(struct plain group, const struct statistic *statistic, int64_t width,
    struct records *records, double *values)
{
    const int n_quantities = records->n > 0 ? records->of[0].n_quantities : 0;
    const int64_t numbers = records->n_scenarios * n_quantities * records->n * width;
    if (!plain_read_values(group, statistic->name, H5T_NATIVE_DOUBLE, numbers, values))
        return false;
    for (int64_t i = 0; i < numbers; i++)
        if (values[i] < 0 && !statistic->is_signed)
            return plain_refuse(group, statistic->name, "0 or more in every record");
    for (int scenario = 0; scenario < records->n_scenarios; scenario++)
        for (int quantity = 0; quantity < n_quantities; quantity++)
            for (int64_t i = 0; i < records->n; i++)
                for (int64_t j = 0; j < width; j++)
                    *statistic_number(&records_at(records, scenario, i)->summaries[quantity], statistic, j) =
                        *values++;
    return true;
}

static bool restore_side(struct plain group, int k, int64_t households, struct records *records, void *values)
{
    const int64_t n = records->n, n_all = records->n_scenarios * n;
    if (!plain_read_values(group, sides[k].name, type_of_side(k), n_all, values))
        return false;
    for (int64_t i = 0; i < n_all; i++) {
        const bool is_possible = sides[k].type == NUMBER_INT ? ((const int64_t *)values)[i] >= 0 &&
                                                                   ((const int64_t *)values)[i] <= households
                                                             : !isnan(((const double *)values)[i]);
        if (!is_possible)
            return plain_refuse(group, sides[k].name, "possible in every record");
        memcpy(side_in(records, (int)(i / n), i % n, k), (const char *)values + i * (int64_t)sizeof(double),
            sizeof(double));
    }
    return true;
}

enum status records_restore(struct plain group, const struct recording *recording, const struct model *model,
    int64_t households, struct records *records, int64_t n)
{
    const size_t bytes = room_for(recording, model, records->n_scenarios * n);
    double *values = malloc(bytes);
    int64_t *periods = malloc(bytes);
    enum status status = values && periods ? WS_OK : error_memory(bytes, "the records' variables");
    if (status == WS_OK && !plain_read_values(group, "period", H5T_NATIVE_INT64, n, periods))
        status = WS_FAILED;
    records->n = n;
    for (int64_t i = 0; i < records->n_scenarios * n && status == WS_OK; i++) {
        struct record *record = records_at(records, (int)(i / n), i % n);
        status = record_prepare(record, model, recording, households);
        record->period = periods[i % n];
    }
    for (int k = 0; k < STATISTICS && status == WS_OK; k++)
        if (!restore_statistic(
                group, &summary_statistics[k], length_of(&summary_statistics[k], recording), records, values))
            status = WS_FAILED;
    for (int k = 0; k < RECORD_SIDES && model->beyond && status == WS_OK; k++)
        if (!restore_side(group, k, households, records, values))
            status = WS_FAILED;
    free(periods);
    free(values);
    return status;
}
