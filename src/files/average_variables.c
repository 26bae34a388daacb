#include "files/average_variables.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum part { PART_MEAN, PART_ERROR, PART_BATCHES, PART_DRIFT };

static const struct {
    const char *end, *long_name; /* what names begin or end with; the statistic's own goes before or behind */
} parts[AVERAGE_PARTS] = {
    [PART_MEAN] = {"average", "average over the records after period average-from"},
    [PART_ERROR] = {"average_error", "standard error of the average, by batch means"},
    [PART_BATCHES] = {"average_batches", "batches that the standard error of the average is from"},
    [PART_DRIFT] = {"average_drift", "Student's t of a linear drift over the batches"},
};

int64_t average_variables_bytes(
    const struct recording *recording, const struct model *model, int n_scenarios, int64_t from)
{
    int64_t numbers = 0;
    for (int k = 0; k < STATISTICS && from >= 0; k++)
        if (averages_have(&summary_statistics[k]))
            numbers += AVERAGE_PARTS * statistic_length(&summary_statistics[k], (int)recording->n_quantiles);
    return n_scenarios * model_summaries(model) * numbers * (int64_t)sizeof(double);
}

static struct batch_means average(
    const struct average_variables *variables, int scenario, int summary, int k, int64_t j)
{
    const struct averages *averages = variables->averages;
    return averages_of(averages, scenario, summary, &summary_statistics[k], j, averages->records->n);
}

static void fill(const void *content, int number, void *values)
{
    const struct average_variables *variables = content;
    const int k = number / AVERAGE_PARTS;
    const int64_t width =
        statistic_length(&summary_statistics[k], (int)variables->averages->records->recording->n_quantiles);
    double *next = values;
    for (int scenario = 0; scenario < variables->averages->records->n_scenarios; scenario++)
        for (int summary = 0; summary < model_summaries(variables->averages->records->model); summary++)
            for (int64_t j = 0; j < width; j++, next++) {
                const struct batch_means means = average(variables, scenario, summary, k, j);
                const double reals[AVERAGE_PARTS] = {
                    [PART_MEAN] = means.mean, [PART_ERROR] = means.error, [PART_DRIFT] = means.drift};
                const int64_t batches = means.batches;
                if (number % AVERAGE_PARTS == PART_BATCHES)
                    memcpy(next, &batches, sizeof batches);
                else
                    *next = reals[number % AVERAGE_PARTS];
            }
}

/* Reasons why an average, or its standard error, is missing. */
enum reason { NO_AVERAGE, NO_MOMENT, NO_BATCHES, REASONS };

static const struct {
    enum part part; /* that is missing */
    const char *words;
} reasons[REASONS] = {
    [NO_AVERAGE] = {PART_MEAN, "NaN where the statistic is NaN in one of the records"},
    [NO_MOMENT] = {PART_ERROR,
        "NaN: the model lacks the moments without which this statistic has no standard error"},
    [NO_BATCHES] = {PART_ERROR,
        "NaN: the records after average-from are too few, or too much alike from one to the next, for eight "
        "batches that are independent (average_batches is 0): a longer run would have it"},
};

/* The summaries for which a reason holds in some scenario. */
static void find_lacking(const struct average_variables *variables, int k, struct lacking lacking[REASONS])
{
    const struct averages *averages = variables->averages;
    const struct model *model = averages->records->model;
    const struct statistic *statistic = &summary_statistics[k];
    const int64_t width = statistic_length(statistic, (int)averages->records->recording->n_quantiles);
    memset(lacking, 0, REASONS * sizeof *lacking);
    for (int scenario = 0; scenario < averages->records->n_scenarios; scenario++)
        for (int summary = 0; summary < model_summaries(model); summary++) {
            const bool has_error = model_summary_quantity(model, summary) > 0 ||
                                   averages_have_error(statistic, &averages->theories[scenario]);
            for (int64_t j = 0; j < width; j++) {
                const struct batch_means means = average(variables, scenario, summary, k, j);
                const bool lacks_error = isfinite(means.mean) && isnan(means.error);
                lacking[NO_AVERAGE].is[summary] |= isnan(means.mean);
                lacking[NO_MOMENT].is[summary] |= lacks_error && !has_error;
                lacking[NO_BATCHES].is[summary] |= lacks_error && has_error;
            }
        }
}

/* What the comment on a part of a statistic's average says, or NULL: all reasons that hold. */
static const char *comment_on(
    struct average_variables *variables, int part, const struct lacking lacking[REASONS])
{
    const struct model *model = variables->averages->records->model;
    const char *comment = NULL;
    for (int reason = 0; reason < REASONS; reason++)
        if (reasons[reason].part == (enum part)part && lacking_any(model, &lacking[reason]))
            comment = lacking_comment(
                &variables->comments, comment, reasons[reason].words, model, &lacking[reason]);
    return comment;
}

/* Those of the statistic, without the period. */
static void set_dimensions(
    const struct record_variables *records, const struct variable *statistic, const struct dimension **over)
{
    for (int i = 0; i < VARIABLE_DIMENSIONS && statistic->over[i]; i++)
        if (statistic->over[i] != &records->dimension[SINGLE])
            *over++ = statistic->over[i];
}

static void add(struct average_variables *variables, const struct variable *statistic, int part,
    const struct lacking lacking[REASONS])
{
    const int i = variables->n_of++, k = statistic->number;
    snprintf(variables->names[i], AVERAGE_NAME, "%s_%s", statistic->name, parts[part].end);
    snprintf(
        variables->long_names[i], AVERAGE_LONG_NAME, "%s: %s", parts[part].long_name, statistic->long_name);
    variables->of[i] = (struct variable){.name = variables->names[i],
        .long_name = variables->long_names[i],
        .comment = comment_on(variables, part, lacking),
        .coordinates = statistic->coordinates,
        .type = part == PART_BATCHES ? NUMBER_INT : NUMBER_REAL,
        .fill = fill,
        .content = variables,
        .number = k * AVERAGE_PARTS + part};
    set_dimensions(variables->records, statistic, variables->of[i].over);
}

enum status average_variables(struct average_variables *variables, const struct averages *averages,
    const struct record_variables *records)
{
    struct lacking lacking[REASONS];
    variables->averages = averages;
    variables->records = records;
    variables->n_of = 0;
    for (int i = 0; i < records->n_of && averages->from >= 0; i++) {
        const int k = records->of[i].number; /* the statistics themselves are numbered as in their list */
        if (k >= STATISTICS || !averages_have(&summary_statistics[k]))
            continue;
        find_lacking(variables, k, lacking);
        for (int part = 0; part < AVERAGE_PARTS; part++)
            add(variables, &records->of[i], part, lacking);
    }
    return variables->comments.status;
}

void average_variables_free(struct average_variables *variables)
{
    lacking_free(&variables->comments);
}
