#include "core/launcher.h"
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A variable of the environment. */
struct setting {
    const char *name, *value;
};

/* hwloc is not to look for X displays: it asks the name service for "localhost" then, which takes seconds where neither
 * /etc/hosts nor a quick server knows it. */
static const struct setting without_displays = {"HWLOC_COMPONENTS", "-gl"};

/* What each is for stands before it. Lists end with a row without a name. */
#if defined OMPI_MAJOR_VERSION && OMPI_MAJOR_VERSION < 5

static const struct launcher ours = {.mpi = "Open MPI 4",
    .program = "mpirun",
    .unbound = "--bind-to none",
    .pinned = "--map-by slot:PE=%d --bind-to core",
    .one_core = "--map-by core --bind-to core"};

static const struct setting here[] = {
    /* root may start ranks */
    {"OMPI_ALLOW_RUN_AS_ROOT", "1"}, {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
    /* ranks may outnumber cores, give way while they wait, and are bound to none */
    {"OMPI_MCA_rmaps_base_oversubscribe", "1"}, {"OMPI_MCA_mpi_yield_when_idle", "1"},
    {"OMPI_MCA_hwloc_base_binding_policy", "none"}, {NULL, NULL}};

static const struct setting on_cluster[] = {
    /* mpirun ends in seconds, not after eight minutes, when a node cannot be reached any more */
    {"OMPI_MCA_oob_tcp_keepalive_time", "3"}, {"OMPI_MCA_oob_tcp_keepalive_intvl", "1"},
    {"OMPI_MCA_oob_tcp_keepalive_probes", "5"},
    /* ranks that it ends have twice this time, instead of 2 s, for a last checkpoint */
    {"OMPI_MCA_odls_base_sigkill_timeout", "3"}, {NULL, NULL}};

#elif defined OMPI_MAJOR_VERSION

/* Its mpirun is PRRTE's, which reads variables of its own. */
static const struct launcher ours = {.mpi = "Open MPI 5",
    .program = "mpirun",
    .unbound = "--bind-to none",
    .pinned = "--map-by slot:PE=%d --bind-to core",
    .one_core = "--map-by core --bind-to core",
    .holds_back_lines = true};

static const struct setting here[] = {
    /* root may start ranks */
    {"OMPI_ALLOW_RUN_AS_ROOT", "1"}, {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"}, {"PRTE_ALLOW_RUN_AS_ROOT", "1"},
    {"PRTE_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
    /* ranks may outnumber cores (by slot: else they would all go to the first host), give way while they wait, and are
     * bound to none */
    {"PRTE_MCA_rmaps_default_mapping_policy", "slot:oversubscribe"}, {"OMPI_MCA_mpi_yield_when_idle", "1"},
    {"PRTE_MCA_hwloc_default_binding_policy", "none"},
    /* no "Unable to find reachable pairing" from each pair of ranks on hosts with addresses of both families */
    {"OMPI_MCA_btl_tcp_disable_family", "6"}, {NULL, NULL}};

static const struct setting on_cluster[] = {
    /* mpirun ends in seconds when a node cannot be reached any more */
    {"PRTE_MCA_oob_tcp_keepalive_time", "3"}, {"PRTE_MCA_oob_tcp_keepalive_intvl", "1"},
    {"PRTE_MCA_oob_tcp_keepalive_probes", "5"}, {NULL, NULL}};

#else

/* MPICH and its kin: mpiexec neither counts slots nor binds by itself. */
static const struct launcher ours = {.mpi = "MPICH",
    .program = "mpiexec",
    .unbound = "-bind-to none",
    .pinned = "-bind-to core:%d",
    .one_core = "-bind-to core"};

static const struct setting here[] = {{NULL, NULL}}, on_cluster[] = {{NULL, NULL}};

#endif

const struct launcher *launcher(void)
{
    return &ours;
}

char *launcher_advice(int threads, char *text, unsigned long bytes)
{
    const int n = snprintf(text, bytes, "%s %s or ", ours.program, ours.unbound);
    if (n > 0 && (unsigned long)n < bytes)
        snprintf(text + n, bytes - (unsigned long)n, ours.pinned, threads);
    return text;
}

static void print_setting(const struct setting *setting)
{
    if (!getenv(setting->name))
        printf("export %s='%s'\n", setting->name, setting->value);
}

static void print_settings(const char *what, const struct setting *settings)
{
    printf("# %s, %s\n# ranks unbound: %s %s\n# ranks on a core each: %s %s\n", ours.mpi, what, ours.program,
        ours.unbound, ours.program, ours.one_core);
    print_setting(&without_displays);
    for (; settings->name; settings++)
        print_setting(settings);
}

bool launcher_answers(int argc, char **argv)
{
    if (argc != 2)
        return false;
    if (strcmp(argv[1], "--launcher") == 0)
        print_settings("where ranks may outnumber cores", here);
    else if (strcmp(argv[1], "--launcher=cluster") == 0)
        print_settings("in jobs of several nodes", on_cluster);
    else
        return false;
    return true;
}
