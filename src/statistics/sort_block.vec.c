#include "statistics/sort_block.h"
#include "simd/lanes.h"
#include "statistics/key.h"
#include "statistics/sample_sort.h"

SIMD_KERNEL(int, sample_sort_pick, (const double *x, int n, int64_t first, int64_t last, int64_t *keys),
    (x, n, first, last, keys))
SIMD_KERNEL(void, sample_sort_fix, (const int64_t *keys, int n, struct sample_sort_fixed by, int64_t *fixed),
    (keys, n, by, fixed))

int SIMD(sample_sort_pick)(const double *x, int n, int64_t first, int64_t last, int64_t *keys)
{
    int64_t key[SORTED_BLOCK];
    uint8_t is_inside[SORTED_BLOCK];
    for (int i = 0; i < n; i++) {
        key[i] = key_of(x[i]);
        is_inside[i] = (key[i] >= first) & (key[i] <= last);
    }
    int size = 0;
    for (int i = 0; i < n; i++) {
        keys[size] = key[i];
        size += is_inside[i];
    }
    return size;
}

void SIMD(sample_sort_fix)(const int64_t *keys, int n, struct sample_sort_fixed by, int64_t *fixed)
{
    for (int i = 0; i < n; i++)
        fixed[i] = sample_sort_fixed_value(by, key_value(keys[i]));
}
