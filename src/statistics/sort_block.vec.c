#include "statistics/sort_block.h"
#include "simd/lanes.h"
#include "statistics/key.h"

SIMD_KERNEL(int, sample_sort_pick,
    (const double *x, const uint8_t *labels, int n, struct packing packing, int64_t last, int64_t *packed),
    (x, labels, n, packing, last, packed))
SIMD_KERNEL(void, sample_sort_unpack,
    (const int64_t *packed, int n, struct packing packing, struct sample_sort_fixed by, int64_t *keys,
        int64_t *fixed),
    (packed, n, packing, by, keys, fixed))
SIMD_KERNEL(void, sort_range_count,
    (const int64_t *keys, const int64_t *fixed, int n, struct sort_range range, struct sort_part *part),
    (keys, fixed, n, range, part))
SIMD_KERNEL(int, sort_range_take,
    (const int64_t *packed, int n, struct packing packing, struct sort_range range, int64_t *taken),
    (packed, n, packing, range, taken))
SIMD_KERNEL(void, sample_sort_values, (const int64_t *packed, int n, struct packing packing, double *values),
    (packed, n, packing, values))

/* Those of n numbers that are wanted, in their order. @return how many they are */
static inline int take(const int64_t *all, const uint8_t *is_wanted, int n, int64_t *taken)
{
    int size = 0;
    for (int i = 0; i < n; i++) {
        taken[size] = all[i];
        size += is_wanted[i];
    }
    return size;
}

int SIMD(sample_sort_pick)(
    const double *x, const uint8_t *labels, int n, struct packing packing, int64_t last, int64_t *packed)
{
    int64_t all[SORTED_BLOCK];
    uint8_t is_inside[SORTED_BLOCK];
    const uint64_t base = (uint64_t)packing.base;
    for (int i = 0; i < n; i++) {
        const int64_t key = key_of(x[i]);
        all[i] = (int64_t)((((uint64_t)key - base) << packing.bits) | labels[i]);
        is_inside[i] = (key >= packing.base) & (key <= last);
    }
    return take(all, is_inside, n, packed);
}

void SIMD(sample_sort_unpack)(const int64_t *packed, int n, struct packing packing,
    struct sample_sort_fixed by, int64_t *keys, int64_t *fixed)
{
    for (int i = 0; i < n; i++) {
        keys[i] = packing_key(packing, packed[i]);
        fixed[i] = sample_sort_fixed_value(by, key_value(keys[i]));
    }
}

void SIMD(sort_range_count)(
    const int64_t *keys, const int64_t *fixed, int n, struct sort_range range, struct sort_part *part)
{
    int64_t ties = 0, values = 0, ties_sum = 0, values_sum = 0;
    for (int i = 0; i < n; i++) {
        const int64_t is_tie = -(int64_t)(keys[i] == range.splitter);
        const int64_t is_value = -(int64_t)((keys[i] > range.splitter) & (keys[i] < range.next));
        ties -= is_tie;
        values -= is_value;
        ties_sum += fixed[i] & is_tie;
        values_sum += fixed[i] & is_value;
    }
    part->ties += ties;
    part->values += values;
    part->ties_sum += ties_sum;
    part->values_sum += values_sum;
}

int SIMD(sort_range_take)(
    const int64_t *packed, int n, struct packing packing, struct sort_range range, int64_t *taken)
{
    uint8_t is_inside[SORTED_BLOCK];
    for (int i = 0; i < n; i++) {
        const int64_t key = packing_key(packing, packed[i]);
        is_inside[i] = (key > range.splitter) & (key < range.next);
    }
    return take(packed, is_inside, n, taken);
}

void SIMD(sample_sort_values)(const int64_t *packed, int n, struct packing packing, double *values)
{
    for (int i = 0; i < n; i++)
        values[i] = key_value(packing_key(packing, packed[i]));
}
