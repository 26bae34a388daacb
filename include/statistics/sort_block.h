/** The inner loops of sample_sort.h, by vectors, on keys that carry labels. */
#pragma once

#include "statistics/sample_sort.h"
#include <stdint.h>

enum { SORTED_BLOCK = 1024 };

/** How keys and labels go into one number that sorts as the keys do: key - base, above a label of so many bits. Keys are base
 *  or more, and less than base + 2^(63 - bits). */
struct packing {
    int64_t base;
    int bits;
};

static inline int64_t packing_key(struct packing packing, int64_t packed)
{
    return (int64_t)((uint64_t)packed >> packing.bits) + packing.base;
}

/** Packed keys of the values whose keys lie in packing.base … last. @param[in] labels  [n] @param[out] packed  [n]
 *  @return how many they are */
int sample_sort_pick(
    const double *x, const uint8_t *labels, int n, struct packing packing, int64_t last, int64_t *packed);

/** Keys out of packed ones, and each key's value as sample_sort_fixed_value counts it. @param[out] keys, fixed  [n] */
void sample_sort_unpack(const int64_t *packed, int n, struct packing packing, struct sample_sort_fixed by,
    int64_t *keys, int64_t *fixed);

/** The values of packed keys. */
void sample_sort_values(const int64_t *packed, int n, struct packing packing, double *values);
