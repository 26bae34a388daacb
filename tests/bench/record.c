/* One record of a cross-section, all of its statistics, of values in a file.
 *
 *     record FILE THREADS REPEATS SUBPOPULATIONS PROBABILITY...    summary_compute over all ranks
 *
 * FILE holds doubles, nothing else. Rank 0 prints the seconds of each repetition on one line; on the next the median,
 * the Gini coefficient and its standard error. */
#include "core/comm.h"
#include "core/error.h"
#include "core/timers.h"
#include "models/model.h"
#include "population/decomposition.h"
#include "statistics/standard_errors.h"
#include "statistics/summary.h"
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 64 };

/* A rank's share of the file's values: whole blocks, as in a population. */
static double *read_part(const struct comm *comm, const char *path, struct decomposition *part)
{
    MPI_File file;
    MPI_Offset bytes = 0;
    MPI_CHECK(MPI_File_open(comm->world, path, MPI_MODE_RDONLY, MPI_INFO_NULL, &file));
    MPI_CHECK(MPI_File_get_size(file, &bytes));
    *part = decomposition_of(bytes / (MPI_Offset)sizeof(double), comm->rank, comm->size);
    const size_t n = (size_t)part->n_local;
    ENSURE(n < 1u << 31);
    double *x = malloc((n + 1) * sizeof *x);
    ENSURE(x);
    MPI_CHECK(MPI_File_read_at_all(
        file, part->first_household * (MPI_Offset)sizeof *x, x, (int)n, MPI_DOUBLE, MPI_STATUS_IGNORE));
    MPI_CHECK(MPI_File_close(&file));
    return x;
}

int main(int argc, char **argv)
{
    struct comm comm;
    struct decomposition part;
    comm_start(&comm, &argc, &argv);
    ENSURE(argc >= 5 && argc <= 5 + MOST);
    const int threads = atoi(argv[2]), repeats = atoi(argv[3]), n_parts = atoi(argv[4]),
              n_probability = argc - 5;
    double probability[MOST], median = 0, gini = 0, gini_error = 0;
    for (int i = 0; i < n_probability; i++)
        probability[i] = atof(argv[5 + i]);
    double *x = read_part(&comm, argv[1], &part);
    struct summary *parts = summaries_create(n_parts, 0, probability, n_probability),
                   *summary = summaries_create(1, 0, probability, n_probability);
    ENSURE(parts && summary);
    const struct summary_asked asked = {.probability = probability,
        .n_probability = n_probability,
        .labels = {.n = n_parts, .first_block = part.first_block, .block_size = BLOCK_SIZE},
        .parts = parts};

    for (int repeat = -1; repeat < repeats; repeat++) { /* one to warm up */
        MPI_CHECK(MPI_Barrier(comm.world));
        const double start = timers_now();
        ENSURE(
            summary_compute(comm.world, threads, x, part.n_local, part.n_global, &asked, summary) == WS_OK);
        MPI_CHECK(MPI_Barrier(comm.world));
        if (comm.rank == 0 && repeat >= 0)
            printf("%.9f ", timers_now() - start);
        median = summary->median.value;
        gini = summary->gini;
        gini_error = summary->gini_error;
    }
    if (comm.rank == 0)
        printf("\n%.17g %.17g %.17g\n", median, gini, gini_error);
    free(parts);
    free(summary);
    free(x);
    return comm_end(&comm, 0);
}
