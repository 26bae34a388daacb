/** The correlation of two distributed arrays, from exact sums: Pearson's coefficient, rounded twice (the square, and its
 *  root). */
#pragma once

#include "core/error.h"
#include "statistics/sample_sort.h"
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

/** Bytes that correlation_compute_parts takes on a rank. Not collective. */
int64_t correlation_bytes(int threads, int parts);

/** The same, and of each sub-population by itself.
 *  @param[in]  labels  of the values; labels->n >= 2
 *  @param[in]  size    [labels->n] values that each sub-population has on all ranks, 0 or more
 *  @param[out] of_all, of_parts  [labels->n]; NaN of those without values
 *  @return WS_OK, or WS_FAILED (memory) on all ranks */
enum status correlation_compute_parts(MPI_Comm comm, int threads, const double *x, const double *y, int64_t n,
    const struct sample_sort_labels *labels, const int64_t *size, double *of_all, double *of_parts);

/** product / √(square_x square_y), from sums of deviations times anything positive; NaN where a square is 0. Not collective.
 *  @param[in] square_x, square_y  >= 0 */
double correlation_of(const mpz_t product, const mpz_t square_x, const mpz_t square_y);
