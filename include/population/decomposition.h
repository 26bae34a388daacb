/** Who owns which blocks (models/model.h: 256 households): ranks own contiguous ranges, the remainder goes to the first ranks. No MPI calls.
 */
#pragma once

#include <stdint.h>

/** A contiguous range of n_global things: first … first + n - 1. */
struct share {
    int64_t first, n;
};

/** Rank's share of n_global things over size ranks; n_global >= 0. */
struct share share_of(int64_t n_global, int rank, int size);

struct decomposition {
    int64_t n_global;        /**< households of the population, >= 1 */
    int64_t n_blocks_global; /**< ceil(n_global / 256) */
    int64_t first_block;     /**< of this rank */
    int64_t n_blocks_local;  /**< may be 0 */
    int64_t first_household; /**< of this rank: 256 first_block, or n_global on an empty rank past the end */
    int64_t n_local; /**< households of this rank: less than 256 n_blocks_local at the population's end */
};

/** Rank's share of n_global households over size ranks. 0 <= rank < size, n_global >= 1. */
struct decomposition decomposition_of(int64_t n_global, int rank, int size);

/** The rank that owns a household, 0 <= household < n_global. */
int decomposition_owner(int64_t n_global, int size, int64_t household);
