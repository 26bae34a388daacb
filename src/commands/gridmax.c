#include "commands/commands.h"
#include "commands/report.h"
#include "io/durable.h"
#include "io/h5.h"
#include "io/result_file.h"
#include "model/grid.h"
#include "population/decomposition.h"
#include "runtime/progress.h"
#include "runtime/topology.h"
#include "runtime/words.h"
#include <math.h>
#include <omp.h>
#include <stdio.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* Columns that are looked at together, whose squares stay in the nearest cache; and points between two reports of
 * progress. */
enum { CHUNK = 1024, BATCH_POINTS = 1 << 28 };

/* The largest value so far, and the first row that has it. */
struct largest {
    double value;
    int64_t row;
    uint64_t
        hash; /* the sum over rows and chunks of XXH3 of the chunk's largest value with its number as seed */
};

struct gridmax {
    const struct options *options;
    struct axis axis;
    struct largest largest; /* of all ranks */
    int64_t column;
    double x, y;
    struct timers timers;
};

static enum status check(const struct options *options, const struct comm *comm)
{
    return comm->rank == 0 ? durable_check(options->output, "output", 1 << 20) : WS_OK;
}

static double square_of(const struct axis *axis, int64_t i)
{
    const double point = axis_point(axis, i);
    return point * point;
}

/* Squares of a chunk's columns. @return how many they are */
static int fill_chunk(const struct axis *axis, int64_t first, double *squares)
{
    const int64_t left = axis->points - first;
    const int n = left < CHUNK ? (int)left : CHUNK;
    for (int j = 0; j < n; j++)
        squares[j] = square_of(axis, first + j);
    return n;
}

static void keep(struct largest *largest, double value, int64_t row)
{
    if (value > largest->value || (value == largest->value && row < largest->row)) {
        largest->value = value;
        largest->row = row;
    }
}

/* Rows first … end - 1, chunk by chunk: nothing of the grid is stored but a chunk of one side. */
static void search_rows(const struct axis *axis, int64_t first, int64_t end, struct largest *largest)
{
    const enum vector_level level = vector_level();
    const int64_t n_chunks = (axis->points - 1) / CHUNK + 1;
    _Alignas(64) double squares[CHUNK];
    for (int64_t chunk = 0; chunk < n_chunks && first < end; chunk++) {
        const int n = fill_chunk(axis, chunk * CHUNK, squares);
        for (int64_t row = first; row < end; row++) {
            const double value = grid_row_maximum(level, square_of(axis, row), squares, n);
            largest->hash += XXH3_64bits_withSeed(
                &value, sizeof value, (uint64_t)row * (uint64_t)n_chunks + (uint64_t)chunk);
            keep(largest, value, row);
        }
    }
}

/* Rows first … first + n - 1, shared by this rank's threads. */
static void search(struct gridmax *gridmax, int64_t first, int64_t n, struct largest *largest)
{
    struct timers *timers = &gridmax->timers;
#pragma omp parallel num_threads(timers->threads)
    {
        struct stretch stretch = timers_begin();
        const struct share mine = share_of(n, omp_get_thread_num(), omp_get_num_threads());
        struct largest found = {.value = -INFINITY, .row = INT64_MAX};
        search_rows(&gridmax->axis, first + mine.first, first + mine.first + mine.n, &found);
        timers_worked(&stretch);
#pragma omp critical(gridmax)
        {
            keep(largest, found.value, found.row);
            largest->hash += found.hash;
        }
#pragma omp barrier
        timers_end(timers, omp_get_thread_num(), &stretch);
    }
}

/* This rank's share of the rows. */
static struct largest search_share(struct gridmax *gridmax, const struct comm *comm)
{
    const int64_t points = gridmax->axis.points;
    const struct share mine = share_of(points, comm->rank, comm->size);
    const int64_t batch = points < BATCH_POINTS ? BATCH_POINTS / points : 1;
    struct largest largest = {.value = -INFINITY, .row = INT64_MAX};
    struct progress progress;
    progress_start(&progress, comm->rank != 0 || gridmax->options->quiet, 0, (double)mine.n * (double)points,
        "points of this rank");
    for (int64_t done = 0; done < mine.n; done += batch) {
        const int64_t n = mine.n - done < batch ? mine.n - done : batch;
        search(gridmax, mine.first + done, n, &largest);
        progress_update(&progress, (double)(done + n) * (double)points);
    }
    progress_end(&progress);
    return largest;
}

