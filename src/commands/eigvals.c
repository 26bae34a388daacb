#include "lecture/eigvals.h"
#include "commands/commands.h"
#include "commands/preflight.h"
#include "commands/report.h"
#include "core/topology.h"
#include "core/words.h"
#include "population/decomposition.h"
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Spectral radii that the table shows one by one. */
enum { SHOWN = 5 };

struct eigvals_options {
    struct common_options common;
    struct stream_options streams;
    int64_t matrices, order;
};

#define MEMBER(name) offsetof(struct eigvals_options, name)

// clang-format off
static const struct option_row rows[] = {
    {.group = "Matrices",
     .name = "matrices", .argument = "M", .type = OPTION_COUNT, .offset = MEMBER(matrices),
     .fallback = "20", .low = 1, .high = INT_MAX, .range = "1 to 2147483647",
     .help = "Random matrices"},
    {.name = "order", .argument = "N", .type = OPTION_COUNT, .offset = MEMBER(order),
     .fallback = "1000", .low = 1, .high = 46340, .range = "1 to 46340",
     .help = "Rows and columns of each"},
};
// clang-format on
static const struct option_table table = OPTION_TABLE(rows);

static struct eigvals_task task_of(const struct eigvals_options *options)
{
    return (struct eigvals_task){.matrices = options->matrices,
        .order = (int)options->order,
        .family = (enum rng_family)options->streams.rng,
        .seed = options->streams.seed};
}

static int64_t file_bytes(const struct eigvals_options *options)
{
    return options->matrices * (options->order + 2) * 16 + (1 << 20);
}

/* Of this rank: a matrix for each thread. Collective. */
static int64_t memory_bytes(const struct eigvals_options *options, const struct comm *comm)
{
    const struct eigvals_task task = task_of(options);
    const int64_t n = share_of(task.matrices, comm->rank, comm->size).n;
    const int threads = topology_threads(comm, (int)options->common.threads);
    return eigvals_bytes(&task, n, n < threads ? (int)n : threads);
}

static enum status check(const struct options *all, const struct comm *comm)
{
    const struct eigvals_options *options = all->values;
    const enum status memory = preflight_memory(comm, memory_bytes(options, comm),
        "--order: a matrix per thread", "use fewer ranks or --threads on it");
    if (comm->rank != 0)
        return memory;
    const enum status checks[] = {memory,
        stream_options_check(&options->streams, options->matrices, options->matrices, "matrices"),
        preflight_output(&options->common, NULL, 0, file_bytes(options))};
    return worst_of(checks, sizeof checks / sizeof checks[0]);
}

/* What there is to write and to say. */
struct answer {
    const struct eigvals_options *options;
    struct eigvals eigvals; /* of this rank's matrices */
    double *radii;          /* [matrices] of all, on rank 0 */
};

static void print_answer(const void *content)
{
    const struct answer *answer = content;
    const struct eigvals_options *options = answer->options;
    const double circle = sqrt((double)options->order);
    char matrices[WORDS_COUNT], order[WORDS_COUNT];
    double mean = 0;
    printf("eigenvalues of %s random matri%s of order %s, seed %" PRId64 "\n\n",
        words_count(options->matrices, matrices), options->matrices == 1 ? "x" : "ces",
        words_count(options->order, order), options->streams.seed);
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

static enum status conclude(const struct options *all, const struct answer *answer, const struct comm *comm,
    struct timers *timers, double start)
{
    const struct eigvals_options *options = answer->options;
    const struct eigvals *eigvals = &answer->eigvals;
    const struct dimension matrix = {.name = "matrix", .length = options->matrices},
                           number = {.name = "number", .length = options->order};
    const struct variable variables[] = {
        {.name = "eigenvalue",
            .type = NUMBER_COMPLEX,
            .over = {&matrix, &number},
            .long_name = "eigenvalues, conjugate pairs together, the positive imaginary part first"},
        {.name = "spectral_radius",
            .over = {&matrix},
            .long_name = "largest absolute value of the matrix's eigenvalues"},
        {.name = "trace", .over = {&matrix}, .long_name = "sum of the matrix's diagonal"},
    };
    const struct rows ours[] = {
        {.name = "eigenvalue", .first = eigvals->first, .n = eigvals->n, .data = eigvals->value},
        {.name = "spectral_radius", .first = eigvals->first, .n = eigvals->n, .data = eigvals->radius},
        {.name = "trace", .first = eigvals->first, .n = eigvals->n, .data = eigvals->trace}};
    struct fields attributes = {.n = 0};
    char entries_hash[32];
    snprintf(entries_hash, sizeof entries_hash, "%016" PRIx64, eigvals->entries_hash);
    fields_add_text(&attributes, "entries_hash", entries_hash);
    return report_result(comm,
        &(struct report){.command = &command_eigvals,
            .options = all,
            .title = "Eigenvalues of random matrices",
            .hash = eigvals->hash,
            .attributes = &attributes,
            .variables = variables,
            .n_variables = sizeof variables / sizeof variables[0],
            .rows = ours,
            .n_rows = sizeof ours / sizeof ours[0],
            .bytes_later = file_bytes(options),
            .rate_name = "matrices_per_second",
            .unit = "matrices",
            .work = (double)options->matrices,
            .streams = &options->streams,
            .n_streams = options->matrices,
            .stream_seconds = eigvals->stream_seconds,
            .timers = timers,
            .start = start,
            .print = print_answer,
            .content = answer},
        options->common.quiet);
}

static enum status run(const struct options *all, const struct comm *comm)
{
    const double start = timers_now();
    const struct eigvals_options *options = all->values;
    const struct eigvals_task task = task_of(options);
    struct answer answer = {.options = options};
    struct timers timers;
    enum status status = report_timers(comm, &options->common, &timers);
    if (status == WS_OK)
        status = eigvals_compute(comm, &task, &timers, options->common.quiet, &answer.eigvals);
    if (status == WS_OK)
        status = gather_radii(&answer, comm);
    if (status == WS_OK)
        status = conclude(all, &answer, comm, &timers, start);
    free(answer.radii);
    eigvals_destroy(&answer.eigvals);
    timers_destroy(&timers);
    return status;
}

static const struct option_part parts[] = {{&table, 0}, {&stream_option_table, MEMBER(streams)},
    {&output_option_table, 0}, {&process_option_table, 0}, {&timing_option_table, 0}, {NULL, 0}};
static const struct option_default defaults[] = {{"output", "wealthsim-eigvals.h5"}, {NULL, NULL}};

const struct command command_eigvals = {.line = {.name = "eigvals",
                                            .summary = "Eigenvalues of random matrices",
                                            .bytes = sizeof(struct eigvals_options),
                                            .parts = parts,
                                            .defaults = defaults},
    .check = check,
    .run = run};
