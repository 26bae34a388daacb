#include "commands/commands.h"
#include "commands/model_input.h"
#include "commands/report.h"
#include "commands/run_check.h"
#include "commands/run_options.h"
#include "commands/run_report.h"
#include "commands/run_result.h"
#include "commands/start.h"
#include "core/topology.h"
#include "files/checkpoint_history.h"
#include "population/coalescence.h"
#include "population/paths.h"
#include "simulation/simulation.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* A run: what its steps hand on to each other. */
struct run {
    const struct options *all;
    const struct run_options *options;
    const struct comm *comm;
    struct fields fields; /* what tells the run from others, for checkpoints */
    struct population population;
    struct paths paths;             /* of --paths */
    struct coalescence coalescence; /* of --coalescence */
    struct records records;
    struct theory theory; /* of scenario 0's law */
    struct timers timers;
    struct checkpoint_history history;
    struct simulation simulation;
};

/* How long a checkpoint may take a household, until one has been measured: 20 bytes at 100 MB/s. */
static const double seconds_to_save_household = 200e-9;

/* ---- the start ------------------------------------------------------------------------------------------------------ */

/* The population, with the coupled run as its second scenario, and what watches it. */
static enum status create_population(struct run *run, int threads)
{
    const struct run_options *options = run->options;
    const struct decomposition part = decomposition_of(options->households, run->comm->rank, run->comm->size);
    struct population *population = &run->population;
    const struct model *model = models_chosen(&options->models);
    const bool is_coupled = !isnan(options->coalescence);
    struct models_parameters coupled = options->models;
    if (is_coupled)
        models_couple(&coupled, model, options->coalescence);
    const void *const parameters[] = {
        models_parameters_of(&options->models, model), models_parameters_of(&coupled, model)};
    enum status status = population_create(population, part, model, parameters, is_coupled ? 2 : 1, threads);
    if (status == WS_OK && is_coupled)
        status = coalescence_create(&run->coalescence, population);
    if (status == WS_OK && options->paths > 0)
        status = paths_create(&run->paths, population, 1, 0, options->paths, options->recording.periods);
    return status;
}

/* Memory for the whole run. */
static enum status create(struct run *run)
{
    const struct run_options *options = run->options;
    const struct comm *comm = run->comm;
    const int threads = topology_threads(comm, (int)options->common.threads);

    topology_warn(comm, threads);
    enum status status = timers_create(&run->timers, threads);
    if (status == WS_OK)
        status = records_create(&run->records, &options->recording, 1);
    if (status == WS_OK)
        status = create_population(run, threads);
    return error_agree(comm->world, status);
}

/* The population at period 0. */
static enum status start_afresh(struct run *run)
{
    const struct run_options *options = run->options;
    struct population *population = &run->population;
    enum status status = error_agree(run->comm->world,
        population_start(population, (enum rng_family)options->streams.rng, options->streams.seed));
    if (status == WS_OK)
        status = start_read(run->comm, options->initial, &options->models, population);
    if (status == WS_OK)
        population_begin(population);
    return status;
}

static struct checkpoint_state state_of(struct run *run)
{
    return (struct checkpoint_state){.identity = &run->fields,
        .recording = &run->options->recording,
        .family = (enum rng_family)run->options->streams.rng,
        .n_paths = run->options->paths,
        .population = &run->population,
        .paths = run->paths.wealth ? &run->paths : NULL,
        .coalescence = run->coalescence.periods ? &run->coalescence : NULL,
        .records = &run->records};
}

/* What theory says of the law decides what is recorded. */
static void consult_theory(struct run *run)
{
    run->theory = model_theory(run->population.model, run->population.scenarios[0].law);
    if (run->theory.warning && run->comm->rank == 0)
        fprintf(stderr, "wealthsim: warning: %s\n", run->theory.warning);
}

/* The population at period 0, or at that of a checkpoint. */
static enum status prepare(struct run *run)
{
    const struct run_options *options = run->options;
    bool is_resumed = false;
    enum status status = create(run);
    if (status == WS_OK)
        consult_theory(run);
    if (status == WS_OK && options->checkpoint[0])
        status = checkpoint_history_open(&run->history, run->comm, options->checkpoint, stderr);
    if (status == WS_OK && options->checkpoint[0] && options->resume) {
        struct checkpoint_state state = state_of(run);
        status = checkpoint_history_resume(&run->history, run->comm, &state, &is_resumed);
    }
    return status == WS_OK && !is_resumed ? start_afresh(run) : status;
}

/* ---- the loop ------------------------------------------------------------------------------------------------------- */

static enum simulation_saved save(void *owner)
{
    struct run *run = owner;
    const struct checkpoint_state state = state_of(run);
    if (checkpoint_history_write(&run->history, run->comm, &state) == WS_OK)
        return SIMULATION_SAVED;
    return run->history.is_superseded ? SIMULATION_SUPERSEDED : SIMULATION_NOT_SAVED;
}

