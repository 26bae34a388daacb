#include "commands/commands.h"
#include "commands/report.h"
#include "io/durable.h"
#include "io/results.h"
#include "model/theory.h"
#include "population/population.h"
#include "runtime/pace.h"
#include "runtime/progress.h"

#include "runtime/topology.h"
#include "statistics/summary.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- what only this command can see of the options ------------------------------------------------------------ */

static enum status check_streams(const struct options *options)
{
    const enum rng_family family = (enum rng_family)options->rng;
    const int64_t n_blocks = decomposition_of(options->households, 0, 1).n_blocks_global;
    if (n_blocks <= rng_family_streams(family))
        return WS_OK;
    return error_add(WS_USAGE,
        "--rng: %s has %" PRId64 " streams and %" PRId64 " households need %" PRId64
        ": take --rng mlfg, which has "
        "%" PRId64,
        rng_family_name(family), rng_family_streams(family), options->households, n_blocks,
        rng_family_streams(RNG_MLFG));
}

/* Each host adds up what its ranks will take and holds it against what it has. Collective. */
static enum status check_memory(const struct options *options, const struct comm *comm)
{
    const struct decomposition part = decomposition_of(options->households, comm->rank, comm->size);
    int64_t mine = population_bytes((enum rng_family)options->rng, part.n_blocks_local), of_host = 0;
    MPI_CHECK(MPI_Allreduce(&mine, &of_host, 1, MPI_INT64_T, MPI_SUM, comm->host));
    const int64_t available = topology_memory_available();
    if (comm->host_rank != 0 || of_host <= available)
        return WS_OK;
    return error_add(WS_USAGE,
        "--households: %" PRId64
        " need %.3g GB of memory on host %s (%d of %d ranks), which has %.3g GB to give: "
        "use more hosts",
        options->households, (double)of_host * 1e-9, comm->host_name, comm->host_size, comm->size,
        (double)available * 1e-9);
}

static enum status check(const struct options *options, const struct comm *comm)
{
    enum status status = check_memory(options, comm);
    if (comm->rank == 0) {
        if (check_streams(options) != WS_OK)
            status = WS_USAGE;
        if (durable_check(options->output, "output", results_bytes(options)) != WS_OK)
            status = WS_USAGE;
    }
    return status;
}

static void warn_about_law(const struct model *model)
{
    const struct theory theory = theory_of(model);
    const char *of = NULL;
    if (!theory.has_stationary_law)
        of = "no stationary law exists ((1 + r) s >= 1): wealth keeps growing, every figure is of the last "
             "period "
             "alone";
    else if (!theory.has_mean)
        of = "the stationary law has no finite mean (E A >= 1): mean and variance mean nothing";
    else if (!theory.has_variance)
        of = "the stationary law has no finite variance (E A^2 >= 1): the variance means nothing";
    if (of)
        fprintf(stderr, "wealthsim: warning: %s\n", of);
}

/* ---- the run -------------------------------------------------------------------------------------------------- */

/* Advance to the last period, in steps that end often enough to report. */
static void simulate(const struct comm *comm, const struct options *options, struct population *population,
    struct timers *timers)
{
    const double households = (double)options->households;
    struct progress progress;
    struct pace pace;
    progress_start(&progress, comm->rank != 0 || options->quiet, households * (double)options->periods,
        "household-periods");
    pace_start(&pace, households / comm->size);
    while (population->period < options->periods) {
        const double start = timers_now();
        const int64_t periods = pace_periods(&pace, options->periods - population->period);
        population_advance(population, periods, timers);
        const double advanced = timers_now();
        pace_agree(&pace, comm->world, periods, advanced - start);
        timers_add(timers, 0, PHASE_COMMUNICATING, advanced);
        progress_update(&progress, households * (double)population->period);
    }
    progress_end(&progress);
}

static enum status summarise(const struct comm *comm, const struct options *options,
    const struct population *population, struct timers *timers, struct record *record, uint64_t *hash)
{
    const double start = timers_now();
    record->period = population->period;
    const enum status status =
        summary_compute(comm->world, population->threads, population->wealth, population->part.n_local,
            population->part.n_global, options->quantiles, (int)options->n_quantiles, &record->summary);
    *hash = population_hash(comm->world, population);
    timers_add(timers, 0, PHASE_COMMUNICATING, start);
    return status;
}

static enum status run(const struct options *options, const struct comm *comm)
{
    const double start = timers_now();
    const int threads = topology_threads(comm, (int)options->threads);
    struct population population = {0};
    struct timers timers = {0};
    struct record record = {0};
    struct results results = {.options = options,
        .takes = FOR_RUN,
        .population = &population,
        .records = &record,
        .n_records = 1,
        .timers = &timers,
        .start = start};

    topology_warn(comm, threads);
    if (comm->rank == 0)
        warn_about_law(&options->model);

    enum status status = timers_create(&timers, threads);
    if (status == WS_OK)
        status = population_create(&population, decomposition_of(options->households, comm->rank, comm->size),
            &options->model, (enum rng_family)options->rng, options->seed, threads);
    status = error_agree(comm->world, status);
    if (status == WS_OK) {
        simulate(comm, options, &population, &timers);
        status = summarise(comm, options, &population, &timers, &record, &results.hash);
    }
    if (status == WS_OK)
        status = results_write(comm, &results);
    if (status == WS_OK && !options->quiet)
        report_run(comm, &results);

    summary_destroy(&record.summary);
    population_destroy(&population);
    timers_destroy(&timers);
    return status;
}

const struct command command_run = {.name = "run",
    .summary = "Simulate the wealth of a population of households",
    .takes = FOR_RUN,
    .check = check,
    .run = run};
