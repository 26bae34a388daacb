#include "files/record_numbers.h"
#include <stddef.h>
#include <string.h>

const struct record_side record_sides[RECORD_SIDES] = {
    {"households_below", "households below the lowest knot of their savings rule", NUMBER_INT,
        offsetof(struct record, beyond.households[BEYOND_BELOW])},
    {"households_above", "households above the highest knot of their savings rule", NUMBER_INT,
        offsetof(struct record, beyond.households[BEYOND_ABOVE])},
    {"wealth_below", "wealth of the households below the lowest knot (exact sum, rounded once)", NUMBER_REAL,
        offsetof(struct record, beyond.wealth[BEYOND_BELOW])},
    {"wealth_above", "wealth of the households above the highest knot (exact sum, rounded once)", NUMBER_REAL,
        offsetof(struct record, beyond.wealth[BEYOND_ABOVE])},
};

int64_t record_length(const struct statistic *statistic, const struct recording *recording)
{
    return statistic_length(statistic, (int)recording->n_quantiles);
}

bool record_has(const struct statistic *statistic, enum record_kind kind, const struct recording *recording,
    int n_scenarios)
{
    return kind == VALUE ||
           (statistic->error_name && recording->n_subpopulations > 0 && (kind == ERROR || n_scenarios > 1));
}

double *record_place(const struct records *records, int scenario, int64_t i, int summary,
    enum record_kind kind, const struct statistic *statistic, int64_t j)
{
    const struct record *record = records_at(records, scenario, i);
    const struct summary *summaries = kind == VALUE              ? record->summaries
                                      : kind == ERROR            ? record->errors
                                      : kind == DIFFERENCE_ERROR ? record->difference_errors
                                                                 : NULL;
    return summaries ? statistic_number(&summaries[summary], statistic, j) : NULL;
}

static double number_of(const struct records *records, int scenario, int64_t i, int summary,
    enum record_kind kind, const struct statistic *statistic, int64_t j)
{
    if (kind == DIFFERENCE)
        return *record_place(records, scenario, i, summary, VALUE, statistic, j) -
               *record_place(records, 0, i, summary, VALUE, statistic, j);
    const double *place = record_place(records, scenario, i, summary, kind, statistic, j);
    return place ? *place : 0;
}

void record_gather(const struct statistic *statistic, enum record_kind kind, int64_t width,
    const struct records *records, double *values)
{
    for (int scenario = 0; scenario < records->n_scenarios; scenario++)
        for (int summary = 0; summary < model_summaries(records->model); summary++)
            for (int64_t i = 0; i < records->n; i++)
                for (int64_t j = 0; j < width; j++)
                    *values++ = number_of(records, scenario, i, summary, kind, statistic, j);
}

void record_gather_households(const struct records *records, int64_t *values)
{
    for (int scenario = 0; scenario < records->n_scenarios; scenario++)
        for (int group = 0; group < model_groups(records->model); group++)
            for (int64_t i = 0; i < records->n; i++)
                *values++ =
                    records_at(records, scenario, i)->summaries[group * model_quantities(records->model)].n;
}

char *record_side_in(const struct records *records, int scenario, int64_t i, int k)
{
    return (char *)records_at(records, scenario, i) + record_sides[k].offset;
}

void record_gather_side(int k, const struct records *records, void *values)
{
    char *next = values;
    for (int scenario = 0; scenario < records->n_scenarios; scenario++)
        for (int64_t i = 0; i < records->n; i++, next += sizeof(double))
            memcpy(next, record_side_in(records, scenario, i, k), sizeof(double));
}
