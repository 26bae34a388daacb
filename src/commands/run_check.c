#include "commands/run_check.h"
#include "commands/commands.h"
#include "commands/model_input.h"
#include "commands/preflight.h"
#include "commands/run_memory.h"
#include "commands/run_result.h"
#include "commands/start.h"
#include "core/topology.h"
#include "files/checkpoint_history.h"
#include <inttypes.h>
#include <math.h>

static enum status check_streams(const struct run_options *options)
{
    const int64_t blocks = decomposition_of(options->households, 0, 1).n_blocks_global;
    return stream_options_check(&options->streams, blocks, options->households, "households");
}

static enum status check_paths(const struct run_options *options)
{
    if (options->paths <= options->households)
        return WS_OK;
    return error_add(WS_USAGE, "--paths: %" PRId64 " paths of %" PRId64 " households: there are not so many",
        options->paths, options->households);
}

/* A coupled run begins within the bounds of the model, too. */
static enum status check_coalescence(const struct run_options *options)
{
    double low, high;
    models_range(&options->models, &low, &high);
    if (isnan(options->coalescence) || (options->coalescence >= low && options->coalescence <= high))
        return WS_OK;
    return error_add(WS_USAGE, "--coalescence: %.10g is not within %.10g and %.10g, the bounds of wealth",
        options->coalescence, low, high);
}

/* What a checkpoint will have: state and streams, and what the result has. */
static int64_t checkpoint_bytes(const struct run_options *options)
{
    const struct decomposition all = decomposition_of(options->households, 0, 1);
    const int n_scenarios = isnan(options->coalescence) ? 1 : 2;
    return population_bytes(models_chosen(&options->models), n_scenarios,
               (enum rng_family)options->streams.rng, all.n_blocks_global) +
           run_result_bytes(options);
}

static enum status check_checkpoints(const struct run_options *options)
{
    const struct named_file others[] = {{"output", options->common.output},
        {"config", options->common.config}, {"initial", options->initial},
        {"model", options->models.tabulated.file}};
    if (options->checkpoint[0])
        return checkpoint_history_check(options->checkpoint, options->resume, others,
            sizeof others / sizeof others[0], checkpoint_bytes(options));
    enum status status = WS_OK;
    if (options->resume)
        status = error_add(WS_USAGE, "--resume: needs --checkpoint FILE, the checkpoints to go on from");
    if (options->max_time.text[0])
        status = error_add(WS_USAGE, "--max-time: the run could not go on later: give --checkpoint FILE too");
    return status;
}

enum status run_check(const struct options *all, const struct comm *comm)
{
    const struct run_options *options = all->values;
    const int threads = topology_threads(comm, (int)options->common.threads);
    const bool can_be_less = options->paths > 0 || options->recording.every > 0;
    const enum status memory =
        preflight_memory(comm, run_memory_bytes(options, comm, threads), "--households: the run",
            can_be_less ? "use more hosts, or fewer --paths or records" : "use more hosts");
    if (comm->rank != 0)
        return memory;
    const struct named_file inputs[] = {
        {"initial", options->initial}, {"model", options->models.tabulated.file}};
    const enum status checks[] = {
        memory,
        check_streams(options),
        check_paths(options),
        model_check(all, &command_run.line, &options->models, options->recording.periods),
        start_check(options->initial, &options->models),
        check_coalescence(options),
        options->compress > 0 ? variables_check_compression("compress") : WS_OK,
        preflight_output(
            &options->common, inputs, sizeof inputs / sizeof inputs[0], run_result_bytes(options)),
        check_checkpoints(options),
    };
    return worst_of(checks, sizeof checks / sizeof checks[0]);
}
