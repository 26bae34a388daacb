#include "simd/lanes.h"
#include "statistics/key.h"
#include "statistics/pairs.h"

SIMD_KERNEL(int, pairs_pick,
    (const double *x, int n, int64_t first, int64_t last, int64_t *keys, uint16_t *places),
    (x, n, first, last, keys, places))

int SIMD(pairs_pick)(const double *x, int n, int64_t first, int64_t last, int64_t *keys, uint16_t *places)
{
    int64_t key[PAIRS_BLOCK];
    uint8_t is_inside[PAIRS_BLOCK];
    for (int i = 0; i < n; i++) {
        key[i] = key_of(x[i]);
        is_inside[i] = (key[i] >= first) & (key[i] <= last);
    }
    int size = 0;
    for (int i = 0; i < n; i++) {
        keys[size] = key[i];
        places[size] = (uint16_t)i;
        size += is_inside[i];
    }
    return size;
}
