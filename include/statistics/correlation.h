/** Pearson's correlation of two quantities of the same households. */
#pragma once

#include <mpi.h>
#include <stdint.h>

/** From exact sums of values, squares and products: only the last quotient and its root are rounded. Collective over comm; the
 *  same on all ranks, to the bit on every layout.
 *  @param[in]  threads  >= 1, OpenMP threads to use; may differ between ranks
 *  @param[in]  x,y      [n] finite; n may be 0 on any rank, the sum over ranks is at least 1
 *  @return -1 … 1; NaN where x or y does not vary */
double correlation_compute(MPI_Comm comm, int threads, const double *x, const double *y, int64_t n);
