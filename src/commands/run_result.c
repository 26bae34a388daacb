#include "commands/run_result.h"
#include "commands/model_input.h"
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that no disk has; more of them are not counted, so that sums, and some of them together, stay in range. */
static const int64_t uncountable = (int64_t)1 << 58;

int64_t run_result_bytes(const struct run_options *options, int n_scenarios)
{
    const struct model *model = models_chosen(&options->models);
    const double of_household = options->no_wealth ? 0 : (double)model_household_bytes(model);
    const double of_path = ((double)options->recording.periods + 1) * sizeof(double);
    const double of_scenario = (double)options->households * of_household + (double)options->paths * of_path;
    const double bytes = n_scenarios * of_scenario;
    return (bytes < (double)uncountable ? (int64_t)ceil(bytes) : uncountable) +
           records_bytes(&options->recording, model, n_scenarios) +
           mobility_variables_bytes(&options->mobility, &options->recording, n_scenarios) +
           average_variables_bytes(&options->recording, model, n_scenarios, options->averages.from) +
           (1 << 20);
}

static struct variable *add(struct run_result *result, struct variable variable)
{
    ENSURE(result->n_variables < RUN_VARIABLES);
    result->variables[result->n_variables] = variable;
    return &result->variables[result->n_variables++];
}

static bool has_several(const struct run_answer *answer)
{
    return answer->scenarios->n > 1;
}

/* The dimension, where there is one. */
static const struct dimension *scenario_of(const struct run_result *result, const struct run_answer *answer)
{
    return has_several(answer) ? &result->records.scenario : NULL;
}

static const char *coordinates_of(const struct run_result *result, const struct run_answer *answer)
{
    return has_several(answer) ? result->coordinates : NULL;
}

/* ---- statistics ----------------------------------------------------------------------------------------------------- */

/* Standard errors that are left out where a model has no such moment: a member of struct theory, by its offset. */
static const struct {
    const char *name, *moment;
    size_t has_moment;
} errors_of_moments[] = {{"mean_error", "variance", offsetof(struct theory, has_variance)},
    {"gini_error", "variance", offsetof(struct theory, has_variance)},
    {"variance_error", "fourth moment", offsetof(struct theory, has_fourth_moment)}};

static bool have_all(const struct run_answer *answer, size_t moment)
{
    bool have = true;
    for (int i = 0; i < answer->scenarios->n; i++)
        have = have && *((const bool *)((const char *)&answer->theories[i] + moment));
    return have;
}

/* Theory is about wealth, and its multiples. */
static void find_multiples(const struct model *model, struct lacking *lacking)
{
    memset(lacking, 0, sizeof *lacking);
    for (int summary = 0; summary < model_summaries(model); summary++) {
        const int quantity = model_summary_quantity(model, summary);
        lacking->is[summary] = quantity == 0 || model_quantity(model, quantity).is_multiple;
    }
}

/* Why a standard error is left out, besides what its comment says already. */
static void comment_on_moments(
    struct run_result *result, const struct run_answer *answer, struct variable *variable)
{
    const struct model *model = answer->population->model;
    struct lacking lacking;
    for (size_t i = 0; i < sizeof errors_of_moments / sizeof errors_of_moments[0]; i++) {
        char why[64];
        if (strcmp(variable->name, errors_of_moments[i].name) != 0 ||
            have_all(answer, errors_of_moments[i].has_moment))
            continue;
        snprintf(why, sizeof why, "NaN%s the model has no finite %s", has_several(answer) ? " where" : ":",
            errors_of_moments[i].moment);
        find_multiples(model, &lacking);
        variable->comment = lacking_comment(&result->comments, variable->comment, why, model, &lacking);
    }
}

