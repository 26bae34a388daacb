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
SIMD_KERNEL(void, sample_sort_values, (const int64_t *packed, int n, struct packing packing, double *values),
    (packed, n, packing, values))

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
    int size = 0;
    for (int i = 0; i < n; i++) {
        packed[size] = all[i];
        size += is_inside[i];
    }
    return size;
}

void SIMD(sample_sort_unpack)(const int64_t *packed, int n, struct packing packing,
    struct sample_sort_fixed by, int64_t *keys, int64_t *fixed)
{
    for (int i = 0; i < n; i++) {
        keys[i] = packing_key(packing, packed[i]);
        fixed[i] = sample_sort_fixed_value(by, key_value(keys[i]));
    }
}

void SIMD(sample_sort_values)(const int64_t *packed, int n, struct packing packing, double *values)
{
    for (int i = 0; i < n; i++)
        values[i] = key_value(packing_key(packing, packed[i]));
}
