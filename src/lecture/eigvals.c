#include "lecture/eigvals.h"
#include "core/hash.h"
#include "core/progress.h"
#include "population/decomposition.h"
#include "random/normals.h"
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NO_MEMORY = -1000 };

/* ---- one matrix ------------------------------------------------------------------------------------------------- */

static int call_dgeev(const struct lapack *lapack, int n, double *matrix, double *real, double *imaginary,
    double *work, int work_size)
{
    const int one = 1;
    int info = 0;
    double unused;
    lapack->dgeev("N", "N", &n, matrix, &n, real, imaginary, &unused, &one, &unused, &one, work, &work_size,
        &info, 1, 1);
    return info;
}

int eigvals_of_matrix(const struct lapack *lapack, double *matrix, int order, double complex *value)
{
    const size_t n = (size_t)order;
    double size = 0;
    double *parts = malloc(2 * n * sizeof *parts);
    if (!parts || call_dgeev(lapack, order, matrix, parts, parts + n, &size, -1) != 0) {
        free(parts);
        return NO_MEMORY;
    }
    double *work = malloc((size_t)size * sizeof *work);
    const int info = work ? call_dgeev(lapack, order, matrix, parts, parts + n, work, (int)size) : NO_MEMORY;
    for (size_t i = 0; info == 0 && i < n; i++)
        value[i] = parts[i] + parts[n + i] * I;
    free(work);
    free(parts);
    return info;
}

/* Entries of a matrix, column by column, in the order in which its stream gives them. */
static void draw_matrix(struct streams *streams, int64_t i, int64_t entries, double *matrix)
{
    _Alignas(64) uint64_t words[NORMALS];
    _Alignas(64) double normals[NORMALS];
    for (int64_t done = 0; done < entries; done += NORMALS) {
        const int64_t left = entries - done;
        streams_fill(streams, i, NORMALS, words);
        normals_of(words, normals);
        memcpy(matrix + done, normals, (size_t)(left < NORMALS ? left : NORMALS) * sizeof *matrix);
    }
}

static double trace_of(const double *matrix, int64_t order)
{
    double trace = 0;
    for (int64_t i = 0; i < order; i++)
        trace += matrix[i * order + i];
    return trace;
}

static double radius_of(const double complex *value, int order)
{
    double radius = 0;
    for (int i = 0; i < order; i++)
        radius = fmax(radius, cabs(value[i]));
    return radius;
}

/* ---- this rank's matrices --------------------------------------------------------------------------------------- */

/* What a thread has found of its matrices. */
struct found {
    uint64_t hash, entries_hash;
    int64_t failed; /* lowest number of a matrix that failed, or -1 */
    int info;
};

static void merge(struct found *all, const struct found *some)
{
    all->hash += some->hash;
    all->entries_hash += some->entries_hash;
    if (some->failed >= 0 && (all->failed < 0 || some->failed < all->failed)) {
        all->failed = some->failed;
        all->info = some->info;
    }
}

static void solve(const struct lapack *lapack, const struct eigvals_task *task, struct eigvals *eigvals,
    struct streams *streams, int64_t i, double *matrix, struct found *found)
{
    const int64_t order = task->order, entries = order * order;
    const uint64_t number = (uint64_t)(eigvals->first + i);
    double complex *value = eigvals->value + i * order;
    draw_matrix(streams, i, entries, matrix);
    found->entries_hash += hash_bytes(matrix, (size_t)entries * sizeof *matrix, number);
    eigvals->trace[i] = trace_of(matrix, order);
    const int info = eigvals_of_matrix(lapack, matrix, task->order, value);
    if (info != 0) {
        merge(found, &(struct found){.failed = (int64_t)number, .info = info});
        return;
    }
    found->hash += hash_bytes(value, (size_t)order * sizeof *value, number);
    eigvals->radius[i] = radius_of(value, task->order);
}

