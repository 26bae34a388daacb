/** Exact sums of doubles, rounded once: order cannot matter.
 *
 *  A double is an integer times a power of two. An accumulator is an array of integer limbs that covers the
 *  whole exponent range; adding is exact, accumulators add as integers, and the value is rounded to nearest,
 *  ties to even, at the end. Infinities are counted apart. Source: Kulisch's long accumulator; the fast path
 *  follows the error-free extraction of Rump, Ogita and Oishi, "Accurate floating-point summation", SIAM J.
 *  Sci. Comput. 31 (2008). */
#pragma once

#include <mpi.h>
#include <stdint.h>

/** Limbs: 32 value bits each in an int64_t. 2^-2148 is the square of the least subnormal, 2^2048 bounds the
 *  squares. */
enum { EXACT_SUM_LIMBS = 140 };

/** The exact sum of values or of products of two values; at most 2^38 of them. */
struct exact_sum {
    int64_t limb[EXACT_SUM_LIMBS]; /**< sum of limb[i] 2^(32 i - 2176); carries are put off */
    int64_t pending;               /**< additions since carries were last moved up */
    int64_t infinities;            /**< how many +inf were added */
};

void exact_sum_init(struct exact_sum *sum);

/** Add n values, or their squares, or the products with a second array; finite or +inf, any sign; n may be 0.
 */
void exact_sum_add(struct exact_sum *sum, const double *x, int64_t n);
void exact_sum_add_squares(struct exact_sum *sum, const double *x, int64_t n);

/** Add another accumulator. */
void exact_sum_merge(struct exact_sum *sum, const struct exact_sum *other);

/** Add up sums [count] over all ranks, in place, as integers. Collective over comm; count is the same
 *  everywhere. */
void exact_sum_reduce(MPI_Comm comm, struct exact_sum *sums, int count);

/** The sum, rounded once. */
double exact_sum_value(const struct exact_sum *sum);

/** The mean, sum / n, of the exact sum, rounded once; n >= 1. */
double exact_sum_mean(const struct exact_sum *sum, int64_t n);

/** The variance with divisor n from the exact sums of values and of squares, (n Σx² - (Σx)²) / n², evaluated
 *  in integers and rounded once; +inf where a value was infinite; n >= 1. */
double exact_sum_variance(const struct exact_sum *values, const struct exact_sum *squares, int64_t n);
