#include "commands/run_result.h"
#include "models/kesten_theory.h"
#include "models/stationary.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of paths that no disk has; more of them are not counted, so that sums, and some of them together, stay in range. */
static const int64_t uncountable = (int64_t)1 << 58;

int64_t run_result_bytes(const struct run_options *options)
{
    const int64_t of_wealth = options->no_wealth ? 0 : options->households * (int64_t)sizeof(double);
    const int64_t of_path = (options->recording.periods + 1) * (int64_t)sizeof(double);
    int64_t of_paths = 0;
    if (__builtin_mul_overflow(options->paths, of_path, &of_paths) || of_paths > uncountable)
        of_paths = uncountable;
    return of_wealth + of_paths + records_bytes(&options->recording) + (1 << 20);
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

static enum status add_records(
    struct run_result *result, const struct run_answer *answer, const struct theory *theory)
{
    const enum status status =
        records_variables(&result->records, &answer->options->recording, answer->records, answer->n_records);
    for (int i = 0; status == WS_OK && i < RECORD_STATISTICS; i++) {
        struct variable *variable = add(result, result->records.of[i]);
        variable->comment = why_none(variable->name, theory);
    }
    return status;
}

/* What theory says of the stationary law: moments, tail, quantiles; NaN where it says nothing. */
static enum status add_theory(
    struct run_result *result, const struct run_options *options, const struct theory *theory)
{
    const struct recording *recording = &options->recording;
    struct stationary *law = NULL;
    result->stationary = malloc((size_t)recording->n_quantiles * sizeof *result->stationary + 1);
    if (!result->stationary)
        return error_memory((size_t)recording->n_quantiles * sizeof(double), "the law's quantiles");
    if (stationary_create(&law, &options->model) != WS_OK)
        return WS_FAILED;
    for (int64_t i = 0; i < recording->n_quantiles; i++) {
        const double p = recording->quantiles[i];
        result->stationary[i] = p > 0 && p < 1 ? stationary_quantile(law, p) : NAN;
    }
    fields_add_real(&result->attributes, "theory_mean", theory->mean);
    fields_add_real(&result->attributes, "theory_variance", theory->variance);
    fields_add_real(&result->attributes, "theory_tail_index", theory->tail_index);
    fields_add_real(&result->attributes, "theory_gini", stationary_gini(law));
    stationary_destroy(law);
    add(result, (struct variable){.name = "stationary_quantile",
                    .long_name = "quantiles of the stationary law, by theory; NaN where there is none",
                    .over = {&result->records.dimension[PROBABILITY]},
                    .values = result->stationary});
    return WS_OK;
}

static enum status add_paths(struct run_result *result, const struct run_options *options)
{
    const enum status status = path_variables(&result->paths, options->paths, options->recording.periods);
    add(result, result->paths.wealth);
    return status;
}

static void add_wealth(struct run_result *result, const struct run_options *options)
{
    result->household = (struct dimension){.name = "household", .length = options->households};
    add(result, (struct variable){.name = "wealth",
                    .long_name = "wealth at the end, by household",
                    .over = {&result->household},
                    .compression = (int)options->compress});
}

/* What all ranks write. */
static void add_rows(struct run_result *result, const struct run_answer *answer)
{
    const struct run_options *options = answer->options;
    const struct population *population = answer->population;
    if (options->paths > 0)
        result->rows[result->n_rows++] = path_rows(population, population->part.first_household);
    if (!options->no_wealth)
        result->rows[result->n_rows++] = (struct rows){.name = "wealth",
            .first = population->part.first_household,
            .n = population->part.n_local,
            .data = population->wealth,
            .compression = (int)options->compress};
}

enum status run_result(struct run_result *result, const struct run_answer *answer, bool is_writer)
{
    const struct run_options *options = answer->options;
    const struct theory theory = theory_of(&options->model);
    memset(result, 0, sizeof *result);
    add_rows(result, answer);
    if (!is_writer)
        return WS_OK;
    if (!isnan(options->coalescence))
        fields_add_int(&result->attributes, "coalescence_period", answer->coalescence);
    enum status status = add_records(result, answer, &theory);
    if (status == WS_OK)
        status = add_theory(result, options, &theory);
    if (status == WS_OK && options->paths > 0)
        status = add_paths(result, options);
    if (!options->no_wealth)
        add_wealth(result, options);
    return status;
}

void run_result_free(struct run_result *result)
{
    records_variables_free(&result->records);
    path_variables_free(&result->paths);
    free(result->stationary);
    result->stationary = NULL;
}
