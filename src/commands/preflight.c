#include "commands/preflight.h"
#include "core/environment.h"
#include "core/hdf5.h"
#include "core/stop.h"
#include "core/topology.h"
#include "files/atomic_file.h"
#include "files/initial.h"
#include "files/shared_files.h"
#include "files/signature.h"
#include "simd/simd.h"
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

enum status worst_of(const enum status *statuses, int n)
{
    enum status worst = WS_OK;
    for (int i = 0; i < n; i++)
        worst = statuses[i] != WS_OK ? statuses[i] : worst;
    return worst;
}

/* ---- the result's place --------------------------------------------------------------------------------------------- */

static bool is_same(const struct stat *one, const char *path)
{
    struct stat other;
    return stat(path, &other) == 0 && one->st_dev == other.st_dev && one->st_ino == other.st_ino;
}

/* A file that cannot be read is not known to be HDF5's. */
static bool is_hdf5(const char *path)
{
    const int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const bool is = descriptor >= 0 && signature_is_hdf5(descriptor);
    if (descriptor >= 0)
        close(descriptor);
    return is;
}

/* Whether a file is what an option names, as FILE or as FILE:DATASET. */
static bool is_named(const struct stat *found, const char *value)
{
    char path[INITIAL_PATH] = "";
    if (value[0])
        initial_path(value, path);
    return value[0] && (is_same(found, value) || is_same(found, path));
}

static enum status check_replaced(const struct common_options *common, const struct named_file *inputs, int n)
{
    const char *output = common->output, *option = NULL;
    struct stat found;
    if (stat(output, &found) != 0 || !S_ISREG(found.st_mode))
        return WS_OK;
    for (int i = 0; i < n && !option; i++)
        option = is_named(&found, inputs[i].path) ? inputs[i].option : NULL;
    if (!option && common->config[0] && is_same(&found, common->config))
        option = "config";
    if (option)
        return error_add(WS_USAGE,
            "--output: '%s' is the file that --%s reads: the result would replace it: give another -o FILE",
            output, option);
    if (found.st_size > 0 && !is_hdf5(output))
        return error_add(WS_USAGE,
            "--output: '%s' is there and is not an HDF5 file that could be read: a result would replace it: "
            "remove it, or give another -o FILE",
            output);
    return WS_OK;
}

enum status preflight_output(
    const struct common_options *common, const struct named_file *inputs, int n, int64_t bytes)
{
    const enum status status = atomic_file_check(common->output, "output", bytes);
    return status == WS_OK ? check_replaced(common, inputs, n) : status;
}

/* ---- memory --------------------------------------------------------------------------------------------------------- */

enum status preflight_memory(const struct comm *comm, int64_t bytes, const char *what, const char *advice)
{
    const int64_t most = INT64_MAX / comm->host_size;
    int64_t mine = bytes < most ? bytes : most, of_host = 0;
    MPI_CHECK(MPI_Allreduce(&mine, &of_host, 1, MPI_INT64_T, MPI_SUM, comm->host));
    const int64_t available = topology_memory_available();
    if (comm->host_rank != 0 || of_host <= available)
        return WS_OK;
    return error_add(WS_USAGE,
        "%s needs %.3g GB of memory on host %s (%d of %d ranks), which has %.3g GB to give: %s", what,
        (double)of_host * 1e-9, comm->host_name, comm->host_size, comm->size, (double)available * 1e-9,
        advice);
}

int64_t preflight_memory_fits(const struct comm *comm, int64_t n, int64_t bytes_of_one, int64_t bytes_of_all)
{
    const double mine[2] = {(double)bytes_of_one, (double)bytes_of_all};
    double of_host[2];
    MPI_CHECK(MPI_Allreduce(mine, of_host, 2, MPI_DOUBLE, MPI_SUM, comm->host));
    const double of_another = (of_host[1] - of_host[0]) / (double)(n - 1);
    const double left = (double)topology_memory_available() - of_host[0];
    const double fit = left < 0 ? 0 : fmin(1 + floor(left / of_another), (double)n);
    int64_t fits = (int64_t)fit, least = 0;
    MPI_CHECK(MPI_Allreduce(&fits, &least, 1, MPI_INT64_T, MPI_MIN, comm->world));
    return least;
}

/* ---- everything ----------------------------------------------------------------------------------------------------- */

/* The folders that all ranks write to. Collective. */
static enum status check_folders(const char *output, const char *checkpoint, const struct comm *comm)
{
    enum status status = WS_OK;
    char target[ATOMIC_FILE_PATH];
    if (comm->size == 1)
        return WS_OK;
    if (output[0]) {
        const bool is_resolved = comm->rank == 0 && !atomic_file_resolve(output, target);
        status = shared_check_folder(comm, is_resolved ? target : output, "output");
    }
    if (checkpoint[0]) {
        const enum status other = shared_check_folder(comm, checkpoint, "checkpoint");
        status = status == WS_OK ? other : status;
    }
    return status;
}

/* Rank 0 is going to write files, and maybe reads some before. */
static enum status check_hdf5(const struct comm *comm, bool writes)
{
    const char *fault = comm->rank == 0 && writes ? hdf5_fault() : NULL;
    return fault ? error_add(WS_FAILED, "%s", fault) : WS_OK;
}

enum status preflight(
    const struct command *command, struct options *options, const struct comm *comm, enum status status)
{
    const struct common_options *common = options->values;
    const char *checkpoint = command->checkpoint ? command->checkpoint(options) : "";
    const bool writes = common->output[0] || checkpoint[0];
    const enum status environment = environment_check(comm);
    const enum status hdf5 = environment == WS_OK ? check_hdf5(comm, writes) : WS_OK;
    const enum status loaded = command->load ? command->load(options, comm) : WS_OK;
    const enum status all[] = {
        status, environment, simd_start(comm->host_name), hdf5, loaded, command->check(options, comm)};
    status = error_agree(comm->world, worst_of(all, sizeof all / sizeof all[0]));
    if (status != WS_OK)
        return status;
    if (!checkpoint[0])
        stop_end_at_once(comm->rank == 0);
    return check_folders(common->output, checkpoint, comm);
}
