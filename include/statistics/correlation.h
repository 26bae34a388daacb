/** The correlation of two distributed arrays, from exact sums: Pearson's coefficient, rounded twice (the square, and its
 *  root). */
#pragma once

#include <gmp.h>
#include <mpi.h>
#include <stdint.h>

/** Collective over comm. The same on all ranks, to the bit on every layout.
 *  @param[in]  threads  >= 1, OpenMP threads to use; may differ between ranks
 *  @param[in]  x,y      [n] not NaN nor -inf; n may be 0 on any rank
 *  @param[in]  n_global the sum of n over all ranks, >= 1
 *  @return in [-1, 1]; NaN where all values of an array are the same, or one of them is infinite */
double correlation_compute(
    MPI_Comm comm, int threads, const double *x, const double *y, int64_t n, int64_t n_global);

/** product / √(square_x square_y), from sums of deviations times anything positive; NaN where a square is 0. Not collective.
 *  @param[in] square_x, square_y  >= 0 */
double correlation_of(const mpz_t product, const mpz_t square_x, const mpz_t square_y);
