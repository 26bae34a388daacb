/** Exact order statistics of a distributed array, without gathering it.
 *
 *  Doubles map to 64-bit keys of the same order; rounds of histograms, added over the ranks as integers,
 *  narrow all asked positions down at once until what is left fits on every rank. O(n) time, a few passes;
 *  O(1) memory beside a fixed number of bins and a bounded number of candidates. */
#pragma once

#include "runtime/error.h"
#include <mpi.h>
#include <stdint.h>

/** Exact order statistics. Collective over comm. Does not modify x; the result does not depend on how values
 *  are spread over ranks or threads.
 *  @param[in]  x        [n] local values; not NaN, infinities allowed; -0.0 counts as 0.0; n may be 0 on any
 *  rank, the sum over ranks is at least 1
 *  @param[in]  threads  >= 1, OpenMP threads to use; may differ between ranks
 *  @param[in]  k        [nk] global 0-based positions in any order, repeated or not; the same on all ranks;
 *                       each less than the sum of n
 *  @param[out] out      [nk] the k[i]-th smallest value; the same on all ranks
 *  @return WS_OK, or WS_FAILED (memory) on all ranks. */
enum status order_statistics(
    MPI_Comm comm, int threads, const double *x, int64_t n, const int64_t *k, int nk, double *out);

/** Quantiles with their errors, from one call of order_statistics. */
struct quantile {
    double probability;
    double value;     /**< as numpy.quantile(method="linear") of all values, to the last bit */
    double low, high; /**< distribution-free confidence interval, at least 95 %: see quantile_interval */
};

/** Fill value, low and high for each probability, which is given. Collective over comm, as order_statistics.
 *  @param[in]     n_global  the sum of n over all ranks, >= 1
 *  @param[in,out] q         [nq] probability in [0, 1]; the same on all ranks
 *  @return WS_OK, or WS_FAILED (memory) on all ranks. */
enum status order_quantiles(
    MPI_Comm comm, int threads, const double *x, int64_t n, int64_t n_global, struct quantile *q, int nq);

/** Positions (0-based) of the order statistics that bound the quantile at p of a sample of n with a
 *  confidence of at least 95 %: the shortest interval of equal tails from the binomial distribution (exact for
 *  small n, where it may be the whole sample and less than 95 %; see the definition for the method). Not
 *  collective. */
void quantile_interval(int64_t n, double p, int64_t *low, int64_t *high);

/** NumPy's linear interpolation at probability p of n values: positions and weight, and the value from the
 *  two neighbours, with NumPy's own order of operations. Not collective. */
void quantile_position(int64_t n, double p, int64_t *below, int64_t *above, double *weight);
double quantile_interpolate(double below, double above, double weight);