/* All threads, each with a matrix of its own at a time. */
static struct found solve_all(const struct lapack *lapack, const struct eigvals_task *task,
    struct eigvals *eigvals, struct streams *streams, struct timers *timers, struct progress *progress)
{
    struct found all = {.failed = -1};
    int64_t done = 0;
#pragma omp parallel num_threads(lapack->is_for_several_threads ? timers->threads : 1)
    {
        struct stretch stretch = timers_begin();
        struct found found = {.failed = -1};
        double *matrix = calloc((size_t)task->order * (size_t)task->order, sizeof *matrix);
#pragma omp for schedule(dynamic, 1) nowait
        for (int64_t i = 0; i < eigvals->n; i++) {
            if (matrix)
                solve(lapack, task, eigvals, streams, i, matrix, &found);
            else
                merge(&found, &(struct found){.failed = eigvals->first + i, .info = NO_MEMORY});
            int64_t now = 0;
#pragma omp atomic capture
            now = ++done;
            if (omp_get_thread_num() == 0)
                progress_update(progress, (double)now);
        }
        free(matrix);
        timers_worked(&stretch);
#pragma omp critical(eigvals)
        merge(&all, &found);
#pragma omp barrier
        timers_end(timers, omp_get_thread_num(), &stretch);
    }
    return all;
}

static enum status allocate(struct eigvals *eigvals, int order)
{
    const size_t n = (size_t)eigvals->n, values = n * (size_t)order;
    eigvals->value = calloc(values + 1, sizeof *eigvals->value);
    eigvals->radius = calloc(n + 1, sizeof *eigvals->radius);
    eigvals->trace = calloc(n + 1, sizeof *eigvals->trace);
    return eigvals->value && eigvals->radius && eigvals->trace
               ? WS_OK
               : error_memory(values * sizeof *eigvals->value, "the eigenvalues");
}

static enum status compute_share(const struct comm *comm, const struct lapack *lapack,
    const struct eigvals_task *task, struct timers *timers, bool is_quiet, struct eigvals *eigvals)
{
    struct streams *streams = NULL;
    struct progress progress;
    if (allocate(eigvals, task->order) != WS_OK || streams_create(&streams, task->family, task->seed,
                                                       eigvals->first, eigvals->n, timers->threads) != WS_OK)
        return WS_FAILED;
    eigvals->stream_seconds = streams_seconds(streams);
    progress_start(&progress, comm->rank != 0 || is_quiet, 0, (double)eigvals->n, "matrices of this rank");
    const struct found found = solve_all(lapack, task, eigvals, streams, timers, &progress);
    progress_end(&progress);
    streams_destroy(streams);
    eigvals->hash = found.hash;
    eigvals->entries_hash = found.entries_hash;
    if (found.failed < 0)
        return WS_OK;
    return found.info == NO_MEMORY
               ? error_memory((size_t)eigvals_bytes(task, 1, 1), "a matrix")
               : error_set(WS_FAILED, "LAPACK's dgeev found no eigenvalues of matrix %lld: info = %d",
                     (long long)found.failed, found.info);
}

int64_t eigvals_bytes(const struct eigvals_task *task, int64_t n, int threads)
{
    const int64_t order = task->order, matrix = order * order * (int64_t)sizeof(double);
    /* dgeev's workspace is some blocks of columns */
    return threads * (matrix + 200 * order * (int64_t)sizeof(double)) +
           n * (order * (int64_t)sizeof(double complex) + (int64_t)rng_family_stream_bytes(task->family));
}

enum status eigvals_compute(const struct comm *comm, const struct eigvals_task *task, struct timers *timers,
    bool is_quiet, struct eigvals *eigvals)
{
    const struct share mine = share_of(task->matrices, comm->rank, comm->size);
    struct lapack lapack;
    *eigvals = (struct eigvals){.first = mine.first, .n = mine.n};
    if (error_agree(comm->world, lapack_open(&lapack, comm->host_name)) != WS_OK)
        return WS_FAILED;
    if (comm->rank == 0 && timers->threads > 1 && !lapack.is_for_several_threads)
        fprintf(stderr, "wealthsim: warning: this OpenBLAS is not for several threads at a time: one of each "
                        "rank works, so use "
                        "more ranks, or OpenBLAS's OpenMP variant\n");
    const enum status own = compute_share(comm, &lapack, task, timers, is_quiet, eigvals);
    const double start = timers_now();
    const enum status status = error_agree(comm->world, own);
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, &eigvals->hash, 1, MPI_UINT64_T, MPI_SUM, comm->world));
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, &eigvals->entries_hash, 1, MPI_UINT64_T, MPI_SUM, comm->world));
    timers_add(timers, 0, PHASE_COMMUNICATING, start);
    return status;
}

void eigvals_destroy(struct eigvals *eigvals)
{
    free(eigvals->value);
    free(eigvals->radius);
    free(eigvals->trace);
    *eigvals = (struct eigvals){.n = 0};
}
