/** Quantiles with their confidence intervals. */
#pragma once

#include "core/error.h"
#include <mpi.h>
#include <stdint.h>

struct quantile {
    double probability; /**< in [0, 1] */
    double value;       /**< as numpy.quantile(method="linear") of all values, to the last bit, but that where
                             the answer is an infinity it is one, and not NaN, and that it is between two
                             values whose difference leaves the doubles' range */
    double low, high;   /**< distribution-free confidence interval, at least 95 %: see quantile_interval */
};

/** Fill value, low and high for each probability, which is given. Collective over comm; x, n and threads as for
 *  order_statistics.
 *  @param[in]     n_global  the sum of n over all ranks, >= 1
 *  @param[in,out] q         [nq] the same on all ranks
 *  @return WS_OK, or WS_FAILED (memory) on all ranks. */
enum status quantile_compute(
    MPI_Comm comm, int threads, const double *x, int64_t n, int64_t n_global, struct quantile *q, int nq);

/** The same in two steps, for callers that get order statistics another way: the positions that a quantile
 *  needs, and the quantile from the values there. Not collective. */
enum { QUANTILE_POSITIONS = 4 };
void quantile_positions(int64_t n, double probability, int64_t position[QUANTILE_POSITIONS]);
struct quantile quantile_of_values(int64_t n, double probability, const double value[QUANTILE_POSITIONS]);

/** The median from the values at probability 0.5, as numpy.median to the last bit: of an even number of values the mean of
 *  the two in the middle, which numpy.quantile interpolates otherwise; but where their sum leaves the doubles' range their
 *  mean all the same. */
struct quantile quantile_median_of_values(int64_t n, const double value[QUANTILE_POSITIONS]);

/** Positions (0-based) of the two order statistics of a sample of n that bound the distribution's quantile at p
 *  with a confidence of at least 95 %, whatever the distribution is: low the greatest, high the least such that
 *  the chance that the quantile lies below, or above, is at most 2.5 %. Where n is too small for that, the
 *  sample's end takes its place, and the confidence is less (n < 6 for the median). Not collective. The same
 *  on all machines. */
void quantile_interval(int64_t n, double p, int64_t *low, int64_t *high);

/** NumPy's linear interpolation at probability p of n values: positions and weight, and the value from the two
 *  neighbours, with NumPy's own order of operations. Not collective. */
void quantile_position(int64_t n, double p, int64_t *below, int64_t *above, double *weight);
double quantile_interpolate(double below, double above, double weight);
