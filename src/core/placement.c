#include "core/placement.h"
#include "core/error.h"
#include "core/launcher.h"
#include "core/words.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t n, size_t bytes)
{
    void *memory = calloc(n > 0 ? n : 1, bytes);
    if (!memory)
        error_abort(__FILE__, __LINE__, "allocate", "no memory for the threads' places");
    return memory;
}

/* This rank's seats, [threads]. */
static struct seat *find_own(const struct comm *comm, int threads)
{
    struct seat *seats = allocate((size_t)threads, sizeof *seats);
#pragma omp parallel num_threads(threads)
    {
        const int thread = omp_get_thread_num();
        struct seat seat = {
            .rank = comm->rank, .thread = thread, .host = comm->host_index, .core = sched_getcpu()};
        if (sched_getaffinity(0, sizeof seat.allowed, &seat.allowed) != 0)
            CPU_ZERO(&seat.allowed);
        if (thread < threads)
            seats[thread] = seat;
    }
    return seats;
}

/* Names of all hosts, told by the first rank of each, on rank 0. Collective. */
static void gather_hosts(const struct comm *comm, struct placement *placement)
{
    MPI_Comm leaders;
    char mine[PLACEMENT_HOST];
    snprintf(mine, sizeof mine, "%.*s", PLACEMENT_HOST - 1, comm->host_name);
    MPI_CHECK(MPI_Comm_split(comm->world, comm->host_rank == 0 ? 0 : MPI_UNDEFINED, comm->rank, &leaders));
    if (comm->rank == 0)
        placement->hosts = allocate((size_t)comm->n_hosts, PLACEMENT_HOST);
    if (comm->host_rank == 0) {
        MPI_CHECK(MPI_Gather(
            mine, PLACEMENT_HOST, MPI_CHAR, placement->hosts, PLACEMENT_HOST, MPI_CHAR, 0, leaders));
        MPI_CHECK(MPI_Comm_free(&leaders));
    }
    placement->n_hosts = comm->rank == 0 ? comm->n_hosts : 0;
}

void placement_find(const struct comm *comm, int threads, struct placement *placement)
{
    struct seat *mine = find_own(comm, threads);
    int *counts = allocate((size_t)comm->size, sizeof *counts),
        *places = allocate((size_t)comm->size, sizeof *places);
    MPI_Datatype seat;
    *placement = (struct placement){.n = 0};
    MPI_CHECK(MPI_Type_contiguous((int)sizeof *mine, MPI_BYTE, &seat));
    MPI_CHECK(MPI_Type_commit(&seat));
    MPI_CHECK(MPI_Gather(&threads, 1, MPI_INT, counts, 1, MPI_INT, 0, comm->world));
    for (int rank = 0; comm->rank == 0 && rank < comm->size; rank++) {
        places[rank] = placement->n;
        placement->n += counts[rank];
    }
    placement->seats = allocate((size_t)placement->n, sizeof *placement->seats);
    MPI_CHECK(MPI_Gatherv(mine, threads, seat, placement->seats, counts, places, seat, 0, comm->world));
    MPI_CHECK(MPI_Type_free(&seat));
    gather_hosts(comm, placement);
    free(mine);
    free(counts);
    free(places);
}

void placement_destroy(struct placement *placement)
{
    free(placement->seats);
    free(placement->hosts);
    *placement = (struct placement){.n = 0};
}

/* CPU_ISSET with a signed number. */
static bool is_in(int core, const cpu_set_t *cores)
{
    return CPU_ISSET((size_t)core, cores);
}

/* ---- matching --------------------------------------------------------------------------------------------------- */

/* Who has which core, while a matching is made by augmenting paths (Kuhn). */
struct matching {
    const struct seat *seats;
    int holder[CPU_SETSIZE]; /* -1 for nobody */
    bool seen[CPU_SETSIZE];
};

/* Find a core for a seat, if need be by moving others to cores that they may use too. */
static bool place(struct matching *matching, int seat)
{
    const cpu_set_t *allowed = &matching->seats[seat].allowed;
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (!is_in(core, allowed) || matching->seen[core])
            continue;
        matching->seen[core] = true;
        if (matching->holder[core] < 0 || place(matching, matching->holder[core])) {
            matching->holder[core] = seat;
            return true;
        }
    }
    return false;
}

int placement_match(const struct seat *seats, int n, bool *has_own)
{
    struct matching *matching = allocate(1, sizeof *matching);
    int matched = 0;
    matching->seats = seats;
    for (int core = 0; core < CPU_SETSIZE; core++)
        matching->holder[core] = -1;
    for (int i = 0; i < n; i++) {
        memset(matching->seen, 0, sizeof matching->seen);
        has_own[i] = place(matching, i);
        matched += has_own[i];
    }
    free(matching);
    return matched;
}

/* ---- texts ------------------------------------------------------------------------------------------------------ */

