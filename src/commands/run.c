#include "commands/commands.h"
#include "commands/model_input.h"
#include "commands/outcomes.h"
#include "commands/report.h"
#include "commands/run_averages.h"
#include "commands/run_check.h"
#include "commands/run_options.h"
#include "commands/run_report.h"
#include "commands/run_result.h"
#include "commands/start.h"
#include "core/hash.h"
#include "core/topology.h"
#include "files/checkpoint_history.h"
#include "population/coalescence.h"
#include "population/paths.h"
#include "simulation/simulation.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run: what its steps hand on to each other. */
struct run {
    const struct options *all;
    const struct run_options *options;
    const struct scenarios *scenarios;
    const struct comm *comm;
    struct fields fields; /* what tells the run from others, for checkpoints */
    struct population population;
    struct paths paths;             /* of --paths */
    struct coalescence coalescence; /* of --coalescence */
    struct records records;
    struct mobility_records mobility;
    struct theory *theories;     /* [scenarios->n] of their laws */
    struct stationary_laws laws; /* of theirs */
    struct averages averages;    /* of the records */
    struct precision precision;  /* of --until-error */
    struct timers timers;
    struct checkpoint_history history;
    struct simulation simulation;
};

/* How long a checkpoint may take a household, until one has been measured: 20 bytes at 100 MB/s. */
static const double seconds_to_save_household = 200e-9;

/* ---- the start ------------------------------------------------------------------------------------------------------ */

/* The scenarios, and behind them their coupled runs. coupled: room for the parameters of those, or NULL. */
static enum status create_scenarios(
    struct run *run, const void **parameters, struct models_parameters *coupled, int threads)
{
    const struct scenarios *scenarios = run->scenarios;
    const struct model *model = models_chosen(&scenarios->of[0].models);
    const int n = scenarios->n;
    for (int i = 0; i < n; i++) {
        parameters[i] = models_parameters_of(&scenarios->of[i].models, model);
        if (!coupled)
            continue;
        coupled[i] = scenarios->of[i].models;
        models_couple(&coupled[i], model, run->options->coalescence);
        parameters[n + i] = models_parameters_of(&coupled[i], model);
    }
    return population_create(&run->population,
        decomposition_of(run->options->households, run->comm->rank, run->comm->size), model, parameters,
        coupled ? 2 * n : n, threads);
}

/* The population, and what watches it. */
static enum status create_population(struct run *run, int threads)
{
    const struct run_options *options = run->options;
    const bool is_coupled = !isnan(options->coalescence);
    const size_t n = (size_t)run->scenarios->n;
    const void **parameters = malloc(2 * n * sizeof *parameters);
    struct models_parameters *coupled = is_coupled ? malloc(n * sizeof *coupled) : NULL;
    enum status status = parameters && (coupled || !is_coupled)
                             ? create_scenarios(run, parameters, coupled, threads)
                             : error_memory(n * sizeof *coupled, "the scenarios' parameters");
    free(parameters);
    free(coupled);
    if (status == WS_OK && is_coupled)
        status = coalescence_create(&run->coalescence, &run->population);
    if (status == WS_OK && options->paths > 0)
        status = paths_create(
            &run->paths, &run->population, (int)n, 0, options->paths, options->recording.periods);
    return status;
}

/* Memory for the whole run. */
static enum status create(struct run *run)
{
    const struct run_options *options = run->options;
    const struct comm *comm = run->comm;
    const int threads = options->threads, n = run->scenarios->n;

    const struct model *model = models_chosen(&run->scenarios->of[0].models);
    topology_warn(comm, threads);
    enum status status = timers_create(&run->timers, threads);
    if (status == WS_OK)
        status = records_create(&run->records, model, &options->recording, n, options->households);
    run->simulation.theories = run->theories = malloc((size_t)n * sizeof *run->theories);
    if (!run->theories)
        status = error_memory((size_t)n * sizeof *run->theories, "what theory says");
    if (status == WS_OK)
        status = averages_create(&run->averages, &run->records, run->theories, options->averages.from);
    if (status == WS_OK)
        status = create_population(run, threads);
    if (status == WS_OK)
        status = mobility_records_create(
            &run->mobility, &options->mobility, &options->recording, n, run->population.part.n_local);
    return error_agree(comm->world, status);
}

/* The start values of all scenarios, each file read once. Collective. */
static enum status read_starts(struct run *run)
{
    const struct scenarios *scenarios = run->scenarios;
    struct population *population = &run->population;
    const size_t bytes = (size_t)population->part.n_local * sizeof(double);
    enum status status = WS_OK;
    for (int i = 0; i < scenarios->n && status == WS_OK; i++) {
        const struct scenario_options *of = &scenarios->of[i];
        const int first = scenarios->first_start[i];
        if (first != i)
            memcpy(population_wealth(population, i), population_wealth(population, first), bytes);
        else
            status = start_read(run->comm, of->initial, &of->models, population, i);
    }
    return status;
}

