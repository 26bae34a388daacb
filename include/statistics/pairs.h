/** Pairs of a key (statistics/key.h) and what belongs to it. Not collective. */
#pragma once

#include <stdint.h>

struct pair {
    int64_t key, load;
};

/** Sort by key, ascending; in which order those of one key come, is left open.
 *  @param[in,out] pairs  [n] @param[out] scratch  [n], its content has no meaning after */
void pairs_sort(struct pair *pairs, int64_t n, struct pair *scratch);

/** Which of the values have keys in first … last: their keys, and their places in x. n <= PAIRS_BLOCK.
 *  @param[out] keys, places  [n] @return how many they are */
enum { PAIRS_BLOCK = 1024 };
int pairs_pick(const double *x, int n, int64_t first, int64_t last, int64_t *keys, uint16_t *places);
