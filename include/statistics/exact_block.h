/** Exact sums of small blocks of doubles, by vectors: the fast part of exact_sum.
 *
 *  Adding x to 1.5 × 2^(52 + u), for |x| < 2^(51 + u), rounds it to a multiple of 2^u, and the sum's bits,
 *  taken as an integer, count those multiples; what is left, x minus the multiple, is exact and is split again
 *  at a unit 2^-51 smaller. Blocks whose values span few enough powers of two are so turned into two or three
 *  integers. This is the error-free extraction of Rump, Ogita and Oishi, "Accurate floating-point summation",
 *  SIAM J. Sci. Comput. 31 (2008), with integers as the accumulators, which leave no room to be kept free in
 *  the significands. */
#pragma once

#include <stdint.h>

/** Values of a block at most, so that the counts stay within int64_t. */
enum { EXACT_BLOCK = 1024 };

/** Where a sum's integers stand: its value is the sum of count[j] 2^(unit - 51 j). */
enum { EXACT_BLOCK_STEP = 51 };

/** How far apart magnitudes within a block may be, in powers of two, for the sums below to be exact: of
 *  values; and of factors of products, all together. */
enum { EXACT_BLOCK_SPAN = 49, EXACT_BLOCK_PRODUCT_SPAN = 47 };

/** Greatest and least bits of |x[i]| over the nonzero values; least > greatest when all are zero.
 *  @param[in] n  1 … EXACT_BLOCK, as below */
void exact_block_range(const double *x, int n, uint64_t *greatest, uint64_t *least);

/** The least and the greatest key of the values (see key.h). */
void exact_block_keys(const double *x, int n, int64_t *least, int64_t *greatest);

/** Sum of values with |x[i]| < 2^(unit + 51). */
void exact_block_sum(const double *x, int n, int unit, int64_t count[2]);

/** Sum of products with |x[i] y[i]| < 2^(unit + 51). */
void exact_block_products(const double *x, const double *y, int n, int unit, int64_t count[3]);

/** Sum of values and sum of their squares, each as above. */
void exact_block_moments(
    const double *x, int n, int unit, int64_t count[2], int square_unit, int64_t square_count[3]);
