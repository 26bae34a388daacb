#include "core/words.h"
#include "models/kesten_theory.h"
#include "models/stationary.h"
#include "statistics/summary.h"
#include "verify/checks.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Statistics further from theory than so many standard errors are taken for wrong: 5.7e-7 of right ones are, so that at
 * most one verification in 140,000 with another seed would fail for one of twelve. */
static const double most_errors = 5;

static const double probabilities[] = {0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};
enum { PROBABILITIES = sizeof probabilities / sizeof probabilities[0] };

/* The class's population has the hash that README.md publishes. Broken: one household's last bit. */
bool check_published(struct verification *verification)
{
    struct population *population = &verification->population;
    double *wealth = population_wealth(population, 0);
    const double kept = wealth[0];
    if (verification_breaks(verification, "published hash") && verification->comm->rank == 0)
        wealth[0] = nextafter(kept, 0);
    const uint64_t hash = population_hash(verification->comm->world, population, 0);
    if (verification->comm->rank == 0)
        wealth[0] = kept;
    snprintf(verification->said, sizeof verification->said,
        "%" PRId64 " households, %" PRId64 " periods: %016" PRIx64 ", published %016" PRIx64,
        verification->size.households, verification->size.periods, hash, verification->size.hash);
    return hash == verification->size.hash;
}

enum status verification_simulate(const struct comm *comm, const struct model *model, const void *parameters,
    int threads, int64_t periods, uint64_t *hash)
{
    enum { HOUSEHOLDS = 30011, SEED = 7 };
    struct population population = {.period = 0};
    struct timers timers;
    const struct decomposition part = decomposition_of(HOUSEHOLDS, comm->rank, comm->size);
    enum status status = timers_create(&timers, threads);
    if (status == WS_OK)
        status = population_create(&population, part, model, (const void *[]){parameters}, 1, threads);
    if (status == WS_OK)
        status = population_start(&population, RNG_MLFG, SEED);
    status = error_agree(comm->world, status);
    if (status == WS_OK) {
        population_advance(&population, periods / 3, &timers);
        population_advance(&population, periods - periods / 3, &timers);
        *hash = population_hash(comm->world, &population, 0);
    }
    population_destroy(&population);
    timers_destroy(&timers);
    return status;
}

/* This run's ranks and threads against one rank with one thread. Broken: the last period is missing. */
bool check_layout(struct verification *verification)
{
    enum { PERIODS = 40 };
    static const struct kesten_parameters model = {.r = 0.04, .s = 0.6, .v1 = 0.3, .v2 = 0.8, .w0 = 2};
    const struct comm *comm = verification->comm;
    const int64_t periods = verification_breaks(verification, "layout") ? PERIODS - 1 : PERIODS;
    struct comm first;
    uint64_t alone = 0, together = 0;
    comm_first(comm, 1, &first);
    enum status status =
        first.size > 0 ? verification_simulate(&first, &model_kesten, &model, 1, PERIODS, &alone) : WS_OK;
    if (first.size > 0)
        comm_free(&first);
    comm_wait_asleep(comm);
    MPI_CHECK(MPI_Bcast(&alone, 1, MPI_UINT64_T, 0, comm->world));
    status = error_agree(comm->world, status);
    if (status == WS_OK)
        status =
            verification_simulate(comm, &model_kesten, &model, verification->threads, periods, &together);
    snprintf(verification->said, sizeof verification->said,
        "%d rank%s x %d thread%s: %016" PRIx64 ", one rank with one thread: %016" PRIx64, comm->size,
        words_plural(comm->size), verification->threads, words_plural(verification->threads), together,
        alone);
    return status == WS_OK && together == alone;
}

/* @return the population's summary, to be freed; or NULL */
static struct summary *summarise(struct verification *verification)
{
    const struct population *population = &verification->population;
    const struct decomposition *part = &population->part;
    struct summary *summary = summaries_create(1, part->n_global, probabilities, PROBABILITIES);
    enum status status = error_agree(verification->comm->world, summary ? WS_OK : WS_FAILED);
    if (status == WS_OK)
        status = summary_compute(verification->comm->world, verification->threads,
            population_wealth(population, 0), part->n_local, part->n_global,
            &(struct summary_asked){.probability = probabilities, .n_probability = PROBABILITIES}, summary);
    if (status == WS_OK)
        return summary;
    free(summary);
    return NULL;
}

/* Mean, variance and Gini coefficient against theory's. Broken: the mean is off by a thousandth of itself and six
 * standard errors. */
bool check_moments(struct verification *verification)
{
    const struct theory theory = kesten_theory(&verification_model);
    struct summary *summary = summarise(verification);
    struct stationary *law = NULL;
    double z[3] = {NAN, NAN, NAN};
    if (summary && verification_breaks(verification, "moments"))
        summary->mean += 1e-3 * summary->mean + 6 * summary->mean_error;
    if (summary && stationary_create(&law, &verification_model) == WS_OK) {
        z[0] = (summary->mean - theory.mean) / summary->mean_error;
        z[1] = (summary->variance - theory.variance) / summary->variance_error;
        z[2] = (summary->gini - stationary_gini(law)) / summary->gini_error;
        stationary_destroy(law);
    }
    free(summary);
    snprintf(verification->said, sizeof verification->said,
        "standard errors from theory: mean %+.2f, variance %+.2f, Gini %+.2f (at most %g)", z[0], z[1], z[2],
        most_errors);
    return fabs(z[0]) <= most_errors && fabs(z[1]) <= most_errors && fabs(z[2]) <= most_errors;
}

/* Quantiles against the stationary law, which is computed without simulation. Broken: the median is off. */
bool check_quantiles(struct verification *verification)
{
    const double n = (double)verification->size.households;
    struct summary *summary = summarise(verification);
    struct stationary *law = NULL;
    double largest = NAN;
    if (summary && stationary_create(&law, &verification_model) == WS_OK) {
        largest = 0;
        if (verification_breaks(verification, "quantiles"))
            summary->quantiles[4].value += 12 / sqrt(n);
        for (int i = 0; i < PROBABILITIES; i++) {
            const double p = probabilities[i], share = stationary_cdf(law, summary->quantiles[i].value);
            largest = fmax(largest, fabs(share - p) / sqrt(p * (1 - p) / n));
        }
        stationary_destroy(law);
    }
    free(summary);
    snprintf(verification->said, sizeof verification->said,
        "%d quantiles from 1 to 99 %%: at most %.2f standard errors from the stationary law (at most %g)",
        (int)PROBABILITIES, largest, most_errors);
    return largest <= most_errors;
}