/* The first column of the row that has the value. */
static int64_t find_column(const struct axis *axis, const struct largest *largest)
{
    const enum vector_level level = vector_level();
    const double y_square = square_of(axis, largest->row);
    double squares[CHUNK];
    int64_t first = 0;
    int n = fill_chunk(axis, first, squares), j = 0;
    while (grid_row_maximum(level, y_square, squares, n) != largest->value)
        n = fill_chunk(axis, first += CHUNK, squares);
    while (grid_row_maximum(level, y_square, squares + j, 1) != largest->value)
        j++;
    return first + j;
}

/* The ranks' largest value, at the first of its rows and columns. */
static void conclude(struct gridmax *gridmax, const struct comm *comm, const struct largest *mine)
{
    const double start = timers_now();
    struct largest *all = &gridmax->largest;
    MPI_CHECK(MPI_Allreduce(&mine->value, &all->value, 1, MPI_DOUBLE, MPI_MAX, comm->world));
    const int64_t row = mine->value == all->value ? mine->row : INT64_MAX;
    MPI_CHECK(MPI_Allreduce(&row, &all->row, 1, MPI_INT64_T, MPI_MIN, comm->world));
    MPI_CHECK(MPI_Allreduce(&mine->hash, &all->hash, 1, MPI_UINT64_T, MPI_SUM, comm->world));
    timers_add(&gridmax->timers, 0, PHASE_COMMUNICATING, start);
    gridmax->column = find_column(&gridmax->axis, all);
    gridmax->x = axis_point(&gridmax->axis, gridmax->column);
    gridmax->y = axis_point(&gridmax->axis, all->row);
}

static enum status lay_out(hid_t file, const void *content)
{
    const struct gridmax *gridmax = content;
    h5_write_variable(file, "maximum", H5T_NATIVE_DOUBLE, NULL, 0, &gridmax->largest.value,
        "largest value on the grid of cos(x^2 + y^2)/(1 + x^2 + y^2)", "1");
    h5_write_variable(file, "x", H5T_NATIVE_DOUBLE, NULL, 0, &gridmax->x, "x of its first place", "1");
    h5_write_variable(file, "y", H5T_NATIVE_DOUBLE, NULL, 0, &gridmax->y, "y of its first place", "1");
    h5_write_variable(
        file, "row", H5T_NATIVE_INT64, NULL, 0, &gridmax->largest.row, "number of its y, from 0", "1");
    h5_write_variable(
        file, "column", H5T_NATIVE_INT64, NULL, 0, &gridmax->column, "number of its x, from 0", "1");
    return WS_OK;
}

static void print_answer(const struct gridmax *gridmax)
{
    char points[WORDS_COUNT], row[WORDS_COUNT], column[WORDS_COUNT];
    words_count(gridmax->axis.points, points);
    printf("largest value of cos(x^2 + y^2)/(1 + x^2 + y^2) on %s x %s points from %g to %g\n\n", points,
        points, gridmax->axis.lower, gridmax->axis.upper);
    printf("  maximum     %.16g\n  at          x = %.16g, y = %.16g (column %s, row %s)\n\n",
        gridmax->largest.value, gridmax->x, gridmax->y, words_count(gridmax->column, column),
        words_count(gridmax->largest.row, row));
}

static enum status gridmax_command(const struct options *options, const struct comm *comm)
{
    const double start = timers_now();
    struct gridmax gridmax = {.options = options,
        .axis = {.lower = options->lower, .upper = options->upper, .points = options->points}};
    const int threads = topology_threads(comm, (int)options->threads);
    topology_warn(comm, threads);
    enum status status = error_agree(comm->world, timers_create(&gridmax.timers, threads));
    if (status == WS_OK) {
        const struct largest mine = search_share(&gridmax, comm);
        conclude(&gridmax, comm, &mine);
        const struct result_file file = {.options = options,
            .takes = FOR_GRIDMAX,
            .command = "gridmax",
            .title = "The largest value of a function on a grid",
            .hash = gridmax.largest.hash,
            .rate_name = "points_per_second",
            .work = (double)options->points * (double)options->points,
            .timers = &gridmax.timers,
            .start = start,
            .content = &gridmax,
            .lay_out = lay_out};
        status = result_file_write(comm, &file);
        if (status == WS_OK && !options->quiet) {
            if (comm->rank == 0)
                print_answer(&gridmax);
            report_cost(comm, &(struct report){.file = &file, .unit = "points"});
        }
    }
    timers_destroy(&gridmax.timers);
    return status;
}

const struct command command_gridmax = {.name = "gridmax",
    .summary = "The largest value of cos(x^2 + y^2)/(1 + x^2 + y^2) on a grid",
    .takes = FOR_GRIDMAX,
    .check = check,
    .run = gridmax_command};
