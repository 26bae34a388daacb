#include "files/records.h"
#include "files/record_numbers.h"
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char no_correlation[] =
    "NaN where wealth or the quantity is the same for all, or beyond the range of doubles";
static const char no_interval[] = "an interval takes Student's t with error-groups - 1 degrees of freedom; "
                                  "NaN where a sub-population has no "
                                  "such statistic";

int64_t records_bytes(const struct recording *recording, const struct model *model, int n_scenarios)
{
    int64_t numbers = 0;
    for (int k = 0; k < STATISTICS; k++)
        for (int kind = 0; kind < RECORD_KINDS; kind++)
            if (record_has(&summary_statistics[k], (enum record_kind)kind, recording, n_scenarios))
                numbers += record_length(&summary_statistics[k], recording);
    const int64_t of_record = 1 + model_summaries(model) * (numbers + 1) + (model->beyond ? RECORD_SIDES : 0);
    return n_scenarios * recording_count(recording) * of_record * (int64_t)sizeof(double);
}

/* Room for the numbers of any one statistic in n records, or for their periods. */
size_t records_room_for(const struct recording *recording, const struct model *model, int64_t n)
{
    int64_t widest = 1;
    for (int k = 0; k < STATISTICS; k++) {
        const int64_t length = record_length(&summary_statistics[k], recording);
        widest = length > widest ? length : widest;
    }
    return (size_t)(model_summaries(model) * n * widest + 1) * sizeof(double);
}

int64_t records_room(const struct recording *recording, const struct model *model, int n_scenarios)
{
    return 2 * (int64_t)records_room_for(recording, model, n_scenarios * recording_count(recording));
}

/* ---- variables ------------------------------------------------------------------------------------------------------ */

/* Variables are numbered: the kinds of statistics, then the sides and the groups' households. */
enum { HOUSEHOLDS_OF_GROUP = RECORD_SIDES, SHARE_OF_GROUP };

static int number_variable(enum record_kind kind, int k)
{
    return (int)kind * STATISTICS + k;
}

/* The groups' households, or their share of all, in place of their number. */
static void fill_households(const struct records *records, bool as_share, void *values)
{
    const int64_t n = records->n_scenarios * model_groups(records->model) * records->n;
    record_gather_households(records, values);
    for (int64_t i = 0; as_share && i < n; i++) {
        int64_t households = 0;
        memcpy(&households, (int64_t *)values + i, sizeof households);
        const double share = (double)households / (double)records->households;
        memcpy((double *)values + i, &share, sizeof share);
    }
}

static void fill(const void *content, int number, void *values)
{
    const struct record_variables *variables = content;
    const int kind = number / STATISTICS;
    const struct statistic *statistic = &summary_statistics[number % STATISTICS];
    if (kind == RECORD_KINDS && number % STATISTICS >= RECORD_SIDES)
        fill_households(variables->records, number % STATISTICS == SHARE_OF_GROUP, values);
    else if (kind == RECORD_KINDS)
        record_gather_side(number % STATISTICS, variables->records, values);
    else
        record_gather(statistic, (enum record_kind)kind,
            record_length(statistic, variables->records->recording), variables->records, values);
}