static enum status add_records(struct run_result *result, const struct run_answer *answer)
{
    enum status status = records_variables(&result->records, answer->records, coordinates_of(result, answer));
    for (int i = 0; status == WS_OK && i < result->records.n_of; i++)
        comment_on_moments(result, answer, add(result, result->records.of[i]));
    if (status == WS_OK)
        status = result->comments.status;
    if (status == WS_OK)
        status = average_variables(&result->averages, answer->averages, &result->records);
    for (int i = 0; status == WS_OK && i < result->averages.n_of; i++)
        add(result, result->averages.of[i]);
    return status;
}

/* ---- theory --------------------------------------------------------------------------------------------------------- */

/* What theory says of the stationary law of one scenario: moments, tail, quantiles; NaN where it says nothing. */
static void add_theory(struct run_result *result, const struct run_answer *answer)
{
    const struct theory *theory = &answer->theories[0];
    if (!answer->population->model->theory)
        return;
    fields_add_real(&result->attributes, "theory_mean", theory->mean);
    fields_add_real(&result->attributes, "theory_variance", theory->variance);
    fields_add_real(&result->attributes, "theory_tail_index", theory->tail_index);
    fields_add_real(&result->attributes, "theory_memory", theory->memory);
    if (!answer->laws->ginis)
        return;
    fields_add_real(&result->attributes, "theory_gini", answer->laws->ginis[0]);
    add(result, (struct variable){.name = "stationary_quantile",
                    .long_name = "quantiles of the stationary law, by theory; NaN where there is none",
                    .over = {&result->records.dimension[PROBABILITY]},
                    .values = answer->laws->quantiles});
}

static enum status add_scenarios(struct run_result *result, const struct run_answer *answer)
{
    const struct scenario_answers of_scenarios = {.scenarios = answer->scenarios,
        .coordinates = result->coordinates,
        .dimension = &result->records.scenario,
        .probability = &result->records.dimension[PROBABILITY],
        .theories = answer->population->model->theory ? answer->theories : NULL,
        .ginis = answer->laws->ginis,
        .quantiles = answer->laws->quantiles,
        .coalescence = answer->coalescence,
        .hashes = answer->hashes};
    const enum status status = scenario_variables(&result->scenarios, &of_scenarios);
    for (int i = 0; i < result->scenarios.n_of; i++)
        add(result, result->scenarios.of[i]);
    return status;
}

/* ---- paths and households --------------------------------------------------------------------------------------------- */

static void add_paths(struct run_result *result, const struct run_answer *answer)
{
    const struct run_options *options = answer->options;
    path_variables(&result->paths, scenario_of(result, answer), options->paths, answer->population->period);
    add(result, result->paths.wealth)->coordinates = coordinates_of(result, answer);
}

/* Only reals are compressed (files/rows.h). */
static int compression_of(const struct run_options *options, const struct model_array *array)
{
    return array->type == ARRAY_REAL ? (int)options->compress : 0;
}

static const enum number_type number_types[] = {[ARRAY_REAL] = NUMBER_REAL,
    [ARRAY_UINT8] = NUMBER_UINT8,
    [ARRAY_UINT16] = NUMBER_UINT16,
    [ARRAY_INT] = NUMBER_INT32};

/* The households' whole state. */
static void add_state(struct run_result *result, const struct run_answer *answer)
{
    const struct run_options *options = answer->options;
    const struct model *model = answer->population->model;
    result->household = (struct dimension){.name = "household", .length = options->households};
    const struct dimension *household = &result->household, *scenario = scenario_of(result, answer);
    for (int i = 0; i < model->n_arrays; i++) {
        const struct model_array *array = &model->arrays[i];
        snprintf(result->array_names[i], sizeof result->array_names[i], "%s at the end, by household",
            array->long_name);
        add(result, (struct variable){.name = array->name,
                        .long_name = result->array_names[i],
                        .coordinates = coordinates_of(result, answer),
                        .type = number_types[array->type],
                        .over = {scenario ? scenario : household, scenario ? household : NULL},
                        .compression = compression_of(options, array)});
    }
}

