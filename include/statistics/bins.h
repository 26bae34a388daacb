/** Equal bins over a range of keys, and the passes over values that count and pick by bin. Not collective. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    BINS_MOST = 4096, /**< bins at most: their counts stay in a first-level cache */
    BINS_BLOCK = 1024 /**< values that are looked at together */
};

/** Bins of 2^shift keys each, the first one from `first` on; the first and the last bin also hold all that lies
 *  below and above. */
struct bins {
    int64_t first, last; /**< keys; last ends the range, and lies in the last bin */
    int shift;
    int count; /**< 1 … BINS_MOST */
};

/** At most `most` bins over the keys first … last and one more on either side, so that where bins are single
 *  keys, what lies outside has bins of its own. @param[in] first,last  keys of doubles, first <= last */
struct bins bins_over(int64_t first, int64_t last, int most);

/** The bin that a key falls into. */
static inline int bins_find(const struct bins *bins, int64_t key)
{
    const int64_t inside = key < bins->first ? bins->first : key > bins->last ? bins->last : key;
    return (int)(((uint64_t)inside - (uint64_t)bins->first) >> bins->shift);
}

/** The least and the greatest key of a bin; of the first bin and the last, of all keys there are. */
int64_t bins_first_key(const struct bins *bins, int bin);
int64_t bins_last_key(const struct bins *bins, int bin);

/** Count values by bin. Threads share the work.
 *  @param[in]  x      [n] not NaN
 *  @param[out] count  [bins->count] */
void bins_count(int threads, const struct bins *bins, const double *x, int64_t n, int64_t *count);

/** Keys of the values that lie in wanted bins, in the values' order.
 *  @param[in]  wanted  [bins->count]
 *  @param[in]  x       [n] not NaN; n <= BINS_BLOCK
 *  @param[out] keys    [n]
 *  @return how many they are */
int bins_pick(const struct bins *bins, const bool *wanted, const double *x, int n, int64_t *keys);

/** Keys of the values that lie in first … last, in the values' order: faster than bins_pick where they are few.
 *  n <= BINS_BLOCK. @param[out] keys  [n] @return how many they are */
int bins_pick_range(const double *x, int n, int64_t first, int64_t last, int64_t *keys);

/** The bins of n <= BINS_BLOCK values. */
void bins_index(int64_t first, int64_t last, int shift, const double *x, int n, uint16_t *index);
