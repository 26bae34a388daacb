/** The inner loops of inequality.h, by vectors. */
#pragma once

#include "statistics/sample_sort.h"
#include <stdint.h>

enum { INEQUALITY_BLOCK = 512 };

/** What the terms are made of; the same everywhere. */
struct inequality_scale {
    double factor; /**< a power of two, by which values are taken times: powers of deviations stay in range */
    double centre; /**< the mean, times factor */
    double unit;   /**< of the sums in fixed point, times factor */
    double reciprocal; /**< 1 / n */
    int64_t n;         /**< of all values */
};

/** Terms of n <= INEQUALITY_BLOCK values. */
struct inequality_terms {
    double weight[INEQUALITY_BLOCK]; /**< 2 i - n - 1 */
    double influence
        [INEQUALITY_BLOCK]; /**< a = ((2 i - 1) d - 2 Σ_{j <= i} d_j) / n with d = x factor - centre */
    double influence_2[INEQUALITY_BLOCK]; /**< a² */
    double influence_d[INEQUALITY_BLOCK]; /**< a d */
    double fourth[INEQUALITY_BLOCK];      /**< d⁴ */
};

/** @param[in] position  the first value's, 0-based
 *  @param[in] group     [n] positions of the first values equal to each, 0-based, which take i's place in a
 *  @param[in] below     [n] sums of x - mean over the values less than each, in fixed point */
void inequality_fill(const struct inequality_scale *scale, const double *x, int n, int64_t position,
    const int64_t *group, const int64_t *below, struct inequality_terms *terms);

/** Each value as the sort counts it. @param[out] deviation  [n]
 *  @return whether there are equal neighbours, x[0] and the value before among them */
int inequality_deviations(
    const double *x, int n, double before, struct sample_sort_fixed fixed, int64_t *deviation);

/** Natural logarithms of n values > 0, within 2 ulp, the same on all machines. */
void inequality_logs(const double *x, int n, double *logs);
