#include "commands/run_check.h"
#include "commands/commands.h"
#include "commands/preflight.h"
#include "commands/run_memory.h"
#include "commands/run_result.h"
#include "core/topology.h"
#include "core/words.h"
#include "files/checkpoint_history.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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

/* What a checkpoint will have: state and streams, and what the result has. */
static int64_t checkpoint_bytes(const struct run_options *options)
{
    const struct decomposition all = decomposition_of(options->households, 0, 1);
    const int n = options->scenarios_loaded->n;
    return population_bytes(models_chosen(&options->models), isnan(options->coalescence) ? n : 2 * n,
               (enum rng_family)options->streams.rng, all.n_blocks_global) +
           run_result_bytes(options, n);
}

static enum status check_checkpoints(
    const struct run_options *options, const struct named_file *others, int n)
{
    if (options->checkpoint[0])
        return checkpoint_history_check(
            options->checkpoint, options->resume, others, n, checkpoint_bytes(options));
    enum status status = WS_OK;
    if (options->resume)
        status = error_add(WS_USAGE, "--resume: needs --checkpoint FILE, the checkpoints to go on from");
    if (options->max_time.text[0])
        status = error_add(WS_USAGE, "--max-time: the run could not go on later: give --checkpoint FILE too");
    return status;
}

/* The names of what is written against those of the files that are read. */
static enum status check_files(const struct options *all)
{
    enum { WRITTEN = 2 };
    const struct run_options *options = all->values;
    const struct scenarios *scenarios = options->scenarios_loaded;
    const size_t room = WRITTEN + 1 + 2 * (size_t)scenarios->n;
    struct named_file *files = calloc(room, sizeof *files);
    if (!files)
        return error_memory(room * sizeof *files, "the files' names");
    files[0] = (struct named_file){"output", options->common.output};
    files[1] = (struct named_file){"config", options->common.config};
    const int n = scenarios_files(scenarios, all, &command_run.line, files + WRITTEN);
    const enum status checks[] = {
        preflight_output(&options->common, files + WRITTEN, n, run_result_bytes(options, scenarios->n)),
        check_checkpoints(options, files, WRITTEN + n),
    };
    free(files);
    return worst_of(checks, sizeof checks / sizeof checks[0]);
}

/* Collective. */
static enum status check_memory(const struct run_options *options, const struct comm *comm)
{
    const int threads = topology_threads(comm, (int)options->common.threads);
    const int n = options->scenarios_loaded ? options->scenarios_loaded->n : 1;
    const bool can_be_less = options->paths > 0 || options->recording.every > 0;
    const int64_t bytes = run_memory_bytes(options, n, comm, threads);
    char what[WORDS_COUNT + 64] = "--households: the run", advice[WORDS_COUNT + 128], count[WORDS_COUNT];
    if (n > 1) {
        const int64_t fit =
            preflight_memory_fits(comm, n, run_memory_bytes(options, 1, comm, threads), bytes);
        snprintf(what, sizeof what, "--scenarios: the run of %s scenarios", words_count(n, count));
        snprintf(advice, sizeof advice, "at most %s of them would fit: split the table, or use more hosts",
            words_count(fit, count));
    } else
        snprintf(
            advice, sizeof advice, "use more hosts%s", can_be_less ? ", or fewer --paths or records" : "");
    return preflight_memory(comm, bytes, what, advice);
}

enum status run_check(const struct options *all, const struct comm *comm)
{
    const struct run_options *options = all->values;
    const enum status memory = check_memory(options, comm);
    if (comm->rank != 0 || !options->scenarios_loaded) /* without memory for those there is no run */
        return memory;
    const enum status checks[] = {
        memory,
        check_streams(options),
        check_paths(options),
        scenarios_check(options->scenarios_loaded, all, &command_run.line, options->recording.periods,
            options->coalescence),
        options->compress > 0 ? variables_check_compression("compress") : WS_OK,
        check_files(all),
    };
    return worst_of(checks, sizeof checks / sizeof checks[0]);
}
