/** The inner loop of sorted.h, by vectors. */
#pragma once

#include "statistics/sample_sort.h"
#include <stdint.h>

enum { SORTED_BLOCK = 1024 };

/** Keys of the values whose keys lie in first … last. @param[out] keys  [n] @return how many they are */
int sample_sort_pick(const double *x, int n, int64_t first, int64_t last, int64_t *keys);

/** Each key's value as sample_sort_fixed_value counts it. */
void sample_sort_fix(const int64_t *keys, int n, struct sample_sort_fixed by, int64_t *fixed);
