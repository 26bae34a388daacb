/** Mobility: who moves where, between quantile groups of two distributed arrays of the same households.
 *
 *  Groups are of ranks: of n households, cuts stand behind the floor(p n) poorest, for each of the given probabilities p (p n as
 *  doubles multiply). Households of the same value are of one group: that which the first of them would be of, if they stood in
 *  a row. So a group may have more than its share, and others, above it, nobody. */
#pragma once

#include "core/error.h"
#include <mpi.h>
#include <stdint.h>

enum { MOBILITY_GROUPS = 100 };

struct mobility {
    int64_t *count;                       /**< [groups][groups] households, from and to; the caller's */
    double correlation, rank_correlation; /**< correlation.h, rank_correlation.h */
};

/** Bytes that mobility_compute takes on a rank besides the arrays. Not collective. @param[in] size, threads  ranks, and threads
 *  of each */
int64_t mobility_bytes(int64_t n_global, int size, int threads, int groups);

/** Collective over comm. The same on all ranks, to the bit on every layout.
 *  @param[in]     threads      >= 1, OpenMP threads to use; may differ between ranks
 *  @param[in,out] before       [n] not NaN nor -inf; n may be 0 on any rank; without meaning afterwards
 *  @param[in]     after        [n] of the same households
 *  @param[in]     n_global     the sum of n over all ranks, >= 1
 *  @param[in]     probability  [groups - 1] in (0, 1), ascending; the same on all ranks; 2 to MOBILITY_GROUPS groups
 *  @param[out]    mobility     its count points to room
 *  @return WS_OK, or WS_FAILED (memory) on all ranks. */
enum status mobility_compute(MPI_Comm comm, int threads, double *before, const double *after, int64_t n,
    int64_t n_global, const double *probability, int groups, struct mobility *mobility);

/** The share of each group's households that go to each group: rows that sum to 1, or are NaN where a group has nobody. Not
 *  collective. @param[out] share  [groups][groups] */
void mobility_shares(const int64_t *count, int groups, double *share);

/** Shorrocks's index, (groups - trace) / (groups - 1) of the shares: 0 where all stay, 1 where it does not matter where one
 *  comes from; NaN where a group has nobody. Not collective. */
double mobility_shorrocks(const int64_t *count, int groups);
