#include "core/core_use.h"
#include "core/error.h"
#include <math.h>
#include <stdlib.h>

static void *allocate(size_t n, size_t bytes)
{
    void *memory = calloc(n > 0 ? n : 1, bytes);
    if (!memory)
        error_abort(__FILE__, __LINE__, "allocate", "no memory for the ranks' seconds");
    return memory;
}

/* Numbers of each thread into a table of all ranks. Collective. */
static void gather_row(const struct comm *comm, double *mine, int own, int threads, double *table)
{
    for (int thread = own; thread < threads; thread++)
        mine[thread] = NAN;
    MPI_CHECK(MPI_Gather(mine, threads, MPI_DOUBLE, table, threads, MPI_DOUBLE, 0, comm->world));
}

void core_use_gather(const struct comm *comm, const struct timers *timers, struct core_use *use)
{
    char host[CORE_USE_HOST] = ""; /* NULs behind the name */
    *use = (struct core_use){.ranks = comm->size};
    MPI_CHECK(MPI_Allreduce(&timers->threads, &use->threads, 1, MPI_INT, MPI_MAX, comm->world));
    const size_t threads = (size_t)use->threads, of_phase = (size_t)use->ranks * threads;
    double *mine = allocate(threads, sizeof *mine);
    if (comm->rank == 0) {
        use->seconds = allocate(PHASES * of_phase, sizeof *use->seconds);
        use->core = allocate(of_phase, sizeof *use->core);
        use->hosts = allocate((size_t)use->ranks, CORE_USE_HOST);
    }
    for (int phase = 0; phase < PHASES; phase++) {
        for (int thread = 0; thread < timers->threads; thread++)
            mine[thread] = timers->seconds[thread][phase];
        gather_row(comm, mine, timers->threads, use->threads, core_use_phase(use, (enum phase)phase));
    }
    for (int thread = 0; thread < timers->threads; thread++)
        mine[thread] = timers->core[thread];
    gather_row(comm, mine, timers->threads, use->threads, use->core);
    snprintf(host, sizeof host, "%.*s", CORE_USE_HOST - 1, comm->host_name);
    MPI_CHECK(MPI_Gather(host, CORE_USE_HOST, MPI_CHAR, use->hosts, CORE_USE_HOST, MPI_CHAR, 0, comm->world));
    free(mine);
}

void core_use_destroy(struct core_use *use)
{
    free(use->seconds);
    free(use->core);
    free(use->hosts);
    *use = (struct core_use){.ranks = 0};
}

double *core_use_phase(const struct core_use *use, enum phase phase)
{
    return use->seconds ? use->seconds + (size_t)phase * (size_t)use->ranks * (size_t)use->threads : NULL;
}

void core_use_print(const struct core_use *use, double elapsed, FILE *out, int most)
{
    int lines = 0;
    fprintf(out, "\n  %-20s %6s %7s %5s", "host", "rank", "thread", "core");
    for (int phase = 0; phase < PHASES; phase++)
        fprintf(out, " %13s", phase_name((enum phase)phase));
    fprintf(out, "  share of a core\n");
    for (int i = 0; i < use->ranks * use->threads; i++) {
        if (isnan(use->core[i]) || lines++ >= most)
            continue;
        fprintf(out, "  %-20s %6d %7d %5.0f", use->hosts[i / use->threads], i / use->threads,
            i % use->threads, use->core[i]);
        for (int phase = 0; phase < PHASES; phase++)
            fprintf(out, " %11.4g s", core_use_phase(use, (enum phase)phase)[i]);
        fprintf(out, "  %.0f %%\n", 100 * core_use_phase(use, PHASE_COMPUTING)[i] / elapsed);
    }
    if (lines > most)
        fprintf(out, "  ... and %d more\n", lines - most);
}
