/** All statistics of one cross-section. */
#pragma once

#include "statistics/quantile.h"
#include <mpi.h>
#include <stdint.h>

/** What summary_compute fills in; the same on all ranks, and to the bit on every layout. */
struct summary {
    int64_t n;                               /**< households */
    double mean, variance, minimum, maximum; /**< exact sums, rounded once; variance with divisor n */
    struct quantile median;
    struct quantile *quantiles; /**< [n_quantiles] at the asked probabilities, in their order */
    int n_quantiles;
};

/** Collective over comm.
 *  @param[in]  threads      >= 1, OpenMP threads to use; may differ between ranks
 *  @param[in]  wealth       [n] not NaN, >= 0, +inf allowed; n may be 0 on any rank
 *  @param[in]  n_global     the sum of n over all ranks, >= 1
 *  @param[in]  probability  [n_probability] in [0, 1], in any order; the same on all ranks; may be empty
 *  @param[out] summary      owned by the caller: summary_destroy, after a failure too
 *  @return WS_OK, or WS_FAILED (memory) on all ranks. */
enum status summary_compute(MPI_Comm comm, int threads, const double *wealth, int64_t n, int64_t n_global,
    const double *probability, int n_probability, struct summary *summary);

void summary_destroy(struct summary *summary);
