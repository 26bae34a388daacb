#include "simulation/record.h"
#include <stdlib.h>

int64_t record_kept_bytes(const struct model *model, const struct recording *recording)
{
    static const int64_t of_allocation = 32; /* the allocator's */
    const int64_t of_quantity =
        (int64_t)sizeof(struct summary) + summary_kept_bytes((int)recording->n_quantiles);
    return (int64_t)sizeof(struct record) + model_quantities(model) * of_quantity + of_allocation;
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
    return values_of(model, n_blocks) * (int64_t)sizeof(double) +
           summary_bytes(n_global, size, threads, (int)recording->n_quantiles);
}

static enum status create(struct record *record, const struct model *model)
{
    const int n = model_quantities(model);
    record->summaries = calloc((size_t)n, sizeof *record->summaries);
    record->n_quantities = record->summaries ? n : 0;
    return record->summaries ? WS_OK : error_memory((size_t)n * sizeof *record->summaries, "a record");
}

enum status record_prepare(
    struct record *record, const struct model *model, const struct recording *recording, int64_t households)
{
    enum status status = create(record, model);
    for (int quantity = 0; status == WS_OK && quantity < record->n_quantities; quantity++)
        status = summary_prepare(
            &record->summaries[quantity], households, recording->quantiles, (int)recording->n_quantiles);
    return status;
}

/* A quantity of all households, where it stands or computed into values. */
static const double *evaluate(const struct population *population, int scenario, int quantity, double *values)
{
    const struct model *model = population->model;
    if (!is_computed(model, quantity))
        return population_array(population, scenario, model_quantity(model, quantity).array);
#pragma omp parallel for schedule(static) num_threads(population->threads)
    for (int64_t b = 0; b < population->part.n_blocks_local; b++) {
        void *state[MODEL_ARRAYS];
        population_state(population, scenario, b, state);
        model->evaluate(population->scenarios[scenario].law, quantity, state, values + b * BLOCK_SIZE);
    }
    return values;
}

enum status record_take(MPI_Comm comm, const struct population *population, int scenario,
    const struct recording *recording, struct record *record)
{
    const struct decomposition *part = &population->part;
    const size_t n_values = (size_t)values_of(population->model, part->n_blocks_local);
    double *values = n_values > 0 ? malloc(n_values * sizeof *values) : NULL;
    *record = (struct record){.period = population->period};
    enum status status = create(record, population->model);
    if (n_values > 0 && !values)
        status = error_memory(n_values * sizeof *values, "a quantity of all households");
    status = error_agree(comm, status);
    for (int quantity = 0; status == WS_OK && quantity < record->n_quantities; quantity++)
        status = summary_compute(comm, population->threads, evaluate(population, scenario, quantity, values),
            part->n_local, part->n_global, recording->quantiles, (int)recording->n_quantiles,
            &record->summaries[quantity]);
    if (status == WS_OK)
        record->beyond = beyond_count(comm, population, scenario);
    free(values);
    return status;
}

void record_destroy(struct record *record)
{
    for (int quantity = 0; quantity < record->n_quantities; quantity++)
        summary_destroy(&record->summaries[quantity]);
    free(record->summaries);
    *record = (struct record){0};
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
