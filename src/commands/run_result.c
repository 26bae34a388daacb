#include "commands/run_result.h"
#include "commands/model_input.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of paths that no disk has; more of them are not counted, so that sums, and some of them together, stay in range. */
static const int64_t uncountable = (int64_t)1 << 58;

int64_t run_result_bytes(const struct run_options *options)
{
    const int64_t of_household = (int64_t)model_household_bytes(models_chosen(&options->models));
    const int64_t of_state = options->no_wealth ? 0 : options->households * of_household;
    const int64_t of_path = (options->recording.periods + 1) * (int64_t)sizeof(double);
    int64_t of_paths = 0;
    if (__builtin_mul_overflow(options->paths, of_path, &of_paths) || of_paths > uncountable)
        of_paths = uncountable;
    return of_state + of_paths + records_bytes(&options->recording, models_chosen(&options->models), 1) +
           (1 << 20);
}

static struct variable *add(struct run_result *result, struct variable variable)
{
    ENSURE(result->n_variables < RUN_VARIABLES);
    result->variables[result->n_variables] = variable;
    return &result->variables[result->n_variables++];
}

/* Why a standard error is left out, or NULL. */
static const char *why_none(const char *name, const struct theory *theory)
{
    if (!theory->has_variance && (strcmp(name, "mean_error") == 0 || strcmp(name, "gini_error") == 0))
        return "NaN: the model has no finite variance";
    if (!theory->has_fourth_moment && strcmp(name, "variance_error") == 0)
        return "NaN: the model has no finite fourth moment";
    return NULL;
}

static enum status add_records(struct run_result *result, const struct run_answer *answer)
{
    const enum status status = records_variables(
        &result->records, &answer->options->recording, answer->population->model, answer->records, NULL);
    for (int i = 0; status == WS_OK && i < result->records.n_of; i++) {
        struct variable *variable = add(result, result->records.of[i]);
        const char *why = why_none(variable->name, &answer->theory);
        variable->comment = why ? why : variable->comment;
    }
    return status;
}

/* What theory says of the stationary law: moments, tail, quantiles; NaN where it says nothing. */
static enum status add_theory(struct run_result *result, const struct run_answer *answer)
{
    const struct recording *recording = &answer->options->recording;
    const struct population *population = answer->population;
    const struct model *model = population->model;
    const int64_t n = recording->n_quantiles;
    double gini = NAN;
    if (!model->theory)
        return WS_OK;
    fields_add_real(&result->attributes, "theory_mean", answer->theory.mean);
    fields_add_real(&result->attributes, "theory_variance", answer->theory.variance);
    fields_add_real(&result->attributes, "theory_tail_index", answer->theory.tail_index);
    fields_add_real(&result->attributes, "theory_memory", answer->theory.memory);
    if (!model->stationary)
        return WS_OK;
    result->stationary = malloc((size_t)n * sizeof *result->stationary + 1);
    if (!result->stationary)
        return error_memory((size_t)n * sizeof(double), "the law's quantiles");
    if (model->stationary(population->scenarios[0].law, recording->quantiles, n, result->stationary, &gini) !=
        WS_OK)
        return WS_FAILED;
    fields_add_real(&result->attributes, "theory_gini", gini);
    add(result, (struct variable){.name = "stationary_quantile",
                    .long_name = "quantiles of the stationary law, by theory; NaN where there is none",
                    .over = {&result->records.dimension[PROBABILITY]},
                    .values = result->stationary});
    return WS_OK;
}

static void add_paths(struct run_result *result, const struct run_options *options)
{
    path_variables(&result->paths, options->paths, options->recording.periods);
    add(result, result->paths.wealth);
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
static void add_state(struct run_result *result, const struct run_options *options, const struct model *model)
{
    result->household = (struct dimension){.name = "household", .length = options->households};
    for (int i = 0; i < model->n_arrays; i++) {
        const struct model_array *array = &model->arrays[i];
        snprintf(result->array_names[i], sizeof result->array_names[i], "%s at the end, by household",
            array->long_name);
        add(result, (struct variable){.name = array->name,
                        .long_name = result->array_names[i],
                        .type = number_types[array->type],
                        .over = {&result->household},
                        .compression = compression_of(options, array)});
    }
}

/* What all ranks write. */
static void add_rows(struct run_result *result, const struct run_answer *answer)
{
    const struct run_options *options = answer->options;
    const struct population *population = answer->population;
    const struct model *model = population->model;
    if (options->paths > 0)
        result->rows[result->n_rows++] = path_rows(answer->paths, population->part.first_household);
    for (int i = 0; i < model->n_arrays && !options->no_wealth; i++)
        result->rows[result->n_rows++] = (struct rows){.name = model->arrays[i].name,
            .first = population->part.first_household,
            .n = population->part.n_local,
            .data = population_array(population, 0, i),
            .compression = compression_of(options, &model->arrays[i])};
}

enum status run_result(struct run_result *result, const struct run_answer *answer, bool is_writer)
{
    const struct run_options *options = answer->options;
    memset(result, 0, sizeof *result);
    if (options->models.tabulated.file[0])
        model_fields(&options->models, &result->attributes);
    add_rows(result, answer);
    if (!is_writer)
        return WS_OK;
    if (!isnan(options->coalescence))
        fields_add_int(&result->attributes, "coalescence_period", answer->coalescence);
    enum status status = add_records(result, answer);
    if (status == WS_OK)
        status = add_theory(result, answer);
    if (options->paths > 0)
        add_paths(result, options);
    if (!options->no_wealth)
        add_state(result, options, answer->population->model);
    return status;
}

void run_result_free(struct run_result *result)
{
    records_variables_free(&result->records);
    free(result->stationary);
    result->stationary = NULL;
}