/* The population at period 0. */
static enum status start_afresh(struct run *run)
{
    const struct run_options *options = run->options;
    struct population *population = &run->population;
    enum status status = error_agree(run->comm->world,
        population_start(population, (enum rng_family)options->streams.rng, options->streams.seed));
    if (status == WS_OK)
        status = read_starts(run);
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
        .records = &run->records,
        .mobility = run->mobility.plan->lag > 0 ? &run->mobility : NULL};
}

static void warn(const struct run *run)
{
    enum { MOST_WARNINGS = 8 };
    int n_warnings = 0;
    for (int i = 0; i < run->scenarios->n; i++) {
        char name[SCENARIO_NAME];
        const struct theory *theory = &run->theories[i];
        if (!theory->warning || n_warnings++ >= MOST_WARNINGS)
            continue;
        scenarios_name(run->scenarios, i, name);
        fprintf(stderr, "wealthsim: warning: %s%s%s\n", name, name[0] ? ": " : "", theory->warning);
    }
    if (n_warnings > MOST_WARNINGS)
        fprintf(stderr, "wealthsim: warning: the same of %d more rows\n", n_warnings - MOST_WARNINGS);
}

/* What theory says of the laws decides what is recorded, and when a run ends: rank 0 finds it for all, whose C libraries may
 * not agree in the last digit. Collective. */
static void consult_theory(struct run *run)
{
    const int n = run->scenarios->n;
    if (run->comm->rank == 0) {
        for (int i = 0; i < n; i++)
            run->theories[i] = model_theory(run->population.model, run->population.scenarios[i].law);
        warn(run);
    }
    for (int i = 0; i < n; i++) {
        MPI_CHECK(MPI_Bcast(&run->theories[i], sizeof *run->theories, MPI_BYTE, 0, run->comm->world));
        if (run->comm->rank != 0)
            run->theories[i].warning = NULL; /* rank 0's text */
    }
}

