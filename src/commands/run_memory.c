/* tests/unit/test_run_memory.c holds it against what the kernel counts. Sums are of doubles: they round, and never pass
 * their range. */
#include "commands/run_memory.h"
#include "files/average_variables.h"
#include "files/mobility_variables.h"
#include "files/records.h"
#include "population/coalescence.h"
#include "population/paths.h"
#include "simulation/record.h"
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* What a process takes for itself, and what the stationary law's tables take on rank 0. */
static const double bytes_of_process = 8 << 20, bytes_of_theory = 8 << 20;

/* Of a checkpoint that are read back at a time. */
static const double bytes_of_piece = 4 << 20;

/* Of checkpoints: copies of streams and paths. */
static double copied(const struct run_options *options, double streams, double paths)
{
    return options->checkpoint[0] ? streams + paths + bytes_of_piece : 0;
}

/* The head of the result, or of a checkpoint, which rank 0 makes in memory: with the records and the paths' steps; then its
 * bytes are taken out of HDF5, which keeps its own as long. While it is made there is room for a variable, or for steps. */
static double head(const struct run_options *options, int n_scenarios)
{
    const struct model *model = models_chosen(&options->models);
    /* a tenth more is what was measured for tables of up to 40,000 scenarios */
    const double more = n_scenarios > 1 ? 1.1 : 1;
    const double records =
        more * (double)records_bytes(&options->recording, model, n_scenarios) +
        more *
            (double)average_variables_bytes(&options->recording, model, n_scenarios, options->averages.from) +
        (double)mobility_variables_bytes(&options->mobility, &options->recording, n_scenarios);
    const double steps = options->paths > 0 ? 8 * ((double)options->recording.periods + 1) : 0;
    const double room = fmax((double)records_room(&options->recording, model, n_scenarios),
        (double)mobility_variables_room(&options->mobility, &options->recording, n_scenarios));
    const double made = fmax(room, fmax(bytes_of_theory, steps));
    return records + steps + fmax(made, records + steps) + 0x1p20;
}

/* A scenario's own: what the table says, its law, and what theory says of it; with the columns, hashes and theory's numbers, which
 * the head has twice more. (Measured, for 10,000 and 40,000 scenarios: 1,150 bytes besides options and law.) */
static double table(const struct run_options *options, const struct model *model, int n_scenarios)
{
    const double coupled = isnan(options->coalescence) ? 0 : sizeof(struct models_parameters);
    const double of_scenario = sizeof(struct scenario_options) + coupled + (double)model->law_bytes +
                               8 * (double)(2 * options->recording.n_quantiles + 128);
    return n_scenarios > 1 ? n_scenarios * of_scenario : 0;
}

/* What files say of the models, and what is made of it for all laws of one file. */
static double files(const struct scenarios *scenarios, const struct model *model)
{
    double bytes = 0;
    for (int i = 0; scenarios && model->shared_bytes && i < scenarios->n_readers; i++)
        bytes +=
            model->shared_bytes(models_parameters_of(&scenarios->of[scenarios->readers[i]].models, model));
    return bytes;
}

int64_t run_memory_bytes(
    const struct run_options *options, int n_scenarios, const struct comm *comm, int threads)
{
    const struct decomposition part = decomposition_of(options->households, comm->rank, comm->size);
    const enum rng_family family = (enum rng_family)options->streams.rng;
    const struct model *model = models_chosen(&options->models);
    const double blocks = (double)part.n_blocks_local;
    const bool is_coupled = !isnan(options->coalescence);
    const double streams = blocks * (double)rng_family_stream_bytes(family);
    const int n_laws = is_coupled ? 2 * n_scenarios : n_scenarios;
    const double population = (double)population_bytes(model, n_laws, family, part.n_blocks_local) +
                              (double)population_numbers_bytes(model, n_laws, threads);
    const double coalescence = is_coupled ? n_scenarios * blocks * sizeof(int64_t) : 0;
    const double paths =
        (double)paths_bytes(&part, n_scenarios, 0, options->paths, options->recording.periods);
    const double records = (double)n_scenarios * (double)recording_count(&options->recording) *
                               (double)record_kept_bytes(model, &options->recording, n_scenarios) +
                           (double)recording_count(&options->recording) * sizeof(double);
    const double mobility =
        (double)mobility_kept_bytes(&options->mobility, &options->recording, n_scenarios, part.n_local);
    const double statistics =
        fmax((double)record_bytes(model, &options->recording, options->households, comm->size, threads),
            options->mobility.lag > 0 ? (double)mobility_bytes(options->households, comm->size, threads,
                                            mobility_groups(&options->mobility))
                                      : 0);
    const double compressed =
        options->compress > 0 && !options->no_wealth ? blocks * (double)BLOCK_SIZE * sizeof(double) : 0;

    const double kept = bytes_of_process + population + coalescence + paths + records + mobility +
                        table(options, model, n_scenarios) + files(options->scenarios_loaded, model);
    const double at_the_end = comm->rank == 0 ? head(options, n_scenarios) : 0;
    const double passing =
        fmax(statistics, fmax(compressed, fmax(at_the_end, copied(options, streams, paths))));
    return kept + passing < 0x1p62 ? (int64_t)(kept + passing) : INT64_MAX;
}
