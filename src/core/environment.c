#include "core/environment.h"
#include "core/arithmetic.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many processes were started together, as launchers tell them: Open MPI, MPICH and Intel's (PMI), MVAPICH, those of
 * one host under Hydra, and a step of Slurm's. SLURM_NTASKS also stands in batch scripts, where programs run alone. */
static const char *const sizes[] = {
    "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE", "MPI_LOCALNRANKS", "SLURM_STEP_NUM_TASKS"};

const char *environment_foreign_launcher(int size)
{
    const char *foreign = NULL;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const char *text = getenv(sizes[i]);
        const long told = text ? strtol(text, NULL, 10) : 0;
        if (told == size)
            return NULL; /* the launcher is MPI's own: what else there is belongs to what started it */
        if (told > size && !foreign)
            foreign = sizes[i];
    }
    return size == 1 ? foreign : NULL;
}

static enum status check_launcher(const struct comm *comm)
{
    const char *name = environment_foreign_launcher(comm->size);
    if (!name)
        return WS_OK;
    return error_add(WS_USAGE,
        "%s=%s processes were started, but MPI sees 1: each would run alone and write the same files. Start "
        "it "
        "with the launcher of the MPI that it was built with (wealthsim --version; srun: --mpi=pmix or "
        "pmi2), or "
        "unset %s where one process alone is meant",
        name, getenv(name), name);
}

static enum status check_arithmetic(const struct comm *comm)
{
    const char *fault = arithmetic_fault();
    if (!fault)
        return WS_OK;
    return error_add(WS_USAGE,
        "on host %s %s: a library built with -ffast-math, or a tool, has changed the processor's state: "
        "start "
        "without it (LD_PRELOAD?)",
        comm->host_name, fault);
}

enum status environment_check(const struct comm *comm)
{
    const enum status all[] = {check_launcher(comm), check_arithmetic(comm)};
    enum status status = WS_OK;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        status = all[i] != WS_OK ? all[i] : status;
    return status;
}
