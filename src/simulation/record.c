#include "simulation/record.h"
#include "simulation/groups.h"
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

/* Bytes of a record's summaries, as of the last scenario. */
static int64_t room_of(const struct model *model, const struct recording *recording, int n_scenarios)
{
    return summaries_bytes(
        kinds_of(recording, n_scenarios - 1) * model_summaries(model), (int)recording->n_quantiles);
}

int64_t record_kept_bytes(const struct model *model, const struct recording *recording, int n_scenarios)
{
    return (int64_t)sizeof(struct record) + room_of(model, recording, n_scenarios);
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

/* What is looked at while a record is made: quantities of all households, and the same by groups. */
struct look {
    struct groups groups;
    double *values; /* [n_blocks_local][256] of a quantity that is computed */
    double *sorted; /* [n_local] the quantity, by groups */
    double *wealth; /* [n_local] wealth, by groups, where there are other quantities */
    uint8_t *parts; /* [n_local] the sub-populations, by groups */
};

static int64_t look_bytes(
    const struct model *model, const struct recording *recording, int64_t n_blocks_local)
{
    const int64_t n = n_blocks_local * BLOCK_SIZE, real = sizeof(double);
    const int64_t by_groups =
        real + (model_quantities(model) > 1 ? real : 0) + (recording->n_subpopulations > 0);
    return values_of(model, n_blocks_local) * real + (model->n_groups > 0 ? n * by_groups : 0);
}

int64_t record_bytes(
    const struct model *model, const struct recording *recording, int64_t n_global, int size, int threads)
{
    const int64_t n_blocks = decomposition_of(n_global, 0, 1).n_blocks_global / size + 1;
    const int n_parts = (int)recording->n_subpopulations, n_quantiles = (int)recording->n_quantiles;
    const int64_t of_correlations = model_quantities(model) > 1 ? correlation_bytes(threads, n_parts) : 0;
    return look_bytes(model, recording, n_blocks) + of_correlations + groups_bytes(model, n_blocks, threads) +
           summaries_bytes(2 * n_parts * model_summaries(model), n_quantiles) +
           summary_bytes(n_global, size, threads, n_quantiles, n_parts);
}

static void look_destroy(struct look *look)
{
    groups_destroy(&look->groups);
    free(look->values);
    free(look->sorted);
    free(look->wealth);
    free(look->parts);
}

/* Collective over comm. look_destroy in any case. */
static enum status look_create(struct look *look, MPI_Comm comm, const struct population *population,
    int scenario, const struct recording *recording)
{
    const struct model *model = population->model;
    const size_t n = (size_t)population->part.n_blocks_local * BLOCK_SIZE + 1; /* whole blocks are computed */
    const bool is_computed_of = values_of(model, 1) > 0, has_groups = model->n_groups > 0,
               has_several = model_quantities(model) > 1;
    *look = (struct look){.values = is_computed_of ? malloc(n * sizeof(double)) : NULL};
    if (has_groups) {
        look->sorted = malloc(n * sizeof(double));
        look->wealth = has_several ? malloc(n * sizeof(double)) : NULL;
        look->parts = malloc(n);
    }
    enum status status =
        (look->values || !is_computed_of) &&
                (!has_groups || (look->sorted && look->parts && (look->wealth || !has_several)))
            ? WS_OK
            : error_memory(3 * n * sizeof(double), "a quantity of all households");
    if (has_groups || is_computed_of) /* else nothing was asked for, on no rank */
        status = error_agree(comm, status);
    if (status == WS_OK)
        status = groups_find(&look->groups, comm, population, scenario);
    if (status != WS_OK || !has_groups)
        return status;
    if (look->wealth)
        groups_sort(&look->groups, population_wealth(population, scenario), look->wealth);
    if (recording->n_subpopulations > 0)
        groups_sort_parts(&look->groups, (int)recording->n_subpopulations, look->parts);
    return WS_OK;
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

/* Households that a summary is of: all, or a group. */
struct households {
    const double *values, *wealth;
    int64_t n_local, n_global;
    struct sample_sort_labels labels; /* of sub-populations */
};

/* The standard errors, and those of the differences from the first scenario, once a scenario's parts are known. */
static void find_errors(const struct record_parts *parts, int scenario, int number, struct record *record)
{
    const int64_t place = (int64_t)number * parts->n;
    const struct summary *first = parts->first + place, *of = scenario == 0 ? first : parts->other + place;
    standard_errors(of, NULL, parts->n, &record->errors[number]);
    if (record->difference_errors)
        standard_errors(of, first, parts->n, &record->difference_errors[number]);
}

/* How a quantity goes with wealth: of all, and of the sub-populations. */
static enum status correlate(MPI_Comm comm, int threads, const struct households *of,
    const struct summary *wealth, struct summary *summary, struct summary *parts)
{
    int64_t size[SAMPLE_SORT_LABELS];
    double of_parts[SAMPLE_SORT_LABELS];
    enum status status = WS_OK;
    const int n = of->labels.n;
    for (int part = 0; part < n; part++) {
        size[part] = parts[part].n;
        of_parts[part] = NAN;
    }
    if (!isfinite(wealth->maximum) || !isfinite(summary->maximum))
        summary->correlation = NAN;
    else if (n > 0)
        status = correlation_compute_parts(comm, threads, of->wealth, of->values, of->n_local, &of->labels,
            size, &summary->correlation, of_parts);
    else
        summary->correlation =
            correlation_compute(comm, threads, of->wealth, of->values, of->n_local, of->n_global);
    for (int part = 0; part < n; part++)
        parts[part].correlation = of_parts[part];
    return status;
}

/* What is not there: a summary of nobody, or of a quantity that has no value yet. The sub-populations' are left out, too: the
 * difference from them is none. */
static void leave_out(
    const struct record_parts *parts, int scenario, int number, int64_t households, struct record *record)
{
    struct summary *of = scenario == 0 ? parts->first : parts->other;
    record->summaries[number].n = households;
    statistics_leave_out(&record->summaries[number]);
    if (record->errors)
        statistics_leave_out(&record->errors[number]);
    if (record->difference_errors)
        statistics_leave_out(&record->difference_errors[number]);
    for (int i = 0; i < parts->n; i++)
        statistics_leave_out(&of[(int64_t)number * parts->n + i]);
}

/* One summary of a record, of a quantity's values. */
static enum status summarise(MPI_Comm comm, const struct population *population, int scenario,
    const struct recording *recording, int number, const struct households *households,
    const struct record_parts *parts, struct record *record)
{
    struct summary *summary = &record->summaries[number];
    struct summary *of = scenario == 0 ? parts->first : parts->other;
    const struct summary_asked asked = {.probability = recording->quantiles,
        .n_probability = (int)recording->n_quantiles,
        .labels = households->labels,
        .parts = of ? of + (int64_t)number * parts->n : NULL};
    const int quantity = model_summary_quantity(population->model, number);
    enum status status = summary_compute(comm, population->threads, households->values, households->n_local,
        households->n_global, &asked, summary);
    if (status == WS_OK && quantity > 0)
        status = correlate(comm, population->threads, households, &record->summaries[number - quantity],
            summary, asked.parts);
    if (status == WS_OK && parts->n > 0)
        find_errors(parts, scenario, number, record);
    return status;
}

/* All summaries of one quantity: of all households, then by groups. */
static enum status take_quantity(MPI_Comm comm, const struct population *population, int scenario,
    const struct recording *recording, int quantity, const struct look *look,
    const struct record_parts *parts, struct record *record)
{
    const struct decomposition *part = &population->part;
    const struct groups *groups = &look->groups;
    const bool has_values =
        population->period > 0 || !model_quantity(population->model, quantity).is_of_period;
    struct households households = {.wealth = population_wealth(population, scenario),
        .n_local = part->n_local,
        .n_global = part->n_global,
        .labels = {.n = parts->n, .first_block = part->first_block, .block_size = BLOCK_SIZE}};
    enum status status = WS_OK;
    if (has_values) {
        households.values = evaluate(population, scenario, quantity, look->values);
        if (groups->n > 0)
            groups_sort(groups, households.values, look->sorted);
    }
    for (int group = 0; group <= groups->n && status == WS_OK; group++) {
        const int number = group * model_quantities(population->model) + quantity;
        if (group > 0) {
            const int64_t first = groups->first[group - 1];
            households = (struct households){.values = look->sorted + first,
                .wealth = look->wealth ? look->wealth + first : NULL,
                .n_local = groups->first[group] - first,
                .n_global = groups->n_global[group - 1],
                .labels = {.n = parts->n, .of = look->parts + first}};
        }
        if (has_values && households.n_global > 0)
            status = summarise(comm, population, scenario, recording, number, &households, parts, record);
        else
            leave_out(parts, scenario, number, households.n_global, record);
    }
    return status;
}

enum status record_take(MPI_Comm comm, const struct population *population, int scenario,
    const struct recording *recording, struct record_parts *parts, struct record *record)
{
    struct look look;
    enum status status = look_create(&look, comm, population, scenario, recording);
    record->period = population->period;
    for (int quantity = 0; status == WS_OK && quantity < model_quantities(population->model); quantity++)
        status = take_quantity(comm, population, scenario, recording, quantity, &look, parts, record);
    if (status == WS_OK)
        record->beyond = beyond_count(comm, population, scenario);
    look_destroy(&look);
    return status;
}

enum status record_parts_create(
    struct record_parts *parts, const struct model *model, const struct recording *recording, int n_scenarios)
{
    const int n_parts = (int)recording->n_subpopulations, n_quantiles = (int)recording->n_quantiles;
    const int n = model_summaries(model) * n_parts;
    *parts = (struct record_parts){.n = n_parts};
    if (n > 0)
        parts->first = summaries_create(n, 0, recording->quantiles, n_quantiles);
    if (parts->first && n_scenarios > 1)
        parts->other = summaries_create(n, 0, recording->quantiles, n_quantiles);
    return n == 0 || (parts->first && (parts->other || n_scenarios == 1)) ? WS_OK : WS_FAILED;
}

void record_parts_destroy(struct record_parts *parts)
{
    free(parts->first);
    free(parts->other);
    *parts = (struct record_parts){0};
}

/* ---- of a run --------------------------------------------------------------------------------------------------- */

enum status records_create(struct records *records, const struct model *model,
    const struct recording *recording, int n_scenarios, int64_t households)
{
    const int64_t most = recording_count(recording);
    const size_t n = (size_t)(n_scenarios * most), room = (size_t)room_of(model, recording, n_scenarios);
    *records = (struct records){.model = model,
        .recording = recording,
        .n_scenarios = n_scenarios,
        .households = households,
        .most = most,
        .of = calloc(n, sizeof *records->of),
        .room = malloc(n * room)};
    return records->of && records->room ? WS_OK
                                        : error_memory(n * (sizeof *records->of + room), "the records");
}

void records_destroy(struct records *records)
{
    free(records->of);
    free(records->room);
    *records = (struct records){0};
}

struct record *records_at(const struct records *records, int scenario, int64_t i)
{
    return &records->of[scenario * records->most + i];
}

struct record *records_prepare(struct records *records, int scenario, int64_t i)
{
    const struct recording *recording = records->recording;
    const int n = model_summaries(records->model);
    const int64_t kinds = kinds_of(recording, scenario),
                  room = room_of(records->model, recording, records->n_scenarios);
    struct summary *summaries = summaries_place(records->room + (scenario * records->most + i) * room,
        kinds * n, records->households, recording->quantiles, (int)recording->n_quantiles);
    struct record *record = records_at(records, scenario, i);
    *record = (struct record){.n_summaries = n,
        .summaries = summaries,
        .errors = kinds > 1 ? summaries + n : NULL,
        .difference_errors = kinds > 2 ? summaries + 2 * n : NULL};
    return record;
}