static void list_dimensions(struct record_variables *variables)
{
    const struct recording *recording = variables->records->recording;
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

/* ---- why numbers are missing ---------------------------------------------------------------------------------------- */

/* Whether a summary of a record lacks a statistic's number, or its standard error, for the reason that a comment gives. */
typedef bool lacks_number(
    const struct record *record, int summary, const struct statistic *statistic, int64_t j);

/* Shares of a total. Without a finite mean other statistics are missing, too. */
static bool lacks_total(
    const struct record *record, int summary, const struct statistic *statistic, int64_t j)
{
    (void)statistic;
    (void)j;
    return isfinite(record->summaries[summary].mean) && isnan(record->summaries[summary].gini);
}

static bool lacks_correlation(
    const struct record *record, int summary, const struct statistic *statistic, int64_t j)
{
    (void)statistic;
    (void)j;
    return !isnan(record->summaries[summary].mean) && isnan(record->summaries[summary].correlation);
}

static bool lacks_error(
    const struct record *record, int summary, const struct statistic *statistic, int64_t j)
{
    return !isnan(*statistic_number(&record->summaries[summary], statistic, j)) &&
           isnan(*statistic_number(&record->errors[summary], statistic, j));
}

static bool lacks_difference_error(
    const struct record *record, int summary, const struct statistic *statistic, int64_t j)
{
    return record->difference_errors &&
           !isnan(*statistic_number(&record->summaries[summary], statistic, j)) &&
           isnan(*statistic_number(&record->difference_errors[summary], statistic, j));
}

/* The summaries that lack it in some record. */
static void find_lacking(const struct records *records, const struct statistic *statistic,
    lacks_number *lacks, struct lacking *lacking)
{
    const int64_t width = record_length(statistic, records->recording);
    memset(lacking, 0, sizeof *lacking);
    for (int64_t i = 0; i < records->n_scenarios * records->n; i++) {
        const struct record *record = records_at(records, (int)(i / records->n), i % records->n);
        for (int summary = 0; summary < record->n_summaries; summary++)
            for (int64_t j = 0; j < width && !lacking->is[summary]; j++)
                lacking->is[summary] = lacks(record, summary, statistic, j);
    }
}

/* What a variable's comment says, or NULL. */
static const char *comment_on(
    struct record_variables *variables, const struct statistic *statistic, enum record_kind kind)
{
    const bool is_error = kind == ERROR || kind == DIFFERENCE_ERROR;
    const char *why = is_error                   ? no_interval
                      : statistic->is_of_total   ? "NaN where the mean is not above 0"
                      : statistic->is_of_several ? no_correlation
                                                 : NULL;
    lacks_number *lacks = kind == ERROR              ? lacks_error
                          : kind == DIFFERENCE_ERROR ? lacks_difference_error
                          : statistic->is_of_total   ? lacks_total
                                                     : lacks_correlation;
    struct lacking lacking;
    if (!why)
        return NULL;
    find_lacking(variables->records, statistic, lacks, &lacking);
    if (!is_error && statistic->is_of_total && !lacking_any(variables->records->model, &lacking))
        return NULL;
    return lacking_comment(&variables->comments, NULL, why, variables->records->model, &lacking);
}

/* Whether some have no value where a run begins. */
static const char *comment_on_quantities(const struct record_variables *variables)
{
    const struct records *records = variables->records;
    const bool has_start = records->n > 0 && records_at(records, 0, 0)->period == 0;
    return has_start && model_kept(variables->records->model) > 0
               ? "what is of the period that ended, like income, is NaN at period 0"
               : NULL;
}

/* The quantities' names, which the file has beside their numbers. */
static enum status name_quantities(struct record_variables *variables)
{
    const struct model *model = variables->records->model;
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
        .long_name = "quantity that the statistic is of",
        .comment = comment_on_quantities(variables)};
    return WS_OK;
}

/* The groups' names: that of all, then their labels. */
static enum status name_groups(struct record_variables *variables)
{
    enum { LONGEST = sizeof " -2147483648" };
    const struct model *model = variables->records->model;
    const size_t bytes = (size_t)model_groups(model) * LONGEST;
    variables->group_names = malloc(bytes);
    if (!variables->group_names)
        return error_memory(bytes, "the groups' names");
    int place = snprintf(variables->group_names, bytes, "all");
    for (int group = 0; group < model->n_groups; group++)
        place += snprintf(
            variables->group_names + place, bytes - (size_t)place, " %" PRId32, model->group_labels[group]);
    variables->group = (struct dimension){.name = "group",
        .length = model_groups(model),
        .is_counted = true,
        .meanings = variables->group_names,
        .long_name = "group of households: all, or those of a label of the model file",
        .comment = "statistics of a group that has no households at a record are NaN: see group_households"};
    return WS_OK;
}

/* What all variables of records go over first, where there are several. */
static const struct dimension **lead(
    const struct record_variables *variables, bool has_groups, const struct dimension **over)
{
    if (variables->records->n_scenarios > 1)
        *over++ = &variables->scenario;
    if (has_groups && variables->records->model->n_groups > 0)
        *over++ = &variables->group;
    return over;
}

static void set_dimensions(
    const struct record_variables *variables, const struct statistic *statistic, struct variable *variable)
{
    const struct dimension **over = lead(variables, true, variable->over);
    if (model_quantities(variables->records->model) > 1)
        *over++ = &variables->quantity;
    *over++ = &variables->dimension[SINGLE];
    if (statistic->dimension != SINGLE)
        *over = &variables->dimension[statistic->dimension];
}

