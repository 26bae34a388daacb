/** Mean, variance and range of a distributed array, exact and rounded once. */
#pragma once

#include "statistics/exact_sum.h"
#include <mpi.h>
#include <stdint.h>

struct moments {
    int64_t n;               /**< values on all ranks */
    double mean, variance;   /**< variance with divisor n; both +inf where a value is */
    double minimum, maximum; /**< 0.0 where -0.0 would be */
    struct exact_sum values; /**< the sum that they come from, of all ranks */
    int scale; /**< -1000 … 1000: the greatest |x| times 2^scale is near 1; 0 where it is 0 or +inf */
    double
        scaled_variance; /**< of the values times 2^scale: where the variance leaves the doubles' range, it does not */
};

/** Collective over comm. The same on all ranks, whatever the layout.
 *  @param[in]  threads  >= 1, OpenMP threads to use; may differ between ranks
 *  @param[in]  x        [n] not NaN nor -inf; n may be 0 on any rank
 *  @param[in]  n_global the sum of n over all ranks, >= 1 */
struct moments moments_compute(MPI_Comm comm, int threads, const double *x, int64_t n, int64_t n_global);
