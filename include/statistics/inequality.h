/** Inequality, tails and standard errors of a distributed array, from one visit in sorted order.
 *
 *  Gini's coefficient is that of the population at hand: the mean absolute difference of two values drawn with
 *  replacement over twice the mean, G = Σ (2 i - n - 1) x_(i) / (n Σ x), i from 1; its divisor is n², so that it
 *  is at most 1 - 1/n, and 0 for n = 1. The Lorenz curve at p is the share of the total that the lowest p n
 *  values hold: L(p) = (Σ_{i <= k} x_(i) + (p n - k) x_(k+1)) / Σ x, with p n rounded to a double and k its whole
 *  part. Both are ratios of exact sums, rounded once. Where all values are zero, all are equal: G = 0, L(p) = p.
 *
 *  Negative values are debts. Where they leave a total above 0, both mean what they did, but L falls below 0 at first and G
 *  and shares of the richest may be above 1; where they do not, there is no total to have shares of, and G, its error and
 *  L are NaN.
 *
 *  What is not exact is the same to the bit on every layout all the same: terms are rounded one by one, by IEEE
 *  operations alone, and summed exactly. */
#pragma once

#include "core/error.h"
#include "statistics/moments.h"
#include "statistics/sample_sort.h"
#include <mpi.h>
#include <stdint.h>

/** Hill's estimator from the k greatest values, H = Σ_{i <= k} log(x_(n-i+1) / x_(n-k)) / k, gives the tail index
 *  1/H with the standard error 1/(H sqrt(k)): Hill, Annals of Statistics 3 (1975); Hall, J. R. Statist. Soc. B 44
 *  (1982). The number says nothing unless the distribution's tail is a power. */
struct hill {
    int64_t k;           /**< hill_shares of n, rounded down */
    double index, error; /**< NaN where k < 2, or where the k + 1 greatest values are equal or not all > 0 */
};
enum { HILL_SIZES = 5 };

/** The shares of the households, the richest, that the estimates are from: ascending. */
extern const double hill_shares[HILL_SIZES];

struct inequality {
    double gini;
    double gini_error;     /**< Davidson, J. of Econometrics 150 (2009), section 3 */
    double mean_error;     /**< sqrt(variance / n) */
    double variance_error; /**< sqrt((m4 - variance²) / n), with m4 the fourth central moment */
    struct hill hill[HILL_SIZES];
};

struct subpopulations_survey;

/** Where the Lorenz curve is asked for, and which order statistics. */
struct inequality_asked {
    const double *probability; /**< [n_probability] in [0, 1], in any order */
    int n_probability;
    const int64_t *position; /**< [n_position] 0-based, in any order */
    int n_position;
    double *lorenz;    /**< [n_probability] out */
    double *share_top; /**< [n_probability] out: 1 - L(p), rounded once too */
    double *order;     /**< [n_position] out: the order statistics */
    struct subpopulations_survey
        *parts; /**< NULL; or what looks on for the array's labels (subpopulations.h) */
};

/** Bytes that inequality_compute takes on a rank besides the array. Not collective.
 *  @param[in] n_parts  labels that a survey looks on for; 0 for none */
int64_t inequality_bytes(int64_t n_global, int size, int threads, int n_probability, int n_parts);

/** Where the Lorenz curve of n values at p cuts the order, and how much of the next value it takes. Not collective. */
int64_t inequality_lorenz_cut(int64_t n, double p, double *fraction);

/** hill_shares[i] of n values, rounded down. Not collective. */
int64_t inequality_hill_size(int64_t n, int i);

/** Collective over comm; the same on all ranks.
 *  @param[in]  array    finite values; memory as for sample_sort_visit
 *  @param[in]  moments  of the same values
 *  @param[in]  asked    the same on all ranks; its results are written
 *  @return WS_OK, or WS_FAILED (memory) on all ranks. A standard error is NaN where it is above the doubles'
 *  range itself, and 0 where it is below. */
enum status inequality_compute(MPI_Comm comm, int threads, const struct sample_sort_array *array,
    const struct moments *moments, const struct inequality_asked *asked, struct inequality *inequality);