/* What a variable of a kind is called. Names of differences are made here: two of each statistic. */
static void name_variable(
    struct record_variables *variables, enum record_kind kind, int k, int n_errors, struct variable *variable)
{
    const struct statistic *statistic = &summary_statistics[k];
    const bool has_several = model_quantities(variables->records->model) > 1;
    const int room = 2 * n_errors + (kind == DIFFERENCE_ERROR);
    variable->name = kind == VALUE ? statistic->name : statistic->error_name;
    variable->long_name = kind == ERROR                      ? statistic->error_long_name
                          : has_several && statistic->of_any ? statistic->of_any
                                                             : statistic->long_name;
    if (kind == VALUE || kind == ERROR)
        return;
    ENSURE(n_errors < STATISTIC_ERRORS);
    snprintf(variables->names[room], RECORD_NAME, "%s_difference%s", statistic->name,
        kind == DIFFERENCE_ERROR ? "_error" : "");
    snprintf(variables->long_names[room], RECORD_NAME,
        kind == DIFFERENCE ? "%s: less that of scenario 0"
                           : "standard error of %s_difference, from the same sub-populations",
        kind == DIFFERENCE ? variable->long_name : statistic->name);
    variable->name = variables->names[room];
    variable->long_name = variables->long_names[room];
}

static void list_statistics(
    struct record_variables *variables, enum record_kind kind, const char *coordinates)
{
    int n_errors = 0;
    for (int k = 0; k < STATISTICS; k++) {
        const struct statistic *statistic = &summary_statistics[k];
        if (!record_has(statistic, kind, variables->records->recording, variables->records->n_scenarios) ||
            (statistic->is_of_several && model_quantities(variables->records->model) < 2))
            continue;
        ENSURE(variables->n_of < RECORD_VARIABLES);
        struct variable *variable = &variables->of[variables->n_of++];
        *variable = (struct variable){.comment = comment_on(variables, statistic, kind),
            .coordinates = coordinates,
            .fill = fill,
            .content = variables,
            .number = number_variable(kind, k)};
        name_variable(variables, kind, k, n_errors, variable);
        n_errors += statistic->error_name != NULL;
        set_dimensions(variables, statistic, variable);
    }
}

static void list_sides(struct record_variables *variables, const char *coordinates)
{
    for (int k = 0; k < RECORD_SIDES; k++) {
        struct variable *variable = &variables->of[variables->n_of++];
        *variable = (struct variable){.name = record_sides[k].name,
            .long_name = record_sides[k].long_name,
            .coordinates = coordinates,
            .type = record_sides[k].type,
            .fill = fill,
            .content = variables,
            .number = number_variable(RECORD_KINDS, k)};
        *lead(variables, false, variable->over) = &variables->dimension[SINGLE];
    }
}

static void list_households(struct record_variables *variables, const char *coordinates)
{
    static const struct {
        const char *name, *long_name;
        enum number_type type;
        int number;
    } rows[] = {{"group_households", "households of the group", NUMBER_INT, HOUSEHOLDS_OF_GROUP},
        {"group_share", "share of all households that the group has", NUMBER_REAL, SHARE_OF_GROUP}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct variable *variable = &variables->of[variables->n_of++];
        *variable = (struct variable){.name = rows[i].name,
            .long_name = rows[i].long_name,
            .coordinates = coordinates,
            .type = rows[i].type,
            .fill = fill,
            .content = variables,
            .number = number_variable(RECORD_KINDS, rows[i].number)};
        *lead(variables, true, variable->over) = &variables->dimension[SINGLE];
    }
}

enum status records_variables(
    struct record_variables *variables, const struct records *records, const char *coordinates)
{
    const int64_t n = records->n;
    *variables = (struct record_variables){.records = records};
    variables->periods = malloc((size_t)n * sizeof *variables->periods + 1);
    if (!variables->periods)
        return error_memory((size_t)n * sizeof *variables->periods, "the records' periods");
    for (int64_t i = 0; i < n; i++)
        variables->periods[i] = records_at(records, 0, i)->period;
    list_dimensions(variables);
    if (records->model->n_groups > 0)
        list_households(variables, coordinates);
    for (int kind = 0; kind < RECORD_KINDS; kind++)
        list_statistics(variables, (enum record_kind)kind, coordinates);
    if (records->model->beyond)
        list_sides(variables, coordinates);
    enum status status = variables->comments.status;
    if (status == WS_OK)
        status = name_groups(variables);
    return status == WS_OK ? name_quantities(variables) : status;
}

void records_variables_free(struct record_variables *variables)
{
    free(variables->periods);
    free(variables->quantity_names);
    free(variables->group_names);
    lacking_free(&variables->comments);
    variables->periods = NULL;
    variables->quantity_names = variables->group_names = NULL;
}
