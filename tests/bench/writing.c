/* Writing a result file against a plain parallel write of the same bytes by the same ranks.
 *
 *     writing FILE HOUSEHOLDS results    result_file_write: HDF5 and rows, flushed to disk, renamed
 *     writing FILE HOUSEHOLDS mpiio      MPI_File_write_at_all, MPI_File_sync, nothing else
 *
 * Rank 0 prints the seconds. The file is removed before and after, outside the measured time. */
#include "files/results.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_results(const struct comm *comm, const struct population *population, const char *path)
{
    struct options options = {.households = population->part.n_global, .n_quantiles = 1, .quantiles = {0.5}};
    struct record record = {.period = 0};
    struct timers timers = {0};
    snprintf(options.output, sizeof options.output, "%s", path);
    ENSURE(timers_create(&timers, population->threads) == WS_OK);
    ENSURE(summary_prepare(&record.summary, population->part.n_global, options.quantiles, 1) == WS_OK);
    const struct results results = {.options = &options,
        .takes = FOR_RUN,
        .population = population,
        .records = &record,
        .n_records = 1,
        .timers = &timers,
        .start = timers_now()};
    struct rows rows[ROWS_MOST];
    const struct result_file file = results_file(&results, rows);
    if (result_file_write(comm, &file) != WS_OK) {
        error_report(comm->world);
        MPI_Abort(comm->world, 1);
    }
    summary_destroy(&record.summary);
    timers_destroy(&timers);
}

static void write_plainly(const struct comm *comm, const struct population *population, const char *path)
{
    const struct decomposition *part = &population->part;
    MPI_File file;
    MPI_CHECK(MPI_File_open(comm->world, path, MPI_MODE_CREATE | MPI_MODE_WRONLY, MPI_INFO_NULL, &file));
    MPI_CHECK(MPI_File_write_at_all(file, part->first_household * (MPI_Offset)sizeof(double),
        population->wealth, (int)part->n_local, MPI_DOUBLE, MPI_STATUS_IGNORE));
    MPI_CHECK(MPI_File_sync(file));
    MPI_CHECK(MPI_File_close(&file));
}

int main(int argc, char **argv)
{
    struct comm comm;
    comm_start(&comm, &argc, &argv);
    ENSURE(argc == 4);
    const char *path = argv[1];
    struct population population = {
        .part = decomposition_of(atoll(argv[2]), comm.rank, comm.size), .threads = 1};
    const size_t n = (size_t)population.part.n_local;
    ENSURE(n < 1u << 31);
    population.wealth = malloc((n + 1) * sizeof *population.wealth);
    ENSURE(population.wealth);
    for (size_t i = 0; i < n; i++)
        population.wealth[i] = 1.0 + (double)(i * 2654435761u % 1000003u) * 1e-6;

    if (comm.rank == 0)
        unlink(path);
    MPI_CHECK(MPI_Barrier(comm.world));
    const double start = timers_now();
    if (strcmp(argv[3], "results") == 0)
        write_results(&comm, &population, path);
    else
        write_plainly(&comm, &population, path);
    MPI_CHECK(MPI_Barrier(comm.world));
    if (comm.rank == 0) {
        printf("%.9f\n", timers_now() - start);
        unlink(path);
    }
    free(population.wealth);
    return comm_end(&comm, 0);
}
