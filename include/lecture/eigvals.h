/** Eigenvalues of random matrices over ranks and threads, by LAPACK: ranks share the matrices, and each thread of a rank
 *  takes one at a time.
 *
 *  Matrix m has standard normal entries, column by column from stream m of random numbers (random/normals.h), so that the
 *  matrices are the same on every layout and machine. The eigenvalues' last digits are LAPACK's: they do not depend on the
 *  layout, since one thread works on a matrix, but may differ between processors and versions of the library. */
#pragma once

#include "core/comm.h"
#include "core/timers.h"
#include "lecture/lapack.h"
#include "random/stream.h"
#include <complex.h>
#include <stdbool.h>
#include <stdint.h>

/** What to do; the same on all ranks. */
struct eigvals_task {
    int64_t matrices; /**< 1 … rng_family_streams(family) */
    int order;        /**< rows of each, >= 1 */
    enum rng_family family;
    int64_t seed;
};

struct eigvals {
    int64_t first, n; /**< matrices of this rank */
    double complex *
        value; /**< [n][order], in LAPACK's order: conjugate pairs stand together, the positive imaginary part
                                first */
    double *radius; /**< [n] largest absolute values */
    double *trace;  /**< [n] sums of the diagonals */
    uint64_t
        hash; /**< over all ranks: the sum, modulo 2^64, over matrices of XXH3 of the eigenvalues with the
                                matrix's number as seed */
    uint64_t entries_hash; /**< the same of the entries, which does not depend on LAPACK */
    double stream_seconds; /**< that this rank's streams took */
};

/** Bytes that a rank with so many threads takes. */
int64_t eigvals_bytes(const struct eigvals_task *task, int64_t n, int threads);

/** Compute. Collective over comm->world.
 *  @param[in,out] timers    of as many threads as this rank is to use: computing, waiting, communicating are added
 *  @param[in]     is_quiet  says nothing of its progress; for rank 0
 *  @param[out]    eigvals   to be destroyed with eigvals_destroy, after a failure too
 *  @return WS_OK, or WS_FAILED on all ranks (memory, SPRNG, LAPACK) */
enum status eigvals_compute(const struct comm *comm, const struct eigvals_task *task, struct timers *timers,
    bool is_quiet, struct eigvals *eigvals);
void eigvals_destroy(struct eigvals *eigvals);

/** The eigenvalues of one matrix by LAPACK's dgeev, on the calling thread alone. Not collective; threads may call it at
 *  the same time where lapack->is_for_several_threads.
 *  @param[in,out] matrix  [order][order], overwritten
 *  @param[out]    value   [order]
 *  @return 0, or LAPACK's info: the algorithm failed; -1000 without memory */
int eigvals_of_matrix(const struct lapack *lapack, double *matrix, int order, double complex *value);
