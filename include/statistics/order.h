/** Exact order statistics of a distributed array, without gathering it.
 *
 *  Doubles map to 64-bit keys of the same order; histograms, added over the ranks as integers, narrow all asked
 *  positions down at once until what is left fits on every rank. O(n) time: two passes over the data, unless
 *  values are spread in a way that takes more. O(1) memory besides x: at most 8 MiB. */
#pragma once

#include "core/error.h"
#include <mpi.h>
#include <stdint.h>

/** Exact order statistics. Collective over comm. Does not modify x; the result does not depend on how values
 *  are spread over ranks or threads.
 *  @param[in]  x        [n] local values; not NaN, infinities allowed; -0.0 counts as 0.0; n may be 0 on any
 *                       rank, the sum over ranks is at least 1
 *  @param[in]  threads  >= 1, OpenMP threads to use; may differ between ranks
 *  @param[in]  k        [nk] global 0-based positions in any order, repeated or not; the same on all ranks;
 *                       each less than the sum of n; nk may be 0
 *  @param[out] out      [nk] the k[i]-th smallest value; the same on all ranks
 *  @return WS_OK, or WS_FAILED (memory) on all ranks. */
enum status order_statistics(
    MPI_Comm comm, int threads, const double *x, int64_t n, const int64_t *k, int nk, double *out);

/** Values at even steps of the array's positions, over all ranks in their order, as sorted keys (see key.h); all
 *  values where they are no more than ORDER_SAMPLE. Collective over comm; x and n as above.
 *  @param[out] sample  [ORDER_SAMPLE] the same on all ranks
 *  @return how many they are. */
enum { ORDER_SAMPLE = 1024 };
int order_sample(MPI_Comm comm, const double *x, int64_t n, int64_t n_global, int64_t *sample);