const char *placement_cores(const cpu_set_t *cores, char *text, size_t bytes)
{
    size_t used = 0;
    text[0] = '\0';
    for (int core = 0; core < CPU_SETSIZE; core++) {
        int last = core;
        if (!is_in(core, cores))
            continue;
        while (last + 1 < CPU_SETSIZE && is_in(last + 1, cores))
            last++;
        if (used + 24 > bytes) {
            snprintf(text + used, bytes - used, "...");
            return text;
        }
        used += (size_t)snprintf(
            text + used, bytes - used, last > core ? "%s%d-%d" : "%s%d", used > 0 ? "," : "", core, last);
        core = last;
    }
    return text;
}

void placement_print(const struct placement *placement, FILE *out, int most)
{
    char cores[80];
    fprintf(out, "  %-20s %6s %7s %8s  may use\n", "host", "rank", "thread", "on core");
    for (int i = 0; i < placement->n && i < most; i++) {
        const struct seat *seat = &placement->seats[i];
        fprintf(out, "  %-20s %6d %7d %8d  %s\n", placement->hosts[seat->host], seat->rank, seat->thread,
            seat->core, placement_cores(&seat->allowed, cores, sizeof cores));
    }
    if (placement->n > most)
        fprintf(out, "  ... and %d more\n", placement->n - most);
}

/* What is known of a host's threads. */
struct crowd {
    int threads, cores, with_own;
    cpu_set_t used;    /* cores that any of them may use */
    int crowded;       /* a rank with more threads than cores for them, or -1 */
    int crowd_threads; /* its threads */
    cpu_set_t crowd_cores;
};

/* A rank whose own threads cannot all have a core: the first. */
static void find_crowded_rank(const struct seat *seats, int n, struct crowd *crowd)
{
    bool *has_own = allocate((size_t)n, sizeof *has_own);
    crowd->crowded = -1;
    for (int begin = 0, end; begin < n && crowd->crowded < 0; begin = end) {
        cpu_set_t cores;
        CPU_ZERO(&cores);
        for (end = begin; end < n && seats[end].rank == seats[begin].rank; end++)
            CPU_OR(&cores, &cores, &seats[end].allowed);
        if (placement_match(seats + begin, end - begin, has_own) < end - begin) {
            crowd->crowded = seats[begin].rank;
            crowd->crowd_threads = end - begin;
            crowd->crowd_cores = cores;
        }
    }
    free(has_own);
}

static struct crowd crowd_of(const struct seat *seats, int n)
{
    struct crowd crowd = {.threads = n};
    bool *has_own = allocate((size_t)n, sizeof *has_own);
    CPU_ZERO(&crowd.used);
    for (int i = 0; i < n; i++)
        CPU_OR(&crowd.used, &crowd.used, &seats[i].allowed);
    crowd.cores = CPU_COUNT(&crowd.used);
    crowd.with_own = placement_match(seats, n, has_own);
    find_crowded_rank(seats, n, &crowd);
    free(has_own);
    return crowd;
}

/* What is wrong on a host, and what to do about it. @return whether anything is */
static bool advise_host(const char *host, const struct crowd *crowd, FILE *out)
{
    char text[80], advice[128];
    if (crowd->with_own == crowd->threads)
        return false;
    if (crowd->crowded >= 0)
        fprintf(out,
            "  On %s the %d threads of rank %d share core%s %s: start the ranks with %s (srun: "
            "--cpus-per-task=%d), or with fewer --threads.\n",
            host, crowd->crowd_threads, crowd->crowded, words_plural(CPU_COUNT(&crowd->crowd_cores)),
            placement_cores(&crowd->crowd_cores, text, sizeof text),
            launcher_advice(crowd->crowd_threads, advice, sizeof advice), crowd->crowd_threads);
    if (crowd->threads > crowd->cores)
        fprintf(out, "  On %s %d threads of all ranks share %d core%s: take fewer ranks, or more hosts.\n",
            host, crowd->threads, crowd->cores, words_plural(crowd->cores));
    else if (crowd->crowded < 0)
        fprintf(out,
            "  On %s %d thread%s no core alone, though there are as many cores as threads: ranks are bound "
            "to the same ones. Start them with %s %s or %s.\n",
            host, crowd->threads - crowd->with_own, crowd->threads - crowd->with_own == 1 ? " has" : "s have",
            launcher()->program, launcher()->unbound, launcher()->one_core);
    return true;
}

void placement_advise(const struct placement *placement, FILE *out)
{
    struct seat *of_host = allocate((size_t)placement->n, sizeof *of_host);
    bool any = false;
    for (int host = 0; host < placement->n_hosts; host++) {
        int n = 0;
        for (int i = 0; i < placement->n; i++)
            if (placement->seats[i].host == host)
                of_host[n++] = placement->seats[i];
        const struct crowd crowd = crowd_of(of_host, n);
        any = advise_host(placement->hosts[host], &crowd, out) || any;
    }
    if (!any)
        fprintf(out, "  Each thread can have a core of its own.\n");
    free(of_host);
}
