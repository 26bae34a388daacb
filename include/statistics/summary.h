/** All statistics of one cross-section. */
#pragma once

#include "statistics/inequality.h"
#include "statistics/quantile.h"
#include <mpi.h>
#include <stdint.h>

/** Wealth shares that a summary always has: of the bottom half, and of the top 10, 5, 1 and 0.1 %. */
enum { SHARE_BOTTOM_HALF, SHARE_TOP_10, SHARE_TOP_5, SHARE_TOP_1, SHARE_TOP_01, SUMMARY_SHARES };

/** The probabilities at which these are read off the Lorenz curve. */
extern const double summary_share_probability[SUMMARY_SHARES];

/** The sizes of the top groups, in the order of their shares from SHARE_TOP_10 on. */
enum { SUMMARY_TOPS = SUMMARY_SHARES - SHARE_TOP_10 };
extern const double summary_tops[SUMMARY_TOPS];

/** What is asked for; the same on all ranks but for labels. */
struct summary_asked {
    const double *probability; /**< [n_probability] in [0, 1], in any order; may be empty */
    int n_probability;
    struct sample_sort_labels labels; /**< of the values, where there are sub-populations: labels.n of them */
    struct summary *
        parts; /**< [labels.n] of summaries_create, for the sub-populations' statistics (subpopulations.h): out */
};

/** What summary_compute fills in; the same on all ranks, and to the bit on every layout. Inequality, standard
 *  errors and tails are NaN where a value is infinite; inequality and shares also where the mean is not above 0 (and not
 *  all values are 0): see inequality.h. */
struct summary {
    int64_t n;                               /**< households */
    double mean, variance, minimum, maximum; /**< exact sums, rounded once; variance with divisor n */
    double mean_error, variance_error;       /**< standard errors: see inequality.h */
    double gini, gini_error;
    double
        correlation; /**< with another quantity of the same households; for the caller to set, 1 until then */
    double share[SUMMARY_SHARES];
    struct hill hill[HILL_SIZES];
    struct quantile median;
    struct quantile *quantiles; /**< [n_quantiles] at the asked probabilities, in their order */
    double *lorenz, *share_top; /**< [n_quantiles] Lorenz curve, and the share of the top 1 - probability */
    int n_quantiles;
};

/** Bytes of n summaries with room for so many probabilities. None of these three functions is collective. */
int64_t summaries_bytes(int64_t n, int n_probability);

/** n summaries, empty but for the probabilities, in one piece of memory.
 *  @return owned by the caller: free; NULL, with an error, where there is no memory */
struct summary *summaries_create(int64_t n, int64_t n_global, const double *probability, int n_probability);

/** The same in memory of the caller's. @param[out] room  [summaries_bytes], aligned for an int64_t @return room */
struct summary *summaries_place(
    void *room, int64_t n, int64_t n_global, const double *probability, int n_probability);

/** Bytes that a rank takes while a summary is computed, besides wealth. Not collective. */
int64_t summary_bytes(int64_t n_global, int size, int threads, int n_probability, int n_parts);

/** Collective over comm.
 *  @param[in]  threads      >= 1, OpenMP threads to use; may differ between ranks
 *  @param[in]  wealth       [n] not NaN nor -inf; -0.0 counts as 0.0; n may be 0 on any rank
 *  @param[in]  n_global     the sum of n over all ranks, >= 1
 *  @param[out] summary      one of summaries_create, of the asked probabilities
 *  @return WS_OK, or WS_FAILED (memory) on all ranks. */
enum status summary_compute(MPI_Comm comm, int threads, const double *wealth, int64_t n, int64_t n_global,
    const struct summary_asked *asked, struct summary *summary);
