#include "commands/run_check.h"
#include "commands/commands.h"
#include "commands/preflight.h"
#include "commands/run_memory.h"
#include "commands/run_result.h"
#include "core/topology.h"
#include "core/words.h"
#include "files/checkpoint_history.h"
#include "population/decomposition.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static enum status check_streams(const struct run_options *options)
{
    const int64_t blocks = decomposition_of(options->households, 0, 1).n_blocks_global;
    const enum status checks[] = {
        stream_options_check(&options->streams, blocks, options->households, "households"),
        stream_options_check_bits(&options->streams, models_chosen(&options->models)->words)};
    return worst_of(checks, sizeof checks / sizeof checks[0]);
}

static enum status check_paths(const struct run_options *options)
{
    if (options->paths <= options->households)
        return WS_OK;
    return error_add(WS_USAGE, "--paths: %" PRId64 " paths of %" PRId64 " households: there are not so many",
        options->paths, options->households);
}

/* The greatest divisor of n up to a number, and the least from there on. */
static void find_divisors(int64_t n, int64_t number, int64_t *below, int64_t *above)
{
    *below = 1;
    *above = n;
    for (int64_t i = 1; i <= n / i; i++) {
        const int64_t divisors[] = {i, n / i};
        for (int j = 0; j < 2 && n % i == 0; j++) {
            if (divisors[j] <= number && divisors[j] > *below)
                *below = divisors[j];
            if (divisors[j] >= number && divisors[j] < *above)
                *above = divisors[j];
        }
    }
}

/* That there are pairs of records so far apart. */
static enum status check_lag(int64_t lag, int64_t periods, int64_t every)
{
    const int64_t unit = every > 0 ? every : 1, most = periods / unit * unit;
    if (most == 0)
        return error_add(WS_USAGE,
            "--mobility: %" PRId64 " periods have no two records to compare: give more --periods", periods);
    if (lag % unit != 0) {
        const int64_t below = lag / unit * unit;
        return error_add(WS_USAGE,
            "--mobility: %" PRId64 " is no multiple of --record-every %" PRId64 ": give %" PRId64, lag, every,
            below > most ? most
            : below > 0  ? below
                         : unit);
    }
    if (lag > most)
        return error_add(WS_USAGE,
            "--mobility: no record is %" PRId64 " periods after another: give at most %" PRId64, lag, most);
    if (every > 0 || periods % lag == 0)
        return WS_OK;
    int64_t below = 0, above = 0;
    find_divisors(periods, lag, &below, &above);
    return error_add(WS_USAGE,
        "--mobility: the %" PRId64 " periods are no multiple of %" PRId64 ": give %" PRId64 " or %" PRId64
        ", or records with --record-every",
        periods, lag, below, above);
}

static enum status check_mobility(const struct run_options *options)
{
    const struct mobility_plan *plan = &options->mobility;
    const enum status lag =
        plan->lag > 0 ? check_lag(plan->lag, options->recording.periods, options->recording.every) : WS_OK;
    if (mobility_groups(plan) <= MOBILITY_GROUPS)
        return lag;
    return error_add(WS_USAGE, "--mobility-groups: %" PRId64 " probabilities: give at most %d",
        plan->n_bounds, MOBILITY_GROUPS - 1);
}

/* What a checkpoint will have: state and streams, and what the result has. */
static int64_t checkpoint_bytes(const struct run_options *options)
{
    const struct decomposition all = decomposition_of(options->households, 0, 1);
    const int n = options->scenarios_loaded->n;
    return population_bytes(models_chosen(&options->models), isnan(options->coalescence) ? n : 2 * n,
               (enum rng_family)options->streams.rng, all.n_blocks_global) +
           mobility_kept_bytes(&options->mobility, &options->recording, n, options->households) +
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
    const int threads = options->threads;
    const int n = options->scenarios_loaded ? options->scenarios_loaded->n : 1;
    const bool can_be_less = options->paths > 0 || options->recording.every > 0 || options->mobility.lag > 0;
    const int64_t bytes = run_memory_bytes(options, n, comm, threads);
    char what[WORDS_COUNT + 64] = "--households: the run", advice[WORDS_COUNT + 128], count[WORDS_COUNT];
    if (n > 1) {
        const int64_t fit =
            preflight_memory_fits(comm, n, run_memory_bytes(options, 1, comm, threads), bytes);
        snprintf(what, sizeof what, "--scenarios: the run of %s scenarios", words_count(n, count));
        snprintf(advice, sizeof advice, "at most %s of them would fit: split the table, or use more hosts",
            words_count(fit, count));
    } else
        snprintf(advice, sizeof advice, "use more hosts%s",
            can_be_less ? ", or fewer --paths or records, or no --mobility" : "");
    return preflight_memory(comm, bytes, what, advice);
}

/* Parts of the population are whole blocks, one at least. */
static enum status check_error_groups(const struct run_options *options)
{
    const int64_t n = options->recording.n_subpopulations;
    const int64_t blocks = decomposition_of(options->households, 0, 1).n_blocks_global;
    if (n == 1)
        return error_add(
            WS_USAGE, "--error-groups: 1 group has no spread: give 2 or more, or 0 for no standard errors");
    if (n > blocks)
        return error_add(WS_USAGE,
            "--error-groups: %" PRId64 " groups need as many blocks of 256 households, and %" PRId64
            " households are %" PRId64 ": give 0 or at most that, or more --households",
            n, options->households, blocks);
    return WS_OK;
}

enum status run_check(const struct options *all, const struct comm *comm)
{
    const struct run_options *options = all->values;
    const enum status everywhere[] = {
        check_memory(options, comm),
        options->compress > 0 ? variables_check_compression("compress") : WS_OK, /* all ranks compress */
    };
    const enum status status = worst_of(everywhere, sizeof everywhere / sizeof everywhere[0]);
    if (comm->rank != 0 || !options->scenarios_loaded) /* without memory for those there is no run */
        return status;
    const enum status checks[] = {
        status,
        check_streams(options),
        check_paths(options),
        check_error_groups(options),
        check_mobility(options),
        average_options_check(&options->averages, options->periods, &options->recording),
        scenarios_check(options->scenarios_loaded, all, &command_run.line, options->recording.periods,
            options->coalescence),
        check_files(all),
    };
    return worst_of(checks, sizeof checks / sizeof checks[0]);
}
