#include "simulation/record.h"
#include "statistics/correlation.h"
#include "statistics/standard_errors.h"
#include "statistics/statistic.h"
#include <math.h>
#include <stdlib.h>

/* How many numbers there are for each statistic: itself, its standard error, and that of its difference. */
static int64_t kinds_of(const struct recording *recording, int scenario)
{
    return recording->n_subpopulations == 0 ? 1 : scenario == 0 ? 2 : 3;
}

static int64_t summary_bytes_of(const struct recording *recording)
{
    return (int64_t)sizeof(struct summary) + summary_kept_bytes((int)recording->n_quantiles);
}

int64_t record_kept_bytes(const struct model *model, const struct recording *recording, int n_scenarios)
{
    static const int64_t of_allocation = 32; /* the allocator's */
    const int64_t kinds = kinds_of(recording, n_scenarios - 1);
    return (int64_t)sizeof(struct record) +
           kinds * (model_quantities(model) * summary_bytes_of(recording) + of_allocation);
}

/* Whether a quantity is no array of the state, and must be computed of it. */
static bool is_computed(const struct model *model, int quantity)
{
    return quantity > 0 && model_quantity(model, quantity).array == 0;
}

/* How many values a rank has to keep while a quantity is looked at: none where it stands in the state. */
static int64_t values_of(const struct model *model, int64_t n_blocks_local)
{
    for (int quantity = 1; quantity < model_quantities(model); quantity++)
        if (is_computed(model, quantity))
            return n_blocks_local * BLOCK_SIZE;
    return 0;
}

int64_t record_bytes(
    const struct model *model, const struct recording *recording, int64_t n_global, int size, int threads)
{
    const int64_t n_blocks = decomposition_of(n_global, 0, 1).n_blocks_global / size + 1;
    const int n_parts = (int)recording->n_subpopulations;
    return values_of(model, n_blocks) * (int64_t)sizeof(double) +
           2 * n_parts * model_quantities(model) * summary_bytes_of(recording) +
           summary_bytes(n_global, size, threads, (int)recording->n_quantiles, n_parts);
}

static enum status create(
    struct record *record, const struct model *model, const struct recording *recording, int scenario)
{
    const size_t n = (size_t)model_quantities(model);
    const int64_t kinds = kinds_of(recording, scenario);
    record->n_quantities = (int)n;
    record->summaries = calloc(n, sizeof *record->summaries);
    record->errors = kinds > 1 ? calloc(n, sizeof *record->errors) : NULL;
    record->difference_errors = kinds > 2 ? calloc(n, sizeof *record->difference_errors) : NULL;
    return record->summaries && (record->errors || kinds < 2) && (record->difference_errors || kinds < 3)
               ? WS_OK
               : error_memory(3 * n * sizeof *record->summaries, "a record");
}

/* Room for a summary's numbers, where such summaries are kept. */
static enum status prepare(
    struct summary *summaries, int quantity, const struct recording *recording, int64_t households)
{
    return summaries ? summary_prepare(&summaries[quantity], households, recording->quantiles,
                           (int)recording->n_quantiles)
                     : WS_OK;
}

/* The same for standard errors of all quantities. */
static enum status prepare_errors(
    struct record *record, const struct recording *recording, int64_t households)
{
    enum status status = WS_OK;
    for (int quantity = 0; status == WS_OK && quantity < record->n_quantities; quantity++) {
        status = prepare(record->errors, quantity, recording, households);
        if (status == WS_OK)
            status = prepare(record->difference_errors, quantity, recording, households);
    }
    return status;
}

enum status record_prepare(struct record *record, const struct model *model,
    const struct recording *recording, int scenario, int64_t households)
{
    enum status status = create(record, model, recording, scenario);
    for (int quantity = 0; status == WS_OK && quantity < record->n_quantities; quantity++)
        status = prepare(record->summaries, quantity, recording, households);
    return status == WS_OK ? prepare_errors(record, recording, households) : status;
}

/* A quantity of all households, where it stands or computed into values. */
static const double *evaluate(const struct population *population, int scenario, int quantity, double *values)
{
    const struct model *model = population->model;
    const struct model_quantity of = model_quantity(model, quantity);
    if (!is_computed(model, quantity))
        return population_array(population, scenario, of.array);
#pragma omp parallel for schedule(static) num_threads(population->threads)
    for (int64_t b = 0; b < population->part.n_blocks_local; b++) {
        void *state[MODEL_ARRAYS];
        population_state(population, scenario, b, state);
        model->evaluate(population->scenarios[scenario].law, of.number, population->period,
            of.is_of_period ? population_kept(population, b) : NULL, state, values + b * BLOCK_SIZE);
    }
    return values;
}

/* The standard errors, and those of the differences from the first scenario, once a scenario's parts are known. */
static void find_errors(const struct record_parts *parts, int scenario, int quantity, struct record *record)
{
    const int64_t place = (int64_t)quantity * parts->n;
    const struct summary *first = parts->first + place, *of = scenario == 0 ? first : parts->other + place;
    standard_errors(of, NULL, parts->n, &record->errors[quantity]);
    if (record->difference_errors)
        standard_errors(of, first, parts->n, &record->difference_errors[quantity]);
}