/* The population at period 0, or at that of a checkpoint. */
static enum status prepare(struct run *run)
{
    const struct run_options *options = run->options;
    bool is_resumed = false;
    enum status status = create(run);
    if (status == WS_OK) {
        consult_theory(run);
        status = run_averages_check(&run->averages, run->simulation.precision, run->comm->rank == 0);
    }
    if (status == WS_OK && !options->no_theory) /* before the simulation, which want of memory would waste */
        status =
            stationary_laws(run->comm, &run->population, run->scenarios->n, &options->recording, &run->laws);
    if (status == WS_OK && options->checkpoint[0])
        status = checkpoint_history_open(&run->history, run->comm, options->checkpoint, stderr);
    if (status == WS_OK && options->checkpoint[0] && options->resume) {
        struct checkpoint_state state = state_of(run);
        status = checkpoint_history_resume(&run->history, run->comm, &state, &is_resumed);
    }
    if (status == WS_OK && is_resumed)
        return run_averages_check_end(&run->averages, run->simulation.precision, run->population.period);
    return status == WS_OK ? start_afresh(run) : status;
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
    const double households = (double)options->households * run->population.n_scenarios;
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

/* The hash of all scenarios: that of the only one, or of theirs in their order. Collective. */
static uint64_t hash_all(const struct run *run, uint64_t *hashes)
{
    const int n = run->scenarios->n;
    for (int i = 0; i < n; i++)
        hashes[i] = population_hash(run->comm->world, &run->population, i);
    return n == 1 ? hashes[0] : hash_bytes(hashes, (size_t)n * sizeof *hashes, 0);
}

static void find_coalescence(const struct run *run, int64_t *periods)
{
    for (int i = 0; i < run->scenarios->n; i++)
        periods[i] = coalescence_period(run->comm->world, &run->coalescence, i);
}

/* What is written and said. */
static enum status write_and_say(struct run *run, const struct run_answer *answer, double start)
{
    const struct comm *comm = run->comm;
    const struct run_options *options = run->options;
    struct run_result result;
    enum status status = error_agree(comm->world, run_result(&result, answer, comm->rank == 0));
    if (status == WS_OK)
        status = report_result(comm,
            &(struct report){.command = &command_run,
                .options = run->all,
                .title = "Wealth of a population of households",
                .hash = answer->hash,
                .attributes = &result.attributes,
                .meaningless = result.meaningless,
                .variables = result.variables,
                .n_variables = result.n_variables,
                .rows = result.rows,
                .n_rows = result.n_rows,
                .bytes_later = options->compress > 0 ? 0 : run_result_bytes(options, run->scenarios->n),
                .rate_name = "household_periods_per_second",
                .unit = "household-periods",
                .work = (double)options->households * (double)run->population.period * run->scenarios->n,
                .streams = &options->streams,
                .n_streams = run->population.part.n_blocks_global,
                .stream_seconds = streams_seconds(run->population.streams),
                .timers = &run->timers,
                .start = start,
                .print = run_report,
                .content = answer},
            options->common.quiet);
    run_result_free(&result);
    return status;
}

static enum status conclude(struct run *run, double start)
{
    const struct comm *comm = run->comm;
    const size_t n = (size_t)run->scenarios->n;
    uint64_t *hashes = malloc(n * sizeof *hashes);
    int64_t *coalescence = malloc(n * sizeof *coalescence);
    if (run->paths.wealth)
        paths_end(&run->paths, run->population.period);
    enum status status = error_agree(comm->world,
        hashes && coalescence ? WS_OK : error_memory(2 * n * sizeof *hashes, "the scenarios' answers"));
    if (status == WS_OK) {
        const bool is_coupled = run->coalescence.periods;
        if (is_coupled)
            find_coalescence(run, coalescence);
        const uint64_t hash = hash_all(run, hashes);
        status = write_and_say(run,
            &(struct run_answer){.options = run->options,
                .scenarios = run->scenarios,
                .population = &run->population,
                .paths = &run->paths,
                .theories = run->theories,
                .laws = &run->laws,
                .records = &run->records,
                .mobility = &run->mobility,
                .averages = &run->averages,
                .precision = run->simulation.precision,
                .coalescence = is_coupled ? coalescence : NULL,
                .hashes = hashes,
                .hash = hash},
            start);
    }
    free(hashes);
    free(coalescence);
    return status;
}

/* What tells the run from others: its options, and what the files say that they name. */
static void list_fields(struct run *run)
{
    const struct run_options *options = run->options;
    option_fields(&command_run, options, options->recording.every > 0, &run->fields);
    model_fields(&options->models, &run->fields);
    scenarios_fields(run->scenarios, &run->fields);
}

static enum status run_command(const struct options *all, const struct comm *comm)
{
    const double start = timers_now();
    const struct run_options *options = all->values;
    struct run run = {.all = all, .options = options, .scenarios = options->scenarios_loaded, .comm = comm};
    run.simulation = (struct simulation){.comm = comm,
        .recording = &options->recording,
        .population = &run.population,
        .records = &run.records,
        .mobility = &run.mobility,
        .averages = &run.averages,
        .precision = isnan(options->averages.until_error) ? NULL : &run.precision,
        .timers = &run.timers,
        .is_quiet = options->common.quiet,
        .save = save,
        .owner = &run};
    average_options_precision(&options->averages, options->periods, &options->recording, &run.precision);
    list_fields(&run);
    enum status status = prepare(&run);
    if (status == WS_OK)
        status = simulate(&run, start);
    if (status == WS_OK)
        status = conclude(&run, start);

    checkpoint_history_close(&run.history, comm);
    averages_destroy(&run.averages);
    stationary_laws_free(&run.laws);
    records_destroy(&run.records);
    mobility_records_destroy(&run.mobility);
    free(run.theories);
    population_destroy(&run.population);
    paths_destroy(&run.paths);
    coalescence_destroy(&run.coalescence);
    timers_destroy(&run.timers);
    return status;
}

/* What is not asked for is as fine as the population allows: two blocks to each of its parts. */
static void choose_subpopulations(struct options *all, struct run_options *options)
{
    const int64_t most = decomposition_of(options->households, 0, 1).n_blocks_global / 2;
    if (!options_is_given(all, &command_run.line, "error-groups") &&
        options->recording.n_subpopulations > most)
        options->recording.n_subpopulations = most < 2 ? 0 : most;
}

static enum status load(struct options *all, const struct comm *comm)
{
    struct run_options *options = all->values;
    const int64_t most = options->averages.max_periods;
    options->recording.periods = most > options->periods ? most : options->periods;
    options->threads = topology_threads(comm, (int)options->common.threads);
    choose_subpopulations(all, options);
    struct scenarios *scenarios = options->scenarios_loaded = calloc(1, sizeof *scenarios);
    enum status status =
        error_agree(comm->world, scenarios ? WS_OK : error_memory(sizeof *scenarios, "the scenarios"));
    if (status != WS_OK)
        return status;
    status = scenarios_load(
        scenarios, all, &command_run.line, options->scenarios, &options->models, options->initial, comm);
    if (status == WS_OK)
        status = outcomes_choose(options->outcomes, scenarios, comm);
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
