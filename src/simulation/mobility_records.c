#include "simulation/mobility_records.h"
#include <math.h>
#include <stdlib.h>

int mobility_groups(const struct mobility_plan *plan)
{
    return (int)plan->n_bounds + 1;
}

int64_t mobility_pairs(const struct mobility_plan *plan, const struct recording *recording)
{
    return plan->lag == 0 ? 0 : recording->every == 0 ? 1 : recording->periods / plan->lag;
}

bool mobility_due(const struct mobility_plan *plan, const struct recording *recording, int64_t period)
{
    if (plan->lag == 0 || period == 0 || period % plan->lag != 0)
        return false;
    return recording->every > 0 || period == recording->periods;
}

/* Whether wealth at a period is the earlier one of a pair, or may be in a run that goes on from here. */
static bool is_held(const struct mobility_plan *plan, const struct recording *recording, int64_t period)
{
    return period % plan->lag == 0 &&
           (recording->every > 0 || period == recording->periods || period == recording->periods - plan->lag);
}

int64_t mobility_next(const struct mobility_plan *plan, const struct recording *recording, int64_t period)
{
    if (plan->lag == 0)
        return INT64_MAX;
    if (recording->every > 0)
        return plan->lag - period % plan->lag;
    const int64_t first = recording->periods - plan->lag;
    return period < first ? first - period : recording->periods - period;
}

/* Numbers of the counts of all pairs. */
static double cells_of(const struct mobility_plan *plan, const struct recording *recording, int n_scenarios)
{
    const double groups = mobility_groups(plan);
    return (double)n_scenarios * (double)mobility_pairs(plan, recording) * groups * groups;
}

int64_t mobility_kept_bytes(
    const struct mobility_plan *plan, const struct recording *recording, int n_scenarios, int64_t n_local)
{
    static const double uncountable = 0x1p58;
    if (plan->lag == 0)
        return 0;
    const double pairs = (double)mobility_pairs(plan, recording);
    const double numbers = cells_of(plan, recording, n_scenarios) + pairs * (2 * (double)n_scenarios + 1) +
                           (double)n_scenarios * (double)n_local;
    return (int64_t)fmin(sizeof(double) * numbers, uncountable);
}

enum status mobility_records_create(struct mobility_records *records, const struct mobility_plan *plan,
    const struct recording *recording, int n_scenarios, int64_t n_local)
{
    const size_t pairs = (size_t)mobility_pairs(plan, recording), scenarios = (size_t)n_scenarios;
    *records = (struct mobility_records){.plan = plan,
        .recording = recording,
        .n_scenarios = n_scenarios,
        .most = (int64_t)pairs,
        .n_local = n_local,
        .held = -1};
    if (plan->lag == 0)
        return WS_OK;
    records->periods = calloc(pairs, sizeof *records->periods);
    records->count = calloc((size_t)cells_of(plan, recording, n_scenarios), sizeof *records->count);
    records->correlation = calloc(scenarios * pairs, sizeof *records->correlation);
    records->rank_correlation = calloc(scenarios * pairs, sizeof *records->rank_correlation);
    records->wealth = calloc(scenarios * (size_t)n_local + 1, sizeof *records->wealth);
    if (records->periods && records->count && records->correlation && records->rank_correlation &&
        records->wealth)
        return WS_OK;
    return error_memory(
        (size_t)mobility_kept_bytes(plan, recording, n_scenarios, n_local), "the households' mobility");
}

void mobility_records_destroy(struct mobility_records *records)
{
    free(records->periods);
    free(records->count);
    free(records->correlation);
    free(records->rank_correlation);
    free(records->wealth);
    *records = (struct mobility_records){.n = 0};
}

int64_t *mobility_count_at(const struct mobility_records *records, int scenario, int64_t i)
{
    const int64_t groups = mobility_groups(records->plan);
    return records->count + (scenario * records->most + i) * groups * groups;
}

/* The wealth that is held loses its meaning. */
static enum status record_pair(
    MPI_Comm comm, const struct population *population, struct mobility_records *records)
{
    const struct mobility_plan *plan = records->plan;
    const int64_t i = records->n;
    enum status status = WS_OK;
    ENSURE(i < records->most && records->held == population->period - plan->lag);
    records->held = -1;
    for (int scenario = 0; scenario < records->n_scenarios && status == WS_OK; scenario++) {
        struct mobility mobility = {.count = mobility_count_at(records, scenario, i)};
        status = mobility_compute(comm, population->threads, records->wealth + scenario * records->n_local,
            population_wealth(population, scenario), records->n_local, population->part.n_global,
            plan->bounds, mobility_groups(plan), &mobility);
        records->correlation[scenario * records->most + i] = mobility.correlation;
        records->rank_correlation[scenario * records->most + i] = mobility.rank_correlation;
    }
    if (status != WS_OK)
        return status;
    records->periods[i] = population->period;
    records->n = i + 1;
    return WS_OK;
}

static void hold(const struct population *population, struct mobility_records *records)
{
    for (int scenario = 0; scenario < records->n_scenarios; scenario++) {
        const double *wealth = population_wealth(population, scenario);
        double *to = records->wealth + scenario * records->n_local;
#pragma omp parallel for schedule(static) num_threads(population->threads)
        for (int64_t i = 0; i < records->n_local; i++)
            to[i] = wealth[i];
    }
    records->held = population->period;
}

enum status mobility_records_take(
    MPI_Comm comm, const struct population *population, struct mobility_records *records)
{
    const int64_t period = population->period, n = records->n;
    if (records->plan->lag == 0)
        return WS_OK;
    enum status status = WS_OK;
    if (mobility_due(records->plan, records->recording, period) &&
        (n == 0 || records->periods[n - 1] != period))
        status = record_pair(comm, population, records);
    if (status == WS_OK && is_held(records->plan, records->recording, period))
        hold(population, records);
    return status;
}

bool mobility_records_can_go_on(const struct mobility_records *records, int64_t period)
{
    const int64_t lag = records->plan->lag, n = records->n, last = records->recording->periods;
    if (lag == 0 || records->recording->every > 0)
        return true;
    return period <= last - lag || records->held == last - lag || (n > 0 && records->periods[n - 1] == last);
}