/* How a quantity goes with wealth, whose summary comes before. */
static double correlate(MPI_Comm comm, const struct population *population, int scenario,
    const double *values, const struct summary *wealth, const struct summary *summary)
{
    const bool are_finite = isfinite(wealth->maximum) && isfinite(summary->maximum);
    return are_finite
               ? correlation_compute(comm, population->threads, population_wealth(population, scenario),
                     values, population->part.n_local, population->part.n_global)
               : NAN;
}

/* What is not there yet. */
static enum status leave_out(
    const struct recording *recording, int quantity, int64_t households, struct record *record)
{
    const enum status status = prepare(record->summaries, quantity, recording, households);
    if (status == WS_OK)
        statistics_leave_out(&record->summaries[quantity]);
    if (record->errors)
        statistics_leave_out(&record->errors[quantity]);
    if (record->difference_errors)
        statistics_leave_out(&record->difference_errors[quantity]);
    return status;
}

/* The statistics of one quantity of a record. */
static enum status take_quantity(MPI_Comm comm, const struct population *population, int scenario,
    const struct recording *recording, int quantity, double *room, struct record_parts *parts,
    struct record *record)
{
    const struct decomposition *part = &population->part;
    struct summary *summary = &record->summaries[quantity];
    struct summary *of = scenario == 0 ? parts->first : parts->other;
    const struct summary_asked asked = {.probability = recording->quantiles,
        .n_probability = (int)recording->n_quantiles,
        .labels = {.n = parts->n, .first_block = part->first_block, .block_size = BLOCK_SIZE},
        .parts = of ? of + (int64_t)quantity * parts->n : NULL};
    if (population->period == 0 && model_quantity(population->model, quantity).is_of_period)
        return error_agree(comm, leave_out(recording, quantity, part->n_global, record));
    const double *values = evaluate(population, scenario, quantity, room);
    const enum status status =
        summary_compute(comm, population->threads, values, part->n_local, part->n_global, &asked, summary);
    if (status == WS_OK && quantity > 0)
        summary->correlation = correlate(comm, population, scenario, values, &record->summaries[0], summary);
    if (status == WS_OK && parts->n > 0)
        find_errors(parts, scenario, quantity, record);
    return status;
}

enum status record_take(MPI_Comm comm, const struct population *population, int scenario,
    const struct recording *recording, struct record_parts *parts, struct record *record)
{
    const struct decomposition *part = &population->part;
    const size_t n_values = (size_t)values_of(population->model, part->n_blocks_local);
    double *values = n_values > 0 ? malloc(n_values * sizeof *values) : NULL;
    *record = (struct record){.period = population->period};
    enum status status = create(record, population->model, recording, scenario);
    if (status == WS_OK)
        status = prepare_errors(record, recording, part->n_global);
    if (n_values > 0 && !values)
        status = error_memory(n_values * sizeof *values, "a quantity of all households");
    status = error_agree(comm, status);
    for (int quantity = 0; status == WS_OK && quantity < record->n_quantities; quantity++)
        status = take_quantity(comm, population, scenario, recording, quantity, values, parts, record);
    if (status == WS_OK)
        record->beyond = beyond_count(comm, population, scenario);
    free(values);
    return status;
}

static void destroy(struct summary *summaries, int n)
{
    for (int i = 0; summaries && i < n; i++)
        summary_destroy(&summaries[i]);
    free(summaries);
}

void record_destroy(struct record *record)
{
    destroy(record->summaries, record->n_quantities);
    destroy(record->errors, record->n_quantities);
    destroy(record->difference_errors, record->n_quantities);
    *record = (struct record){0};
}

enum status record_parts_create(
    struct record_parts *parts, const struct model *model, const struct recording *recording, int n_scenarios)
{
    const int n_quantities = model_quantities(model), n_quantiles = (int)recording->n_quantiles;
    *parts = (struct record_parts){.n = (int)recording->n_subpopulations, .n_quantities = n_quantities};
    const int n = n_quantities * parts->n;
    enum status status = WS_OK;
    if (n > 0)
        status = standard_errors_create(&parts->first, n, recording->quantiles, n_quantiles);
    if (n > 0 && status == WS_OK && n_scenarios > 1)
        status = standard_errors_create(&parts->other, n, recording->quantiles, n_quantiles);
    return status;
}

void record_parts_destroy(struct record_parts *parts)
{
    standard_errors_free(parts->first, parts->n_quantities * parts->n);
    standard_errors_free(parts->other, parts->n_quantities * parts->n);
    *parts = (struct record_parts){0};
}

/* ---- of a run --------------------------------------------------------------------------------------------------- */

enum status records_create(struct records *records, const struct recording *recording, int n_scenarios)
{
    const int64_t most = recording_count(recording);
    *records = (struct records){.n_scenarios = n_scenarios,
        .most = most,
        .of = calloc((size_t)(n_scenarios * most), sizeof *records->of)};
    return records->of ? WS_OK
                       : error_memory((size_t)(n_scenarios * most) * sizeof *records->of, "the records");
}

struct record *records_at(const struct records *records, int scenario, int64_t i)
{
    return &records->of[scenario * records->most + i];
}

void records_drop_last(struct records *records)
{
    records->n--;
    for (int i = 0; i < records->n_scenarios; i++)
        record_destroy(records_at(records, i, records->n));
}

void records_clear(struct records *records)
{
    while (records->n > 0)
        records_drop_last(records);
}

void records_destroy(struct records *records)
{
    records_clear(records);
    free(records->of);
    records->of = NULL;
}
