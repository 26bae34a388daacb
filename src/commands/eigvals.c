#include "lecture/eigvals.h"
#include "commands/commands.h"
#include "commands/report.h"
#include "core/topology.h"
#include "core/words.h"
#include "files/h5.h"
#include "files/result_file.h"
#include "files/result_place.h"
#include "population/decomposition.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Spectral radii that the table shows one by one. */
enum { SHOWN = 5 };

static struct eigvals_task task_of(const struct options *options)
{
    return (struct eigvals_task){.matrices = options->matrices,
        .order = (int)options->order,
        .family = (enum rng_family)options->rng,
        .seed = options->seed};
}

static int64_t file_bytes(const struct options *options)
{
    return options->matrices * (options->order + 2) * 16 + (1 << 20);
}

/* Each host adds up what its ranks will take and holds it against what it has. Collective. */
static enum status check_memory(const struct options *options, const struct comm *comm)
{
    const struct eigvals_task task = task_of(options);
    const int64_t n = share_of(task.matrices, comm->rank, comm->size).n;
    const int threads = topology_threads(comm, (int)options->threads);
    int64_t mine = eigvals_bytes(&task, n, n < threads ? (int)n : threads), of_host = 0;
    MPI_CHECK(MPI_Allreduce(&mine, &of_host, 1, MPI_INT64_T, MPI_SUM, comm->host));
    const int64_t available = topology_memory_available();
    if (comm->host_rank != 0 || of_host <= available)
        return WS_OK;
    return error_add(WS_USAGE,
        "--order: the matrices need %.3g GB of memory on host %s, one for each thread of its %d rank%s; it "
        "has %.3g GB "
        "to give: use fewer ranks or --threads on it",
        (double)of_host * 1e-9, comm->host_name, comm->host_size, words_plural(comm->host_size),
        (double)available * 1e-9);
}

static enum status check(const struct options *options, const struct comm *comm)
{
    const enum rng_family family = (enum rng_family)options->rng;
    enum status status = check_memory(options, comm);
    if (comm->rank != 0)
        return status;
    if (options->matrices > rng_family_streams(family))
        status = error_add(WS_USAGE,
            "--rng: %s has %" PRId64 " streams, and there are %" PRId64 " matrices: take --rng mlfg",
            rng_family_name(family), rng_family_streams(family), options->matrices);
    const enum status writable = result_place_check(options, file_bytes(options));
    return writable != WS_OK ? writable : status;
}

/* What there is to write and to say. */
struct answer {
    const struct options *options;
    struct eigvals eigvals; /* of this rank's matrices */
    double *radii;          /* [matrices] of all, on rank 0 */
};

static enum status lay_out(hid_t file, const void *content)
{
    const struct answer *answer = content;
    const struct options *options = answer->options;
    char text[32];
    const struct h5_dimension dimensions[] = {h5_create_dimension(file, "matrix", options->matrices),
        h5_create_dimension(file, "number", options->order)};
    const hid_t complex_type = h5_create_complex_type(file);
    h5_write_variable(file, "eigenvalue", complex_type, dimensions, 2, NULL,
        "eigenvalues, conjugate pairs together, the positive imaginary part first", "1");
    H5(H5Tclose(complex_type));
    h5_write_variable(file, "spectral_radius", H5T_NATIVE_DOUBLE, dimensions, 1, NULL,
        "largest absolute value of the matrix's eigenvalues", "1");
    h5_write_variable(
        file, "trace", H5T_NATIVE_DOUBLE, dimensions, 1, NULL, "sum of the matrix's diagonal", "1");
    snprintf(text, sizeof text, "%016" PRIx64, answer->eigvals.entries_hash);
    h5_attribute_text(file, "entries_hash", text);
    H5(H5Dclose(dimensions[0].scale));
    H5(H5Dclose(dimensions[1].scale));
    return WS_OK;
}

