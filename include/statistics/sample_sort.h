/** A distributed array visited in ascending order, a part at a time, each part by one rank. */
#pragma once

#include "core/error.h"
#include <mpi.h>
#include <stdint.h>

enum { SAMPLE_SORT_LABELS = 256 };

/** A label of each value, 0 … n - 1: as listed, or of a block of neighbours in x the block's number modulo n. */
struct sample_sort_labels {
    int n;               /**< 2 … SAMPLE_SORT_LABELS; 0: there are none */
    const uint8_t *of;   /**< [values of this rank], or NULL: by blocks */
    int64_t first_block; /**< the number of this rank's first block, >= 0 */
    int64_t block_size;  /**< values of each, but for the last of all ranks */
};

/** Neighbours in the sorted order of the whole array: n of them, from the global position `first` (0-based) on.
 *  Equal values always are in one run. */
struct sorted_run {
    int64_t first, n;
    const double *values; /**< [n] ascending; NULL where all n are `value` */
    double value;
    int64_t sum_below; /**< of all values below the run, as sample_sort_fixed counts them */

    /* Where there are labels: */
    const int64_t *labels; /**< [n] in the lowest bits, as label_mask says; other bits mean nothing */
    int64_t label_mask;
    const int64_t *label_first; /**< [labels->n] values of each label below the run */
    const int64_t *label_n;     /**< [labels->n] values of each label in the run */
};

/** Running sums are kept in fixed point, so that their bits do not depend on how the runs are cut: each value x
 *  counts as x × scale - centre, cut off to an integer. */
struct sample_sort_fixed {
    double scale;  /**< a power of two */
    double centre; /**< such that the absolute sum over all values stays below 2^62 */
};

static inline int64_t sample_sort_fixed_value(struct sample_sort_fixed fixed, double x)
{
    return (int64_t)(x * fixed.scale - fixed.centre);
}

/** Called from several threads at a time; thread is 0 … threads - 1. */
typedef void sample_sort_visitor(void *context, int thread, const struct sorted_run *run);

/** Values of a distributed array, and what is known of them. */
struct sample_sort_array {
    const double *x;                  /**< [n] not NaN */
    int64_t n;                        /**< 0 or more on any rank */
    int64_t n_global;                 /**< the sum of n over all ranks, >= 1 */
    double minimum, maximum;          /**< of all ranks' values, or beyond */
    struct sample_sort_labels labels; /**< the same n on all ranks */
};

/** Bytes that sample_sort_visit takes on a rank besides x, where each rank holds a fair share of every part of the distribution.
 *  Not collective. @param[in] size, threads  ranks, and threads of each @param[in] n_labels  0 for none */
int64_t sample_sort_bytes(int64_t n_global, int size, int threads, int n_labels);

/** Visit every value of x on all ranks once, in runs, on whichever rank and thread. Collective over comm. Does
 *  not modify x.
 *
 *  Memory besides x: three buffers of n / 16 values each, or of 2^17 values where that is more, as long as every
 *  rank holds a fair share of every part of the distribution; at worst, when x is sorted over the ranks, of n.
 *  Every value is sent to another rank at most once; a few integers go to every rank.
 *  @param[in] threads  >= 1, OpenMP threads to use; may differ between ranks
 *  @return WS_OK, or WS_FAILED (memory) on all ranks. */
enum status sample_sort_visit(MPI_Comm comm, int threads, const struct sample_sort_array *array,
    struct sample_sort_fixed fixed, sample_sort_visitor *visit, void *context);
