#include "commands/commands.h"
#include "commands/report.h"
#include "commands/run_check.h"
#include "io/initial.h"
#include "io/results.h"
#include "model/theory.h"
#include "population/population.h"
#include "runtime/pace.h"
#include "runtime/progress.h"
#include "runtime/topology.h"
#include "statistics/summary.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A run: what its steps hand on to each other. */
struct run {
    const struct options *options;
    const struct comm *comm;
    struct population population;
    struct timers timers;
    struct record *records; /* [results_records(options)], n_records so far */
    int64_t n_records;
};

static void warn_about_law(const struct model *model)
{
    const struct theory theory = theory_of(model);
    const char *of = NULL;
    if (!theory.has_stationary_law)
        of = "no stationary law exists ((1 + r) s >= 1): wealth keeps growing, every figure is of the last "
             "period alone";
    else if (!theory.has_mean)
        of = "the stationary law has no finite mean (E A >= 1): mean, variance, Gini and shares mean nothing";
    else if (!theory.has_variance)
        of = "the stationary law has no finite variance (E A^2 >= 1): the variance means nothing";
    if (of)
        fprintf(stderr, "wealthsim: warning: %s\n", of);
}

/* The population at period 0 and all that follows it. */
static enum status prepare(struct run *run)
{
    const struct options *options = run->options;
    const struct comm *comm = run->comm;
    const int threads = topology_threads(comm, (int)options->threads);
    const struct decomposition part = decomposition_of(options->households, comm->rank, comm->size);
    struct population *population = &run->population;

    topology_warn(comm, threads);
    enum status status = timers_create(&run->timers, threads);
    run->records = calloc((size_t)results_records(options), sizeof *run->records);
    if (!run->records)
        status = error_memory((size_t)results_records(options) * sizeof *run->records, "the records");
    if (status == WS_OK)
        status = population_create(
            population, part, &options->model, (enum rng_family)options->rng, options->seed, threads);
    status = error_agree(comm->world, status);
    if (status == WS_OK && options->initial[0])
        status = initial_read(comm, options->initial, part.first_household, part.n_local, population->wealth);
    if (status == WS_OK && options->paths > 0)
        status = population_keep_paths(population, options->paths, options->periods);
    if (status == WS_OK && !isnan(options->coalescence))
        status = population_add_twin(population, options->coalescence);
    return error_agree(comm->world, status);
}

/* Add the cross-section of this period to the records. */
static enum status record(struct run *run)
{
    const struct options *options = run->options;
    const struct population *population = &run->population;
    const double start = timers_now();
    struct record *record = &run->records[run->n_records++];
    record->period = population->period;
    const enum status status =
        summary_compute(run->comm->world, population->threads, population->wealth, population->part.n_local,
            population->part.n_global, options->quantiles, (int)options->n_quantiles, &record->summary);
    timers_add(&run->timers, 0, PHASE_COMMUNICATING, start);
    return status;
}

static int64_t periods_to_record(const struct options *options, int64_t period)
{
    const int64_t left = options->periods - period, every = options->record_every;
    if (every == 0)
        return left;
    const int64_t to_next = every - period % every;
    return to_next < left ? to_next : left;
}

/* From this period to the last one, in steps that end where there is something to record or to report. */
static enum status simulate(struct run *run)
{
    const struct options *options = run->options;
    const struct comm *comm = run->comm;
    struct population *population = &run->population;
    const double households = (double)options->households;
    struct progress progress;
    struct pace pace;
    enum status status = WS_OK;

    progress_start(&progress, comm->rank != 0 || options->quiet, households * (double)options->periods,
        "household-periods");
    pace_start(&pace, households / comm->size);
    if (options->record_every > 0 || options->periods == 0)
        status = record(run);
    while (status == WS_OK && population->period < options->periods) {
        const int64_t to_record = periods_to_record(options, population->period);
        const int64_t periods = pace_periods(&pace, to_record);
        const double start = timers_now();
        population_advance(population, periods, &run->timers);
        const double advanced = timers_now();
        pace_agree(&pace, comm->world, periods, advanced - start);
        timers_add(&run->timers, 0, PHASE_COMMUNICATING, advanced);
        if (periods == to_record)
            status = record(run);
        progress_update(&progress, households * (double)population->period);
    }
    progress_end(&progress);
    return status;
}

/* What is written and said at the end. */
static enum status conclude(struct run *run, double start)
{
    const struct comm *comm = run->comm;
    const struct options *options = run->options;
    const struct results results = {.options = options,
        .takes = FOR_RUN,
        .population = &run->population,
        .records = run->records,
        .n_records = run->n_records,
        .coalescence =
            isnan(options->coalescence) ? -1 : population_coalescence(comm->world, &run->population),
        .hash = population_hash(comm->world, &run->population),
        .timers = &run->timers,
        .start = start};
    const enum status status = results_write(comm, &results);
    if (status == WS_OK && !options->quiet)
        report_run(comm, &results);
    return status;
}

static enum status run_command(const struct options *options, const struct comm *comm)
{
    const double start = timers_now();
    struct run run = {.options = options, .comm = comm};
    if (comm->rank == 0)
        warn_about_law(&options->model);

    enum status status = prepare(&run);
    if (status == WS_OK)
        status = simulate(&run);
    if (status == WS_OK)
        status = conclude(&run, start);

    for (int64_t i = 0; i < run.n_records; i++)
        summary_destroy(&run.records[i].summary);
    free(run.records);
    population_destroy(&run.population);
    timers_destroy(&run.timers);
    return status;
}

const struct command command_run = {.name = "run",
    .summary = "Simulate the wealth of a population of households",
    .takes = FOR_RUN,
    .check = run_check,
    .run = run_command};
