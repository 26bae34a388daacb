#include "lecture/gridmax.h"
#include "core/hash.h"
#include "core/progress.h"
#include "population/decomposition.h"
#include <math.h>
#include <omp.h>

/* Columns that are looked at together, whose squares stay in the nearest cache; and points between two reports of
 * progress. */
enum { CHUNK = 1024, BATCH_POINTS = 1 << 28 };

/* Before any value. */
static const struct gridmax nothing = {.value = -INFINITY, .row = INT64_MAX};

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

/* The larger value stays; of equal ones, the first row. */
static void keep(struct gridmax *found, double value, int64_t row)
{
    if (value > found->value || (value == found->value && row < found->row)) {
        found->value = value;
        found->row = row;
    }
}

/* Rows first … end - 1, chunk by chunk. */
static struct gridmax search_rows(const struct axis *axis, int64_t first, int64_t end)
{
    const int64_t n_chunks = (axis->points - 1) / CHUNK + 1;
    _Alignas(64) double squares[CHUNK];
    struct gridmax found = nothing;
    for (int64_t chunk = 0; chunk < n_chunks && first < end; chunk++) {
        const int n = fill_chunk(axis, chunk * CHUNK, squares);
        for (int64_t row = first; row < end; row++) {
            const double value = grid_row_maximum(square_of(axis, row), squares, n);
            const uint64_t place = (uint64_t)row * (uint64_t)n_chunks + (uint64_t)chunk;
            found.hash += hash_bytes(&value, sizeof value, place);
            keep(&found, value, row);
        }
    }
    return found;
}

/* Rows first … first + n - 1, shared by this rank's threads. */
static void search(
    const struct axis *axis, int64_t first, int64_t n, struct timers *timers, struct gridmax *found)
{
#pragma omp parallel num_threads(timers->threads)
    {
        struct stretch stretch = timers_begin();
        const struct share mine = share_of(n, omp_get_thread_num(), omp_get_num_threads());
        const struct gridmax here = search_rows(axis, first + mine.first, first + mine.first + mine.n);
        timers_worked(&stretch);
#pragma omp critical(gridmax)
        {
            keep(found, here.value, here.row);
            found->hash += here.hash;
        }
#pragma omp barrier
        timers_end(timers, omp_get_thread_num(), &stretch);
    }
}

/* This rank's share of the rows. */
static struct gridmax search_share(
    const struct comm *comm, const struct axis *axis, struct timers *timers, bool is_quiet)
{
    const int64_t points = axis->points;
    const struct share mine = share_of(points, comm->rank, comm->size);
    const int64_t batch = points < BATCH_POINTS ? BATCH_POINTS / points : 1;
    struct gridmax found = nothing;
    struct progress progress;
    progress_start(
        &progress, comm->rank != 0 || is_quiet, 0, (double)mine.n * (double)points, "points of this rank");
    for (int64_t done = 0; done < mine.n; done += batch) {
        const int64_t n = mine.n - done < batch ? mine.n - done : batch;
        search(axis, mine.first + done, n, timers, &found);
        progress_update(&progress, (double)(done + n) * (double)points);
    }
    progress_end(&progress);
    return found;
}

/* The first column of the row that has the value. */
static int64_t find_column(const struct axis *axis, const struct gridmax *found)
{
    const double y_square = square_of(axis, found->row);
    double squares[CHUNK];
    int64_t first = 0;
    int n = fill_chunk(axis, first, squares), j = 0;
    while (grid_row_maximum(y_square, squares, n) != found->value)
        n = fill_chunk(axis, first += CHUNK, squares);
    while (grid_row_maximum(y_square, squares + j, 1) != found->value)
        j++;
    return first + j;
}

void gridmax_compute(const struct comm *comm, const struct axis *axis, struct timers *timers, bool is_quiet,
    struct gridmax *gridmax)
{
    const struct gridmax mine = search_share(comm, axis, timers, is_quiet);
    const double start = timers_now();
    MPI_CHECK(MPI_Allreduce(&mine.value, &gridmax->value, 1, MPI_DOUBLE, MPI_MAX, comm->world));
    const int64_t row = mine.value == gridmax->value ? mine.row : INT64_MAX;
    MPI_CHECK(MPI_Allreduce(&row, &gridmax->row, 1, MPI_INT64_T, MPI_MIN, comm->world));
    MPI_CHECK(MPI_Allreduce(&mine.hash, &gridmax->hash, 1, MPI_UINT64_T, MPI_SUM, comm->world));
    timers_add(timers, 0, PHASE_COMMUNICATING, start);
    gridmax->column = find_column(axis, gridmax);
}
