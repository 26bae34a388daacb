#include "runtime/seating.h"
#include "runtime/error.h"
#include "runtime/launcher.h"
#include "runtime/words.h"
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
static void gather_hosts(const struct comm *comm, struct seating *seating)
{
    MPI_Comm leaders;
    char mine[SEATING_HOST];
    snprintf(mine, sizeof mine, "%.*s", SEATING_HOST - 1, comm->host_name);
    MPI_CHECK(MPI_Comm_split(comm->world, comm->host_rank == 0 ? 0 : MPI_UNDEFINED, comm->rank, &leaders));
    if (comm->rank == 0)
        seating->hosts = allocate((size_t)comm->n_hosts, SEATING_HOST);
    if (comm->host_rank == 0) {
        MPI_CHECK(
            MPI_Gather(mine, SEATING_HOST, MPI_CHAR, seating->hosts, SEATING_HOST, MPI_CHAR, 0, leaders));
        MPI_CHECK(MPI_Comm_free(&leaders));
    }
    seating->n_hosts = comm->rank == 0 ? comm->n_hosts : 0;
}

void seating_find(const struct comm *comm, int threads, struct seating *seating)
{
    struct seat *mine = find_own(comm, threads);
    int *counts = allocate((size_t)comm->size, sizeof *counts),
        *places = allocate((size_t)comm->size, sizeof *places);
    MPI_Datatype seat;
    *seating = (struct seating){.n = 0};
    MPI_CHECK(MPI_Type_contiguous((int)sizeof *mine, MPI_BYTE, &seat));
    MPI_CHECK(MPI_Type_commit(&seat));
    MPI_CHECK(MPI_Gather(&threads, 1, MPI_INT, counts, 1, MPI_INT, 0, comm->world));
    for (int rank = 0; comm->rank == 0 && rank < comm->size; rank++) {
        places[rank] = seating->n;
        seating->n += counts[rank];
    }
    seating->seats = allocate((size_t)seating->n, sizeof *seating->seats);
    MPI_CHECK(MPI_Gatherv(mine, threads, seat, seating->seats, counts, places, seat, 0, comm->world));
    MPI_CHECK(MPI_Type_free(&seat));
    gather_hosts(comm, seating);
    free(mine);
    free(counts);
    free(places);
}

void seating_destroy(struct seating *seating)
{
    free(seating->seats);
    free(seating->hosts);
    *seating = (struct seating){.n = 0};
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

int seating_match(const struct seat *seats, int n, bool *has_own)
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

const char *seating_cores(const cpu_set_t *cores, char *text, size_t bytes)
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

void seating_print(const struct seating *seating, FILE *out, int most)
{
    char cores[80];
    fprintf(out, "  %-20s %6s %7s %8s  may use\n", "host", "rank", "thread", "on core");
    for (int i = 0; i < seating->n && i < most; i++) {
        const struct seat *seat = &seating->seats[i];
        fprintf(out, "  %-20s %6d %7d %8d  %s\n", seating->hosts[seat->host], seat->rank, seat->thread,
            seat->core, seating_cores(&seat->allowed, cores, sizeof cores));
    }
    if (seating->n > most)
        fprintf(out, "  ... and %d more\n", seating->n - most);
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
        if (seating_match(seats + begin, end - begin, has_own) < end - begin) {
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
    crowd.with_own = seating_match(seats, n, has_own);
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
            seating_cores(&crowd->crowd_cores, text, sizeof text),
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

void seating_advise(const struct seating *seating, FILE *out)
{
    struct seat *of_host = allocate((size_t)seating->n, sizeof *of_host);
    bool any = false;
    for (int host = 0; host < seating->n_hosts; host++) {
        int n = 0;
        for (int i = 0; i < seating->n; i++)
            if (seating->seats[i].host == host)
                of_host[n++] = seating->seats[i];
        const struct crowd crowd = crowd_of(of_host, n);
        any = advise_host(seating->hosts[host], &crowd, out) || any;
    }
    if (!any)
        fprintf(out, "  Each thread can have a core of its own.\n");
    free(of_host);
}
