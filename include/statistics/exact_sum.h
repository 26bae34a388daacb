/** Exact sums of doubles, rounded once: order cannot matter.
 *
 *  A double is an integer times a power of two. An accumulator is an array of integer limbs that covers the
 *  whole exponent range; adding is exact, accumulators add as integers, and the value is rounded to nearest,
 *  ties to even, at the end. Infinities are counted apart. No function here is collective but
 *  exact_sum_reduce; threads and ranks fill an accumulator each, and merge or reduce them. */
#pragma once

#include <gmp.h>
#include <mpi.h>
#include <stdint.h>

/** Limb i counts units of 2^(32 i + EXACT_SUM_UNIT): from below 2^-2148, the least square, to above 2^2086, the
 *  sum of 2^38 greatest squares. */
enum { EXACT_SUM_LIMBS = 140, EXACT_SUM_UNIT = -2176 };

/** The exact sum of values, or of products of two values; at most 2^62 terms. All int64_t, so that
 *  accumulators travel as arrays of MPI_INT64_T. */
struct exact_sum {
    int64_t limb[EXACT_SUM_LIMBS]; /**< carries are put off: a limb may be of any sign and over 32 bits */
    int64_t pending;               /**< how much of a limb's room may be used up, in units of 2^32 */
    int64_t infinities;            /**< how many +inf were added */
};

void exact_sum_init(struct exact_sum *sum);

/** Add n values. @param[in] x  [n] any doubles but NaN and -inf; n may be 0 */
void exact_sum_add(struct exact_sum *sum, const double *x, int64_t n);

/** Add n values to one sum and their squares to another, in one pass. @param[in] x  as for exact_sum_add */
void exact_sum_add_moments(struct exact_sum *values, struct exact_sum *squares, const double *x, int64_t n);

/** Add the products x[i] y[i], not rounded. @param[in] x,y  [n] finite; n may be 0 */
void exact_sum_add_products(struct exact_sum *sum, const double *x, const double *y, int64_t n);

/** Add another accumulator, or weight times another one; |weight| < 2^62. An infinity stays one, whatever the
 *  weight. */
void exact_sum_merge(struct exact_sum *sum, const struct exact_sum *other);
void exact_sum_merge_weighted(struct exact_sum *sum, const struct exact_sum *other, int64_t weight);

/** Add up sums [count] over all ranks, in place, as integers. Collective over comm; count is the same
 *  everywhere. */
void exact_sum_reduce(MPI_Comm comm, struct exact_sum *sums, int count);

/** The sum as an integer in units of 2^EXACT_SUM_UNIT, for those who compute on with it exactly; infinities
 *  are left out. @param[in,out] integer  initialized by the caller */
void exact_sum_integer(const struct exact_sum *sum, mpz_t integer);

/** The sum, rounded once; +inf when an infinity was added or the sum is out of range. */
double exact_sum_value(const struct exact_sum *sum);

/** The mean, sum / n, of the exact sum, rounded once; n >= 1. */
double exact_sum_mean(const struct exact_sum *sum, int64_t n);

/** The variance with divisor n from the exact sums of values and of squares, (n Σx² - (Σx)²) / n², evaluated
 *  in integers and rounded once; +inf where a value was infinite; n >= 1. */
double exact_sum_variance(const struct exact_sum *values, const struct exact_sum *squares, int64_t n);