/* What all ranks write: of each variable the scenarios one after the other. */
static enum status add_rows(struct run_result *result, const struct run_answer *answer)
{
    const struct run_options *options = answer->options;
    const struct population *population = answer->population;
    const struct model *model = population->model;
    const int n = answer->scenarios->n;
    const size_t most = (size_t)n * (size_t)(1 + model->n_arrays);
    result->rows = calloc(most, sizeof *result->rows);
    if (!result->rows)
        return error_memory(most * sizeof *result->rows, "the variables' rows");
    for (int scenario = 0; scenario < n && options->paths > 0; scenario++)
        result->rows[result->n_rows++] = path_rows(answer->paths, scenario, population->part.first_household);
    for (int i = 0; i < model->n_arrays && !options->no_wealth; i++)
        for (int scenario = 0; scenario < n; scenario++)
            result->rows[result->n_rows++] = (struct rows){.name = model->arrays[i].name,
                .has_planes = n > 1,
                .plane = scenario,
                .first = population->part.first_household,
                .n = population->part.n_local,
                .data = population_array(population, scenario, i),
                .compression = compression_of(options, &model->arrays[i])};
    return WS_OK;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------ */

/* Options of another model, and those that the scenarios differ in. */
static void name_meaningless(struct run_result *result, const struct run_answer *answer)
{
    const char *const *others = model_meaningless(&answer->scenarios->of[0].models);
    int n = 0;
    for (; others && others[n]; n++)
        result->meaningless[n] = others[n];
    for (int i = 0; i < answer->scenarios->n_columns; i++)
        result->meaningless[n++] = answer->scenarios->columns[i].name;
    if (answer->options->mobility.lag == 0)
        result->meaningless[n++] = "mobility-groups";
    n += average_options_meaningless(&answer->options->averages, &result->meaningless[n]);
    ENSURE(n < RUN_NAMES);
}

/* Where the run has ended, and whether it was precise enough. */
static void add_precision(struct run_result *result, const struct run_answer *answer)
{
    fields_add_int(&result->attributes, "stopped_at_period", answer->population->period);
    fields_add_int(&result->attributes, "until_error_reached",
        averages_are_precise(answer->averages, answer->precision, answer->records->n));
}

static enum status add_variables(struct run_result *result, const struct run_answer *answer)
{
    const struct run_options *options = answer->options;
    scenario_coordinates(answer->scenarios, result->coordinates);
    enum status status = add_records(result, answer);
    if (status == WS_OK && has_several(answer))
        status = add_scenarios(result, answer);
    if (!has_several(answer))
        add_theory(result, answer);
    mobility_variables(
        &result->mobility, answer->mobility, scenario_of(result, answer), coordinates_of(result, answer));
    for (int i = 0; i < result->mobility.n_of; i++)
        add(result, result->mobility.of[i]);
    if (options->paths > 0)
        add_paths(result, answer);
    if (!options->no_wealth)
        add_state(result, answer);
    return status;
}

enum status run_result(struct run_result *result, const struct run_answer *answer, bool is_writer)
{
    const struct models_parameters *models = &answer->scenarios->of[0].models;
    memset(result, 0, sizeof *result);
    if (!has_several(answer) && models->tabulated.file[0])
        model_fields(models, &result->attributes);
    if (!has_several(answer) && answer->coalescence)
        fields_add_int(&result->attributes, "coalescence_period", answer->coalescence[0]);
    if (answer->precision)
        add_precision(result, answer);
    name_meaningless(result, answer);
    const enum status status = add_rows(result, answer);
    return status == WS_OK && is_writer ? add_variables(result, answer) : status;
}

void run_result_free(struct run_result *result)
{
    records_variables_free(&result->records);
    average_variables_free(&result->averages);
    lacking_free(&result->comments);
    scenario_variables_free(&result->scenarios);
    free(result->rows);
    result->rows = NULL;
}
