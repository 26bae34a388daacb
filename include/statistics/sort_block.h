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

/** A part of the order. */
struct sort_range {
    int64_t splitter, next; /**< keys: the part's lower end, and that of the next part, INT64_MAX for none */
};

/** What is known of a part: the values that equal the splitter at its lower end, and those above it up to the next splitter. */
struct sort_part {
    int64_t ties, values;
    int64_t ties_sum, values_sum; /**< as sample_sort_fixed counts them */
};

/** Add a block's share of a part. @param[in] keys, fixed  [n] of sample_sort_unpack */
void sort_range_count(
    const int64_t *keys, const int64_t *fixed, int n, struct sort_range range, struct sort_part *part);

/** The packed keys of a part's values, without its ties, in their order. @param[out] taken  [n] @return how many they are */
int sort_range_take(
    const int64_t *packed, int n, struct packing packing, struct sort_range range, int64_t *taken);

/** The values of packed keys. */
void sample_sort_values(const int64_t *packed, int n, struct packing packing, double *values);
