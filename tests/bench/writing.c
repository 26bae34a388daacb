/* Writing a result file against a plain parallel write of the same bytes by the same ranks.
 *
 *     writing FILE HOUSEHOLDS results    result_file_write: HDF5 and rows, flushed to disk, renamed
 *     writing FILE HOUSEHOLDS mpiio      MPI_File_write_at_all, MPI_File_sync, nothing else
 *
 * Rank 0 prints the seconds. The file is removed before and after, outside the measured time. */
#include "core/error.h"
#include "files/result_file.h"
#include "models/kesten.h"
#include "population/population.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_results(const struct comm *comm, const struct population *population, const char *path)
{
    const struct fields attributes = {.n = 0};
    const struct dimension household = {.name = "household", .length = population->part.n_global};
    const struct variable wealth = {.name = "wealth", .long_name = "wealth", .over = {&household}};
    const struct rows rows = {.name = "wealth",
        .first = population->part.first_household,
        .n = population->part.n_local,
        .data = population_wealth(population, 0)};
    struct timers timers = {0};
    ENSURE(timers_create(&timers, population->threads) == WS_OK);
    const struct result_file file = {.path = path,
        .command = "run",
        .title = "Wealth of a population of households",
        .history = "",
        .attributes = &attributes,
        .variables = &wealth,
        .n_variables = 1,
        .rows = &rows,
        .n_rows = 1,
        .bytes_later = 8 * population->part.n_global,
        .rate_name = "household_periods_per_second",
        .timers = &timers,
        .start = timers_now()};
    if (result_file_write(comm, &file) != WS_OK) {
        error_report(comm->world);
        MPI_Abort(comm->world, 1);
    }
    timers_destroy(&timers);
}

static void write_plainly(const struct comm *comm, const struct population *population, const char *path)
{
    const struct decomposition *part = &population->part;
    MPI_File file;
    MPI_CHECK(MPI_File_open(comm->world, path, MPI_MODE_CREATE | MPI_MODE_WRONLY, MPI_INFO_NULL, &file));
    MPI_CHECK(MPI_File_write_at_all(file, part->first_household * (MPI_Offset)sizeof(double),
        population_wealth(population, 0), (int)part->n_local, MPI_DOUBLE, MPI_STATUS_IGNORE));
    MPI_CHECK(MPI_File_sync(file));
    MPI_CHECK(MPI_File_close(&file));
}

int main(int argc, char **argv)
{
    struct comm comm;
    comm_start(&comm, &argc, &argv);
    ENSURE(argc == 4);
    const char *path = argv[1];
    const struct kesten_parameters parameters = {.w0 = 1};
    const struct decomposition part = decomposition_of(atoll(argv[2]), comm.rank, comm.size);
    const size_t n = (size_t)part.n_local;
    struct population population;
    ENSURE(n < 1u << 31);
    ENSURE(population_create(&population, part, &model_kesten, (const void *[]){&parameters}, 1, 1) == WS_OK);
    double *wealth = population_wealth(&population, 0);
    for (size_t i = 0; i < n; i++)
        wealth[i] = 1.0 + (double)(i * 2654435761u % 1000003u) * 1e-6;

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
    population_destroy(&population);
    return comm_end(&comm, 0);
}
