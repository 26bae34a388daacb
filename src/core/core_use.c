#include "core/core_use.h"
#include "core/error.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t n, size_t bytes)
{
    void *memory = calloc(n > 0 ? n : 1, bytes);
    if (!memory)
        error_abort(__FILE__, __LINE__, "allocate", "no memory for the ranks' seconds");
    return memory;
}

/* A rank's row, [PHASES + 1][threads] seconds and cores, then the host's name; NaN for threads that it has not. */
static void fill_row(const struct comm *comm, const struct timers *timers, int threads, double *row)
{
    char host[CORE_USE_HOST] = ""; /* NULs behind the name */
    for (int thread = 0; thread < threads; thread++) {
        for (int phase = 0; phase < PHASES; phase++)
            row[phase * threads + thread] = thread < timers->threads ? timers->seconds[thread][phase] : NAN;
        row[PHASES * threads + thread] = thread < timers->threads ? (double)timers->core[thread] : NAN;
    }
    snprintf(host, sizeof host, "%.*s", CORE_USE_HOST - 1, comm->host_name);
    memcpy(row + (PHASES + 1) * threads, host, sizeof host);
}

static void read_row(const double *row, int rank, struct core_use *use)
{
    const size_t threads = (size_t)use->threads, place = (size_t)rank * threads;
    for (size_t phase = 0; phase < PHASES; phase++)
        memcpy(use->seconds + phase * (size_t)use->ranks * threads + place, row + phase * threads,
            threads * sizeof *row);
    memcpy(use->core + place, row + PHASES * threads, threads * sizeof *row);
    memcpy(use->hosts[rank], row + (PHASES + 1) * threads, CORE_USE_HOST);
}

void core_use_gather(const struct comm *comm, const struct timers *timers, struct core_use *use)
{
    *use = (struct core_use){.ranks = comm->size};
    MPI_CHECK(MPI_Allreduce(&timers->threads, &use->threads, 1, MPI_INT, MPI_MAX, comm->world));
    const size_t threads = (size_t)use->threads, of_phase = (size_t)use->ranks * threads;
    const int numbers = (PHASES + 1) * use->threads + CORE_USE_HOST / (int)sizeof(double);
    double *row = allocate((size_t)numbers, sizeof *row), *rows = NULL;
    if (comm->rank == 0) {
        use->seconds = allocate(PHASES * of_phase, sizeof *use->seconds);
        use->core = allocate(of_phase, sizeof *use->core);
        use->hosts = allocate((size_t)use->ranks, CORE_USE_HOST);
        rows = allocate((size_t)use->ranks * (size_t)numbers, sizeof *rows);
    }
    fill_row(comm, timers, use->threads, row);
    MPI_CHECK(MPI_Gather(row, numbers, MPI_DOUBLE, rows, numbers, MPI_DOUBLE, 0, comm->world));
    for (int rank = 0; rank < use->ranks && rows; rank++)
        read_row(rows + (size_t)rank * (size_t)numbers, rank, use);
    free(rows);
    free(row);
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