static enum status simulate(struct run *run, double start)
{
    const struct run_options *options = run->options;
    const double households = (double)options->households;
    const struct schedule_plan plan = {.has_checkpoints = options->checkpoint[0] != '\0',
        .every_seconds = options->checkpoint_every.seconds,
        .every_periods = options->checkpoint_every.periods,
        .start = start,
        .limit = options->max_time.seconds,
        .cost = households * seconds_to_save_household,
        .households = households / run->comm->size};
    const enum status status = simulation_run(&run->simulation, &plan);
    if (status == WS_STOPPED && run->comm->rank == 0)
        error_set(WS_STOPPED,
            "stopped at period %" PRId64 " of %" PRId64 " with a checkpoint in '%s.%" PRId64
            "': go on with --resume",
            run->population.period, options->recording.periods, options->checkpoint, run->history.newest);
    return status;
}

/* ---- the end -------------------------------------------------------------------------------------------------------- */

/* What is written and said. */
static enum status conclude(struct run *run, double start)
{
    const struct comm *comm = run->comm;
    const struct run_options *options = run->options;
    const struct run_answer answer = {.options = options,
        .population = &run->population,
        .paths = &run->paths,
        .theory = run->theory,
        .records = &run->records,
        .coalescence = run->coalescence.periods ? coalescence_period(comm->world, &run->coalescence, 0) : -1};
    struct run_result result;
    enum status status = error_agree(comm->world, run_result(&result, &answer, comm->rank == 0));
    if (status == WS_OK)
        status = report_result(comm,
            &(struct report){.command = &command_run,
                .options = run->all,
                .title = "Wealth of a population of households",
                .hash = population_hash(comm->world, &run->population, 0),
                .attributes = &result.attributes,
                .meaningless = model_meaningless(&options->models),
                .variables = result.variables,
                .n_variables = result.n_variables,
                .rows = result.rows,
                .n_rows = result.n_rows,
                .bytes_later = options->compress > 0 ? 0 : run_result_bytes(options),
                .rate_name = "household_periods_per_second",
                .unit = "household-periods",
                .work = (double)options->households * (double)run->population.period,
                .streams = &options->streams,
                .n_streams = run->population.part.n_blocks_global,
                .stream_seconds = streams_seconds(run->population.streams),
                .timers = &run->timers,
                .start = start,
                .print = run_report,
                .content = &answer},
            options->common.quiet);
    run_result_free(&result);
    return status;
}

static enum status run_command(const struct options *all, const struct comm *comm)
{
    const double start = timers_now();
    const struct run_options *options = all->values;
    struct run run = {.all = all, .options = options, .comm = comm};
    run.simulation = (struct simulation){.comm = comm,
        .recording = &options->recording,
        .population = &run.population,
        .records = &run.records,
        .theories = &run.theory,
        .timers = &run.timers,
        .is_quiet = options->common.quiet,
        .save = save,
        .owner = &run};
    if (options->scenarios_loaded->n > 1)
        return error_set(WS_USAGE, "--scenarios: '%s' has %d rows, and one is all that can be run",
            options->scenarios, options->scenarios_loaded->n);
    option_fields(&command_run, options, options->recording.every > 0, &run.fields);
    model_fields(&options->models, &run.fields);
    enum status status = prepare(&run);
    if (status == WS_OK)
        status = simulate(&run, start);
    if (status == WS_OK)
        status = conclude(&run, start);

    checkpoint_history_close(&run.history, comm);
    records_destroy(&run.records);
    population_destroy(&run.population);
    paths_destroy(&run.paths);
    coalescence_destroy(&run.coalescence);
    timers_destroy(&run.timers);
    return status;
}

static enum status load(struct options *all, const struct comm *comm)
{
    struct run_options *options = all->values;
    struct scenarios *scenarios = options->scenarios_loaded = calloc(1, sizeof *scenarios);
    enum status status =
        error_agree(comm->world, scenarios ? WS_OK : error_memory(sizeof *scenarios, "the scenarios"));
    if (status != WS_OK)
        return status;
    status = scenarios_load(
        scenarios, all, &command_run.line, options->scenarios, &options->models, options->initial, comm);
    if (scenarios->n > 0) {
        options->models = scenarios->of[0].models;
        snprintf(options->initial, sizeof options->initial, "%s", scenarios->of[0].initial);
    }
    return status;
}

static void release(struct options *all)
{
    struct scenarios *scenarios = ((struct run_options *)all->values)->scenarios_loaded;
    if (scenarios)
        scenarios_free(scenarios);
    free(scenarios);
}

static const char *checkpoint(const struct options *all)
{
    return ((const struct run_options *)all->values)->checkpoint;
}

const struct command command_run = {.line = {.name = "run",
                                        .summary = "Simulate the wealth of a population of households",
                                        .bytes = sizeof(struct run_options),
                                        .parts = run_option_parts},
    .load = load,
    .release = release,
    .check = run_check,
    .checkpoint = checkpoint,
    .run = run_command};
