#include "commands/stationary_laws.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Which scenarios have a stationary law of their own, and whose the others have. */
struct distinct {
    int n;
    int *first; /* [n] the first scenario of each law */
    int *of;    /* [scenarios] the first that has the scenario's law */
};

static void distinct_free(struct distinct *distinct)
{
    free(distinct->first);
    free(distinct->of);
}

static int compare(const struct population *population, int one, int other)
{
    const struct scenario *scenarios = population->scenarios;
    return population->model->compare_stationary
               ? population->model->compare_stationary(scenarios[one].law, scenarios[other].law)
               : one - other;
}

static int by_law(const void *a, const void *b, void *population)
{
    const int one = *(const int *)a, other = *(const int *)b;
    const int laws = compare(population, one, other);
    return laws != 0 ? laws : one - other;
}

static enum status distinct_find(struct distinct *distinct, const struct population *population, int n)
{
    distinct->first = calloc((size_t)n, sizeof *distinct->first);
    distinct->of = calloc((size_t)n, sizeof *distinct->of);
    if (!distinct->first || !distinct->of)
        return error_memory(2 * (size_t)n * sizeof *distinct->of, "the stationary laws");
    int *const sorted = distinct->first; /* the firsts never get ahead of it */
    for (int i = 0; i < n; i++)
        sorted[i] = i;
    qsort_r(sorted, (size_t)n, sizeof *sorted, by_law, (void *)population);
    for (int i = 0; i < n; i++) {
        const int scenario = sorted[i], last = distinct->n - 1;
        if (i == 0 || compare(population, distinct->first[last], scenario) != 0)
            distinct->first[distinct->n++] = scenario;
        distinct->of[scenario] = distinct->first[distinct->n - 1];
    }
    return WS_OK;
}

/* This rank's, every size-th. They take different times. */
static enum status find_mine(const struct comm *comm, const struct population *population,
    const struct distinct *distinct, const struct recording *recording, struct stationary_laws *laws)
{
    int n_failed = 0;
#pragma omp parallel for schedule(dynamic) num_threads(population->threads) reduction(+ : n_failed)
    for (int k = comm->rank; k < distinct->n; k += comm->size) {
        const int i = distinct->first[k];
        n_failed += population->model->stationary(population->scenarios[i].law, recording->quantiles,
                        recording->n_quantiles, laws->quantiles + i * recording->n_quantiles,
                        &laws->ginis[i]) != WS_OK;
    }
    if (n_failed == 0)
        return WS_OK;
    return error_set(WS_FAILED,
        "no memory for the stationary laws, of which each of %d threads finds one: use fewer threads, more "
        "hosts, or --no-theory",
        population->threads);
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

/* Give all scenarios what was found for the first that has their law. */
static void share(
    const struct distinct *distinct, int n, const struct recording *recording, struct stationary_laws *laws)
{
    const int64_t n_quantiles = recording->n_quantiles;
    for (int i = 0; i < n; i++) {
        const int from = distinct->of[i];
        laws->ginis[i] = laws->ginis[from];
        memmove(laws->quantiles + i * n_quantiles, laws->quantiles + from * n_quantiles,
            (size_t)n_quantiles * sizeof *laws->quantiles);
    }
}

enum status stationary_laws(const struct comm *comm, const struct population *population, int n,
    const struct recording *recording, struct stationary_laws *laws)
{
    const int64_t n_quantiles = n * recording->n_quantiles;
    struct distinct distinct = {.n = 0};
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
        status = distinct_find(&distinct, population, n);
    if (status == WS_OK)
        status = find_mine(comm, population, &distinct, recording, laws);
    status = error_agree(comm->world, status);
    if (status == WS_OK && comm->size > 1 && n > 1) {
        gather(comm, laws->ginis, n);
        gather(comm, laws->quantiles, n_quantiles);
    }
    if (status == WS_OK)
        share(&distinct, n, recording, laws);
    distinct_free(&distinct);
    return status;
}

void stationary_laws_free(struct stationary_laws *laws)
{
    free(laws->ginis);
    free(laws->quantiles);
    *laws = (struct stationary_laws){.ginis = NULL};
}
