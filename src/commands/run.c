#include "commands/commands.h"
#include "commands/report.h"
#include "commands/run_check.h"
#include "commands/run_report.h"
#include "core/progress.h"
#include "core/topology.h"
#include "files/checkpoint_history.h"
#include "files/initial.h"
#include "files/results.h"
#include "models/theory.h"
#include "population/population.h"
#include "simulation/schedule.h"
#include "statistics/summary.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A run: what its steps hand on to each other. */
struct run {
    const struct options *options;
    const struct comm *comm;
    struct population population;
    struct timers timers;
    struct checkpoint_history history;
    struct record *records; /* [records_count(options)], n_records so far */
    int64_t n_records;
};

/* How long a checkpoint may take a household, until one has been measured: 20 bytes at 100 MB/s. */
static const double seconds_to_save_household = 200e-9;

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

/* Memory for the whole run. */
static enum status create(struct run *run)
{
    const struct options *options = run->options;
    const struct comm *comm = run->comm;
    const int threads = topology_threads(comm, (int)options->threads);
    const struct decomposition part = decomposition_of(options->households, comm->rank, comm->size);
    const size_t n_records = (size_t)records_count(options);
    struct population *population = &run->population;

    topology_warn(comm, threads);
    enum status status = timers_create(&run->timers, threads);
    run->records = calloc(n_records, sizeof *run->records);
    if (!run->records)
        status = error_memory(n_records * sizeof *run->records, "the records");
    if (status == WS_OK)
        status = population_create(population, part, &options->model, threads);
    if (status == WS_OK && options->paths > 0)
        status = population_keep_paths(population, 0, options->paths, options->periods);
    if (status == WS_OK && !isnan(options->coalescence))
        status = population_add_twin(population, options->coalescence);
    return error_agree(comm->world, status);
}

/* The population at period 0. */
static enum status start_afresh(struct run *run)
{
    const struct options *options = run->options;
    struct population *population = &run->population;
    const struct decomposition *part = &population->part;
    enum status status = error_agree(
        run->comm->world, population_start(population, (enum rng_family)options->rng, options->seed));
    if (status == WS_OK && options->initial[0])
        status = initial_read(
            run->comm, options->initial, part->first_household, part->n_local, population->wealth);
    if (status == WS_OK)
        population_begin(population);
    return status;
}

static struct checkpoint_state state_of(struct run *run)
{
    return (struct checkpoint_state){.options = run->options,
        .takes = FOR_RUN,
        .population = &run->population,
        .records = run->records,
        .n_records = run->n_records};
}

/* The population at period 0, or at that of a checkpoint. */
static enum status prepare(struct run *run)
{
    const struct options *options = run->options;
    bool is_resumed = false;
    enum status status = create(run);
    if (status == WS_OK && options->checkpoint[0])
        status = checkpoint_history_open(&run->history, run->comm, options->checkpoint);
    if (status == WS_OK && options->checkpoint[0] && options->resume) {
        struct checkpoint_state state = state_of(run);
        status = checkpoint_history_resume(&run->history, run->comm, &state, &is_resumed);
        run->n_records = state.n_records;
    }
    return status == WS_OK && !is_resumed ? start_afresh(run) : status;
}

/* Standard errors that mean nothing under the model are left out. */
static void leave_out_errors(struct summary *summary, const struct model *model)
{
    const struct theory theory = theory_of(model);
    if (!theory.has_fourth_moment)
        summary->variance_error = NAN;
    if (!theory.has_variance)
        summary->mean_error = summary->gini_error = NAN;
}

/* Add the cross-section of this period to the records, if it is due and not there from a checkpoint. */
static enum status record(struct run *run)
{
    const struct options *options = run->options;
    const struct population *population = &run->population;
    if (!records_due(options, population->period) ||
        (run->n_records > 0 && run->records[run->n_records - 1].period == population->period))
        return WS_OK;
    const double start = timers_now();
    struct record *record = &run->records[run->n_records++];
    record->period = population->period;
    const enum status status =
        summary_compute(run->comm->world, population->threads, population->wealth, population->part.n_local,
            population->part.n_global, options->quantiles, (int)options->n_quantiles, &record->summary);
    leave_out_errors(&record->summary, &options->model);
    timers_add(&run->timers, 0, PHASE_COMMUNICATING, start);
    return status;
}