static void print_answer(const void *content)
{
    const struct answer *answer = content;
    const struct options *options = answer->options;
    const double circle = sqrt((double)options->order);
    char matrices[WORDS_COUNT], order[WORDS_COUNT];
    double mean = 0;
    printf("eigenvalues of %s random matri%s of order %s, seed %" PRId64 "\n\n",
        words_count(options->matrices, matrices), options->matrices == 1 ? "x" : "ces",
        words_count(options->order, order), options->seed);
    printf("  circle      of radius %.6g = sqrt(order), which they fill as the order grows\n", circle);
    for (int64_t i = 0; i < options->matrices; i++) {
        if (i < SHOWN)
            printf("  matrix %-4" PRId64 " spectral radius %.7g, %.4f of the circle's\n", i, answer->radii[i],
                answer->radii[i] / circle);
        mean += answer->radii[i] / circle / (double)options->matrices;
    }
    printf("  mean        %.4f of the circle's radius\n\n", mean);
}

/* All ranks' radii on rank 0, in the order of the matrices. Collective. @return WS_OK, or WS_FAILED on all ranks */
static enum status gather_radii(struct answer *answer, const struct comm *comm)
{
    const int64_t matrices = answer->options->matrices;
    const size_t ranks = (size_t)comm->size;
    int *counts = malloc(ranks * sizeof *counts), *places = malloc(ranks * sizeof *places);
    answer->radii = malloc((size_t)matrices * sizeof *answer->radii);
    const bool is_there = counts && places && answer->radii;
    const enum status status = error_agree(comm->world,
        is_there ? WS_OK : error_memory((size_t)matrices * sizeof *answer->radii, "the spectral radii"));
    for (int rank = 0; status == WS_OK && rank < comm->size; rank++) {
        const struct share share = share_of(matrices, rank, comm->size);
        counts[rank] = (int)share.n;
        places[rank] = (int)share.first;
    }
    if (status == WS_OK)
        MPI_CHECK(MPI_Gatherv(answer->eigvals.radius, (int)answer->eigvals.n, MPI_DOUBLE, answer->radii,
            counts, places, MPI_DOUBLE, 0, comm->world));
    free(counts);
    free(places);
    return status;
}

static enum status conclude(
    const struct answer *answer, const struct comm *comm, struct timers *timers, double start)
{
    const struct options *options = answer->options;
    const struct eigvals *eigvals = &answer->eigvals;
    const struct rows rows[] = {
        {.name = "eigenvalue", .first = eigvals->first, .n = eigvals->n, .data = eigvals->value},
        {.name = "spectral_radius", .first = eigvals->first, .n = eigvals->n, .data = eigvals->radius},
        {.name = "trace", .first = eigvals->first, .n = eigvals->n, .data = eigvals->trace}};
    const struct result_file file = {.options = options,
        .takes = FOR_EIGVALS,
        .command = "eigvals",
        .title = "Eigenvalues of random matrices",
        .hash = answer->eigvals.hash,
        .rate_name = "matrices_per_second",
        .work = (double)options->matrices,
        .rows = rows,
        .n_rows = sizeof rows / sizeof rows[0],
        .bytes_later = file_bytes(options),
        .timers = timers,
        .start = start,
        .content = answer,
        .lay_out = lay_out};
    return report_result(comm, &(struct report){.file = &file,
                                   .unit = "matrices",
                                   .n_streams = options->matrices,
                                   .stream_seconds = answer->eigvals.stream_seconds,
                                   .print = print_answer});
}

static enum status eigvals_command(const struct options *options, const struct comm *comm)
{
    const double start = timers_now();
    const struct eigvals_task task = task_of(options);
    struct answer answer = {.options = options};
    struct timers timers;
    enum status status = report_timers(comm, options, &timers);
    if (status == WS_OK)
        status = eigvals_compute(comm, &task, &timers, options->quiet, &answer.eigvals);
    if (status == WS_OK)
        status = gather_radii(&answer, comm);
    if (status == WS_OK)
        status = conclude(&answer, comm, &timers, start);
    free(answer.radii);
    eigvals_destroy(&answer.eigvals);
    timers_destroy(&timers);
    return status;
}

const struct command command_eigvals = {.name = "eigvals",
    .summary = "Eigenvalues of random matrices",
    .takes = FOR_EIGVALS,
    .check = check,
    .run = eigvals_command};
