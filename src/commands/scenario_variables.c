#include "commands/scenario_variables.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 17 };

/* ---- what theory says ----------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *long_name;
    size_t offset; /* in struct theory; the last is not there */
} theory_rows[SCENARIO_THEORY] = {
    {"theory_mean", "mean of the stationary law, by theory", offsetof(struct theory, mean)},
    {"theory_variance", "variance of the stationary law, by theory", offsetof(struct theory, variance)},
    {"theory_tail_index", "tail index of the stationary law, by theory", offsetof(struct theory, tail_index)},
    {"theory_memory", "periods after which a thousandth of the start is left, by theory",
        offsetof(struct theory, memory)},
    {"theory_gini", "Gini coefficient of the stationary law, by theory", 0}};

static double theory_number(const struct scenario_answers *answers, int k, int scenario)
{
    if (k == SCENARIO_THEORY - 1)
        return answers->ginis[scenario];
    return *(
        const double *)(const void *)((const char *)&answers->theories[scenario] + theory_rows[k].offset);
}

/* ---- the list ------------------------------------------------------------------------------------------------------- */

static struct variable *add(
    struct scenario_variables *variables, const struct scenario_answers *answers, struct variable variable)
{
    struct variable *added = &variables->of[variables->n_of++];
    ENSURE(variables->n_of <= SCENARIO_VARIABLES);
    *added = variable;
    added->over[0] = answers->dimension;
    return added;
}

void scenario_coordinates(const struct scenarios *scenarios, char *text)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < scenarios->n_columns; i++) {
        used += (size_t)snprintf(
            text + used, SCENARIO_COORDINATES - used, "%s%s", i > 0 ? " " : "", scenarios->columns[i].name);
        ENSURE(used < SCENARIO_COORDINATES);
    }
}

static void add_columns(struct scenario_variables *variables, const struct scenario_answers *answers)
{
    for (int i = 0; i < answers->scenarios->n_columns; i++) {
        const struct scenario_column *column = &answers->scenarios->columns[i];
        add(variables, answers,
            (struct variable){.name = column->name,
                .long_name = column->long_name,
                .type = column->texts ? NUMBER_TEXT : NUMBER_REAL,
                .text_bytes = column->text_bytes,
                .values = column->texts ? (const void *)column->texts : (const void *)column->values});
    }
}

static void add_theory(struct scenario_variables *variables, const struct scenario_answers *answers)
{
    const int n = answers->scenarios->n;
    for (int k = 0; k < SCENARIO_THEORY; k++) {
        if (k == SCENARIO_THEORY - 1 && !answers->ginis)
            continue;
        double *values = variables->theory + k * n;
        for (int i = 0; i < n; i++)
            values[i] = theory_number(answers, k, i);
        add(variables, answers,
            (struct variable){.name = theory_rows[k].name,
                .long_name = theory_rows[k].long_name,
                .coordinates = answers->coordinates,
                .values = values});
    }
    if (answers->quantiles)
        add(variables, answers,
            (struct variable){.name = "stationary_quantile",
                .long_name = "quantiles of the stationary law, by theory; NaN where there is none",
                .coordinates = answers->coordinates,
                .values = answers->quantiles})
            ->over[1] = answers->probability;
}

static void add_texts(struct scenario_variables *variables, const struct scenario_answers *answers,
    const char *name, const char *long_name, const char *texts)
{
    add(variables, answers,
        (struct variable){.name = name,
            .long_name = long_name,
            .type = NUMBER_TEXT,
            .text_bytes = DIGITS - 1,
            .values = texts});
}

static bool have_model_files(const struct scenarios *scenarios)
{
    return scenarios->of[0].models.tabulated.file[0] != '\0';
}

/* Hexadecimal digits, without an end. */
static void write_digits(const struct scenario_variables *variables, const struct scenario_answers *answers)
{
    for (int i = 0; i < answers->scenarios->n; i++) {
        char digits[DIGITS];
        snprintf(digits, sizeof digits, "%016" PRIx64, answers->hashes[i]);
        memcpy(variables->hashes + (size_t)i * (DIGITS - 1), digits, DIGITS - 1);
        memcpy(variables->digests + (size_t)i * (DIGITS - 1),
            answers->scenarios->of[i].models.tabulated.digest, DIGITS - 1);
    }
}

enum status scenario_variables(struct scenario_variables *variables, const struct scenario_answers *answers)
{
    const size_t n = (size_t)answers->scenarios->n;
    *variables = (struct scenario_variables){.theory = malloc(SCENARIO_THEORY * n * sizeof(double)),
        .hashes = malloc(n * (DIGITS - 1)),
        .digests = malloc(n * (DIGITS - 1))};
    if (!variables->theory || !variables->hashes || !variables->digests)
        return error_memory(SCENARIO_THEORY * n * sizeof(double), "the scenarios' variables");
    write_digits(variables, answers);
    add_columns(variables, answers);
    if (answers->theories)
        add_theory(variables, answers);
    if (answers->coalescence)
        add(variables, answers,
            (struct variable){.name = "coalescence_period",
                .long_name = "first period at which all households agree with those of the coupled run; -1: "
                             "none",
                .coordinates = answers->coordinates,
                .type = NUMBER_INT,
                .values = answers->coalescence});
    if (have_model_files(answers->scenarios))
        add_texts(
            variables, answers, "model_digest", "digest of what the model file says", variables->digests);
    add_texts(variables, answers, "scenario_hash", "result_hash of the scenario alone", variables->hashes);
    return WS_OK;
}

void scenario_variables_free(struct scenario_variables *variables)
{
    free(variables->theory);
    free(variables->hashes);
    free(variables->digests);
    *variables = (struct scenario_variables){.n_of = 0};
}
