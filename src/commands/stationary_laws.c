#include "commands/stationary_laws.h"
#include <limits.h>
#include <stdlib.h>

/* This rank's, every size-th. They take different times. */
static enum status find_mine(const struct comm *comm, const struct population *population, int n,
    const struct recording *recording, struct stationary_laws *laws)
{
    int n_failed = 0;
#pragma omp parallel for schedule(dynamic) num_threads(population->threads) reduction(+ : n_failed)
    for (int i = comm->rank; i < n; i += comm->size)
        n_failed += population->model->stationary(population->scenarios[i].law, recording->quantiles,
                        recording->n_quantiles, laws->quantiles + i * recording->n_quantiles,
                        &laws->ginis[i]) != WS_OK;
    return n_failed == 0 ? WS_OK : WS_FAILED;
}

/* To rank 0, of ranks of which one has a number and the others have zeros: by their bits, so that NaN stays what it is. */
static void gather(const struct comm *comm, double *values, int64_t n)
{
    for (int64_t done = 0; done < n;) {
        const int now = n - done < INT_MAX / 8 ? (int)(n - done) : INT_MAX / 8;
        MPI_CHECK(MPI_Reduce(comm->rank == 0 ? MPI_IN_PLACE : values + done, values + done, now, MPI_UINT64_T,
            MPI_BXOR, 0, comm->world));
        done += now;
    }
}

enum status stationary_laws(const struct comm *comm, const struct population *population, int n,
    const struct recording *recording, struct stationary_laws *laws)
{
    const int64_t n_quantiles = n * recording->n_quantiles;
    *laws = (struct stationary_laws){.ginis = NULL};
    if (!population->model->stationary)
        return WS_OK;
    laws->ginis = calloc((size_t)n, sizeof *laws->ginis);
    laws->quantiles = calloc((size_t)n_quantiles + 1, sizeof *laws->quantiles);
    enum status status =
        laws->ginis && laws->quantiles
            ? WS_OK
            : error_memory((size_t)(n + n_quantiles) * sizeof(double), "the laws' quantiles");
    if (status == WS_OK)
        status = find_mine(comm, population, n, recording, laws);
    status = error_agree(comm->world, status);
    if (status == WS_OK && comm->size > 1 && n > 1) {
        gather(comm, laws->ginis, n);
        gather(comm, laws->quantiles, n_quantiles);
    }
    return status;
}

void stationary_laws_free(struct stationary_laws *laws)
{
    free(laws->ginis);
    free(laws->quantiles);
    *laws = (struct stationary_laws){.ginis = NULL};
}
