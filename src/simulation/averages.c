#include "simulation/averages.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

int64_t averages_count(const struct recording *recording, int64_t from)
{
    const int64_t last = recording->periods, every = recording->every;
    return every == 0 ? last > from : last / every - from / every + (last % every > 0 && last > from);
}

bool averages_have(const struct statistic *statistic)
{
    return !statistic->is_of_error;
}

bool averages_have_error(const struct statistic *statistic, const struct theory *theory)
{
    return (theory->has_variance || strcmp(statistic->name, "mean") != 0) &&
           (theory->has_fourth_moment || strcmp(statistic->name, "variance") != 0);
}

enum status averages_create(
    struct averages *averages, const struct records *records, const struct theory *theories, int64_t from)
{
    const size_t bytes = (size_t)records->most * sizeof(double);
    *averages = (struct averages){
        .records = records, .theories = theories, .from = from, .series = malloc(bytes > 0 ? bytes : 1)};
    return averages->series ? WS_OK : error_memory(bytes, "averages over time");
}

void averages_destroy(struct averages *averages)
{
    free(averages->series);
    averages->series = NULL;
}

/* The first record that counts. */
static int64_t first_of(const struct averages *averages, int64_t n)
{
    int64_t first = n;
    while (first > 0 && records_at(averages->records, 0, first - 1)->period > averages->from)
        first--;
    return first;
}

int64_t averages_records(const struct averages *averages, int64_t n)
{
    return averages->from < 0 ? 0 : n - first_of(averages, n);
}

struct batch_means averages_of(const struct averages *averages, int scenario, int summary,
    const struct statistic *statistic, int64_t j, int64_t n)
{
    const int64_t first = first_of(averages, n);
    for (int64_t i = first; i < n; i++)
        averages->series[i - first] =
            *statistic_number(&records_at(averages->records, scenario, i)->summaries[summary], statistic, j);
    struct batch_means means = batch_means_of(averages->series, n - first);
    if (model_summary_quantity(averages->records->model, summary) == 0 &&
        !averages_have_error(statistic, &averages->theories[scenario])) {
        means.error = NAN;
        means.batches = 0;
    }
    return means;
}

bool averages_are_precise(const struct averages *averages, const struct precision *precision, int64_t n)
{
    for (int i = 0; i < averages->records->n_scenarios; i++) {
        const struct batch_means means =
            averages_of(averages, i, 0, precision->statistic, precision->place, n);
        if (!(means.error <= precision->error * fabs(means.mean)) || means.batches < BATCHES_USUAL ||
            batch_means_drifts(&means))
            return false;
    }
    return true;
}

/* Whether precision is looked at with so many records: at multiples of the greatest power of 2 that is a quarter of them or
 * less. */
static bool is_looked_at(int64_t n)
{
    int64_t step = 1;
    while (8 * step <= n)
        step *= 2;
    return n >= PRECISION_LEAST && n % step == 0;
}

bool averages_end(const struct averages *averages, const struct precision *precision, int64_t n)
{
    return n > 0 && records_at(averages->records, 0, n - 1)->period >= precision->least &&
           is_looked_at(averages_records(averages, n)) && averages_are_precise(averages, precision, n);
}