static enum status checkpoint(struct run *run, struct schedule *schedule)
{
    const double start = timers_now();
    const struct checkpoint_state state = state_of(run);
    const enum status status = checkpoint_history_write(&run->history, run->comm, &state);
    schedule_checkpointed(schedule, timers_add(&run->timers, 0, PHASE_WRITING, start) - start);
    return status;
}

/* A checkpoint on the way. A failed one is no reason to end, unless the run is another's now. */
static enum status checkpoint_and_go_on(struct run *run, struct schedule *schedule)
{
    return checkpoint(run, schedule) != WS_OK && run->history.is_superseded ? WS_FAILED : WS_OK;
}

/* A checkpoint, and the end before time. */
static enum status stop(struct run *run, struct schedule *schedule)
{
    const enum status status = checkpoint(run, schedule);
    const int64_t period = run->population.period;
    if (status == WS_OK && run->comm->rank == 0)
        return error_set(WS_STOPPED,
            "stopped at period %" PRId64 " of %" PRId64 " with a checkpoint in '%s.%" PRId64
            "': go on with --resume",
            period, run->options->periods, run->options->checkpoint, run->history.newest);
    if (status != WS_OK && !run->history.is_superseded)
        return error_set(WS_FAILED, "stopped at period %" PRId64 " without a checkpoint of it", period);
    return status == WS_OK ? WS_STOPPED : status;
}

/* One step, and what is due at its end. */
static enum status step(struct run *run, struct schedule *schedule)
{
    const struct options *options = run->options;
    struct population *population = &run->population;
    const double start = timers_now();
    const int64_t periods = schedule_periods(schedule, options, population->period);
    population_advance(population, periods, &run->timers);
    const double advanced = timers_now();
    schedule_agree(schedule, run->comm, population->period, periods, advanced - start);
    timers_add(&run->timers, 0, PHASE_COMMUNICATING, advanced);

    enum status status = record(run);
    if (status == WS_OK && population->period < options->periods) {
        if (schedule->is_stop_due)
            status = error_agree(run->comm->world, stop(run, schedule));
        else if (schedule->is_checkpoint_due)
            status = checkpoint_and_go_on(run, schedule);
    }
    return status;
}

/* From this period to the last one, and a checkpoint there, from which a longer run can go on. */
static enum status simulate(struct run *run, double start)
{
    const struct options *options = run->options;
    struct population *population = &run->population;
    const double households = (double)options->households;
    const bool was_complete = population->period == options->periods && options->periods > 0;
    struct progress progress;
    struct schedule schedule;

    progress_start(&progress, run->comm->rank != 0 || options->quiet, households * (double)population->period,
        households * (double)options->periods, "household-periods");
    schedule_start(&schedule, options, run->comm, start, households * seconds_to_save_household);
    enum status status = record(run);
    while (status == WS_OK && population->period < options->periods) {
        status = step(run, &schedule);
        progress_update(&progress, households * (double)population->period);
    }
    progress_end(&progress);
    if (status == WS_OK && schedule.has_checkpoints && !was_complete)
        status = checkpoint_and_go_on(run, &schedule);
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
    struct rows rows[ROWS_MOST];
    const struct result_file file = results_file(&results, rows);
    const enum status status = result_file_write(comm, &file);
    if (status != WS_OK || options->quiet)
        return status;
    if (comm->rank == 0)
        run_report(&results);
    report_cost(comm, &(struct report){.file = &file,
                          .unit = "household-periods",
                          .n_streams = run->population.part.n_blocks_global,
                          .stream_seconds = streams_seconds(run->population.streams)});
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
        status = simulate(&run, start);
    if (status == WS_OK)
        status = conclude(&run, start);

    checkpoint_history_close(&run.history, comm);
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
