#include "commands/commands.h"
#include "commands/info_model.h"
#include "commands/model_input.h"
#include "core/placement.h"
#include "core/topology.h"
#include "core/version.h"
#include "core/words.h"
#include "random/stream.h"
#include "simd/simd.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Lines of the table of seats. */
enum { MOST_SEATS = 64 };

struct info_options {
    struct common_options common;
    struct models_parameters models;
};

#define MEMBER(name) offsetof(struct info_options, name)

static enum status check(const struct options *options, const struct comm *comm)
{
    (void)options;
    (void)comm;
    return WS_OK;
}

/* Those that --rng can name, and those of SPRNG's that are not there. */
static void print_families(void)
{
    char here[STREAM_FAMILIES], absent[STREAM_FAMILIES];
    streams_families(true, here);
    streams_families(false, absent);
    printf("  streams     %s%s%s\n", here, absent[0] ? "; not there: " : "", absent);
}

static void print_build(void)
{
    const char *asked = getenv("WEALTHSIM_VECTOR");
    asked = asked && *asked ? asked : NULL;
    printf("  wealthsim   %s\n  compiler    %s\n  flags       %s\n", version_wealthsim(), version_compiler(),
        version_compiler_flags());
    printf("  libraries   %s, HDF5 %s, GMP %s, SPRNG %s\n", version_mpi(), version_hdf5(), version_gmp(),
        version_sprng());
    print_families();
    printf("  vector code %s%s%s%s\n", simd_name(), asked ? " (WEALTHSIM_VECTOR=" : "", asked ? asked : "",
        asked ? ")" : "");
}

/* The least memory that a host can give, on rank 0. Collective. */
static double least_memory(const struct comm *comm)
{
    const int64_t mine = topology_memory_available();
    int64_t least = 0;
    MPI_CHECK(MPI_Reduce(&mine, &least, 1, MPI_INT64_T, MPI_MIN, 0, comm->world));
    return (double)least * 1e-9;
}

/* The least quota of any rank, on rank 0. Collective. */
static double least_quota(const struct comm *comm)
{
    const double mine = topology_quota();
    double least = INFINITY;
    MPI_CHECK(MPI_Reduce(&mine, &least, 1, MPI_DOUBLE, MPI_MIN, 0, comm->world));
    return least;
}

static void print_layout(const struct common_options *options, const struct comm *comm)
{
    const int threads = topology_threads(comm, (int)options->threads), cores = topology_cores_in_use(comm);
    const double memory = least_memory(comm), quota = least_quota(comm);
    struct placement placement;
    placement_find(comm, threads, &placement);
    if (comm->rank == 0) {
        print_build();
        printf("  layout      %d rank%s, %d thread%s, %d host%s, %d core%s that they may use\n", comm->size,
            words_plural(comm->size), placement.n, words_plural(placement.n), comm->n_hosts,
            words_plural(comm->n_hosts), cores, words_plural(cores));
        printf("  memory      %.3g GB to give%s\n", memory,
            comm->n_hosts > 1 ? " on the host with the least" : "");
        if (isfinite(quota))
            printf("  quota       the time of %.3g core%s%s\n", quota, quota == 1 ? "" : "s",
                comm->n_hosts > 1 ? " on the host with the least" : "");
        printf("\n");
        placement_print(&placement, stdout, MOST_SEATS);
        printf("\n");
        placement_advise(&placement, stdout);
        topology_advise_openmp(stdout, "  ");
        fflush(stdout);
    }
    placement_destroy(&placement);
}

static enum status run(const struct options *all, const struct comm *comm)
{
    const struct info_options *options = all->values;
    enum status status = WS_OK;
    if (!options->models.tabulated.file[0])
        print_layout(&options->common, comm);
    else if (comm->rank == 0)
        status = info_model_print(&options->models);
    return error_agree(comm->world, status);
}

static enum status load(struct options *all, const struct comm *comm)
{
    return model_load(&((struct info_options *)all->values)->models, comm);
}

static void release(struct options *all)
{
    model_release(&((struct info_options *)all->values)->models);
}

static const struct option_part parts[] = {
    {&tabulated_option_table, MEMBER(models.tabulated)}, {&process_option_table, 0}, {NULL, 0}};

const struct command command_info = {.line = {.name = "info",
                                         .summary = "Hosts, ranks, threads and the cores that they use, "
                                                    "vector code, libraries; or what a model file says",
                                         .bytes = sizeof(struct info_options),
                                         .parts = parts},
    .load = load,
    .release = release,
    .check = check,
    .run = run};
