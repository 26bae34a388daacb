#include "core/topology.h"
#include "core/cgroup.h"
#include "core/error.h"
#include "core/launcher.h"
#include <inttypes.h>
#include <limits.h>
#include <omp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* OpenMP binds the main thread, too, and so hides the other cores that the process may use: its places tell. */
static void add_places(cpu_set_t *cores)
{
    int ids[CPU_SETSIZE];
    for (int place = 0; place < omp_get_num_places(); place++) {
        const int n = omp_get_place_num_procs(place);
        if (omp_get_proc_bind() == omp_proc_bind_false || n > CPU_SETSIZE)
            return;
        omp_get_place_proc_ids(place, ids);
        for (int i = 0; i < n; i++)
            CPU_SET((size_t)ids[i], cores);
    }
}

static cpu_set_t affinity(void)
{
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) != 0) {
        /* More processors than a cpu_set_t has room for: take one core as ours and share nothing. */
        CPU_ZERO(&cores);
        CPU_SET(0, &cores);
    }
    add_places(&cores);
    return cores;
}

int topology_cores(void)
{
    const cpu_set_t mine = affinity();
    return CPU_COUNT(&mine);
}

/* All masks of the host's ranks, [host_size], to be freed by the caller. Collective over comm->host. */
static cpu_set_t *gather_masks(const struct comm *comm)
{
    const cpu_set_t mine = affinity();
    cpu_set_t *masks = malloc((size_t)comm->host_size * sizeof *masks);
    if (!masks)
        error_abort(__FILE__, __LINE__, "gather_masks", "no memory for the ranks' affinity masks");
    MPI_CHECK(MPI_Allgather(&mine, sizeof mine, MPI_BYTE, masks, sizeof mine, MPI_BYTE, comm->host));
    return masks;
}

/* What a rank may use of its host: cores, and the control group whose quota it shares. */
struct place {
    cpu_set_t mask;
    uint64_t quota_group;
};

/* How many ranks of the host may use one of this one's cores, and how many share its quota; this one is among them.
 * Collective. */
static void count_sharing(const struct comm *comm, const struct place *mine, int *of_cores, int *of_quota)
{
    struct place *places = malloc((size_t)comm->host_size * sizeof *places);
    if (!places)
        error_abort(__FILE__, __LINE__, "count_sharing", "no memory for the ranks' places");
    MPI_CHECK(MPI_Allgather(mine, sizeof *mine, MPI_BYTE, places, sizeof *mine, MPI_BYTE, comm->host));
    *of_cores = *of_quota = 0;
    for (int i = 0; i < comm->host_size; i++) {
        cpu_set_t both;
        CPU_AND(&both, &mine->mask, &places[i].mask);
        *of_cores += CPU_COUNT(&both) > 0;
        *of_quota += places[i].quota_group == mine->quota_group;
    }
    free(places);
}

int topology_threads(const struct comm *comm, int asked)
{
    if (asked > 0)
        return asked;
    const struct cgroup_limits limits = cgroup_read("");
    const struct place mine = {.mask = affinity(), .quota_group = limits.cores_group};
    int of_cores = 1, of_quota = 1;
    count_sharing(comm, &mine, &of_cores, &of_quota);
    if (getenv("OMP_NUM_THREADS"))
        return omp_get_max_threads();
    const int share = CPU_COUNT(&mine.mask) / (of_cores > 0 ? of_cores : 1);
    const double quota = limits.cores / of_quota, most = share < quota ? share : quota;
    return most > 1 ? (int)most : 1;
}

int topology_cores_in_use(const struct comm *comm)
{
    cpu_set_t *masks = gather_masks(comm), all;
    CPU_ZERO(&all);
    for (int i = 0; i < comm->host_size; i++)
        CPU_OR(&all, &all, &masks[i]);
    free(masks);
    int of_host = comm->host_rank == 0 ? CPU_COUNT(&all) : 0, total = 0;
    MPI_CHECK(MPI_Allreduce(&of_host, &total, 1, MPI_INT, MPI_SUM, comm->world));
    return total;
}

void topology_advise_openmp(FILE *out, const char *before)
{
    const char *places = getenv("OMP_PLACES"), *bind = getenv("OMP_PROC_BIND");
    char advice[128];
    const bool asks = (places && *places) || (bind && *bind && strcasecmp(bind, "false") != 0);
    if (asks && (omp_get_num_places() == 0 || omp_get_proc_bind() == omp_proc_bind_false))
        fprintf(out,
            "%sOMP_PLACES=%s OMP_PROC_BIND=%s ask for threads on places, and this OpenMP library does not "
            "put them there: set both, or start the ranks with %s, with the number of their threads.\n",
            before, places ? places : "", bind ? bind : "",
            launcher_advice(omp_get_max_threads(), advice, sizeof advice));
}

void topology_warn(const struct comm *comm, int threads)
{
    if (comm->rank == 0)
        topology_advise_openmp(stderr, "wealthsim: warning: ");
    const int cores = topology_cores();
    int crowded = threads > cores, n_crowded = 0, first = comm->size;
    int mine = crowded ? comm->rank : comm->size;
    MPI_CHECK(MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, comm->world));
    if (first == comm->size)
        return;
    int figures[2] = {threads, cores};
    MPI_CHECK(MPI_Reduce(&crowded, &n_crowded, 1, MPI_INT, MPI_SUM, 0, comm->world));
    MPI_CHECK(MPI_Bcast(figures, 2, MPI_INT, first, comm->world));
    char advice[128];
    if (comm->rank == 0)
        fprintf(stderr,
            "wealthsim: warning: %d of %d ranks have more threads than cores (rank %d: %d threads on %d): "
            "start them with %s, or with fewer --threads\n",
            n_crowded, comm->size, first, figures[0], figures[1],
            launcher_advice(figures[0], advice, sizeof advice));
}

static int64_t memory_of_machine(void)
{
    FILE *file = fopen("/proc/meminfo", "r");
    char line[256];
    int64_t kib = -1;
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %" SCNd64, &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib < 0 ? INT64_MAX : kib * 1024;
}

int64_t topology_memory_available(void)
{
    const int64_t machine = memory_of_machine(), groups = cgroup_read("").memory;
    return machine < groups ? machine : groups;
}

double topology_quota(void)
{
    return cgroup_read("").cores;
}
