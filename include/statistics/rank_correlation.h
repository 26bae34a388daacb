/** Spearman's rank correlation of two distributed arrays: the correlation of their values' ranks, where equal values have the
 *  mean of the ranks that they take together. Ranks are integers, and sums of them exact: only the end is rounded, twice. */
#pragma once

#include "core/error.h"
#include <mpi.h>
#include <stdint.h>

/** Bytes that rank_correlation takes on a rank besides x and y, where each rank holds a fair share of every part of both
 *  distributions. Not collective. @param[in] size, threads  ranks, and threads of each */
int64_t rank_correlation_bytes(int64_t n_global, int size, int threads);

/** Collective over comm. The same on all ranks, to the bit on every layout.
 *
 *  Memory besides x and y: buffers for a sixteenth of the values, seven numbers each, or for 2^15 values where that is
 *  more; at worst, when an array is sorted over the ranks, for all of them. x takes the ranks: every value is sent to another
 *  rank at most twice, and its rank comes back once.
 *  @param[in]     threads      >= 1, OpenMP threads to use; may differ between ranks
 *  @param[in,out] x            [n] not NaN; n may be 0 on any rank; without meaning afterwards
 *  @param[in]     y            [n] not NaN; x[i] and y[i] belong together
 *  @param[in]     n_global     the sum of n over all ranks, 1 to 2^48
 *  @param[out]    correlation  in [-1, 1]; NaN where all values of an array are the same
 *  @return WS_OK, or WS_FAILED (memory) on all ranks. */
enum status rank_correlation(
    MPI_Comm comm, int threads, double *x, const double *y, int64_t n, int64_t n_global, double *correlation);
