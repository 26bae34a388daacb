#include "commands/run_check.h"
#include "commands/run_memory.h"
#include "core/topology.h"
#include "files/checkpoint_history.h"
#include "files/initial.h"
#include "files/result_place.h"
#include "files/results.h"
#include "population/population.h"
#include <inttypes.h>
#include <math.h>

static enum status check_streams(const struct options *options)
{
    const enum rng_family family = (enum rng_family)options->rng;
    const int64_t n_blocks = decomposition_of(options->households, 0, 1).n_blocks_global;
    if (n_blocks <= rng_family_streams(family))
        return WS_OK;
    return error_add(WS_USAGE,
        "--rng: %s has %" PRId64 " streams and %" PRId64 " households need %" PRId64
        ": take --rng mlfg, which has %" PRId64,
        rng_family_name(family), rng_family_streams(family), options->households, n_blocks,
        rng_family_streams(RNG_MLFG));
}

static enum status check_paths(const struct options *options)
{
    if (options->paths <= options->households)
        return WS_OK;
    return error_add(WS_USAGE, "--paths: %" PRId64 " paths of %" PRId64 " households: there are not so many",
        options->paths, options->households);
}

/* What a checkpoint will have: wealth and streams, and what the result has. */
static int64_t checkpoint_bytes(const struct options *options)
{
    const struct decomposition all = decomposition_of(options->households, 0, 1);
    return population_bytes((enum rng_family)options->rng, all.n_blocks_global) + results_bytes(options);
}

static enum status check_checkpoints(const struct options *options)
{
    const bool has = options->checkpoint[0] != '\0';
    if (has)
        return checkpoint_history_check(options, checkpoint_bytes(options));
    enum status status = WS_OK;
    if (options->resume)
        status = error_add(WS_USAGE, "--resume: from where? Give --checkpoint FILE too");
    if (options->max_time[0])
        status = error_add(WS_USAGE, "--max-time: the run could not go on later: give --checkpoint FILE too");
    return status;
}

/* Each host adds up what its ranks will take and holds it against what it has. Collective. */
static enum status check_memory(const struct options *options, const struct comm *comm)
{
    const int threads = topology_threads(comm, (int)options->threads);
    const int64_t most = INT64_MAX / comm->host_size, needed = run_memory_bytes(options, comm, threads);
    int64_t mine = needed < most ? needed : most, of_host = 0;
    MPI_CHECK(MPI_Allreduce(&mine, &of_host, 1, MPI_INT64_T, MPI_SUM, comm->host));
    const int64_t available = topology_memory_available();
    if (comm->host_rank != 0 || of_host <= available)
        return WS_OK;
    return error_add(WS_USAGE,
        "--households: the run needs %.3g GB of memory on host %s (%d of %d ranks), which has %.3g GB to "
        "give: use "
        "more hosts%s",
        (double)of_host * 1e-9, comm->host_name, comm->host_size, comm->size, (double)available * 1e-9,
        options->paths > 0 || options->record_every > 0 ? ", or fewer --paths or records" : "");
}

enum status run_check(const struct options *options, const struct comm *comm)
{
    enum status status = check_memory(options, comm);
    if (comm->rank != 0)
        return status;
    const enum status all[] = {
        check_streams(options),
        check_paths(options),
        options->initial[0] ? initial_check(options->initial) : WS_OK,
        options->compress > 0 ? results_check_compression() : WS_OK,
        result_place_check(options, results_bytes(options)),
        check_checkpoints(options),
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        status = all[i] != WS_OK ? all[i] : status;
    return status;
}
