#include "statistics/bins.h"
#include "simd/lanes.h"
#include "statistics/key.h"

SIMD_KERNEL(void, bins_index,
    (int64_t first, int64_t last, int shift, const double *x, int n, uint16_t *index),
    (first, last, shift, x, n, index))
SIMD_KERNEL(int, bins_pick_range, (const double *x, int n, int64_t first, int64_t last, int64_t *keys),
    (x, n, first, last, keys))

void SIMD(bins_index)(int64_t first, int64_t last, int shift, const double *x, int n, uint16_t *index)
{
    for (int i = 0; i < n; i++) {
        int64_t key = key_of(x[i]);
        key = key < first ? first : key;
        key = key > last ? last : key;
        index[i] = (uint16_t)(((uint64_t)key - (uint64_t)first) >> shift);
    }
}

/* Few values are expected inside: groups without any are passed over. */
int SIMD(bins_pick_range)(const double *x, int n, int64_t first, int64_t last, int64_t *keys)
{
    enum { TAKEN = sizeof(uint64_t) };
    uint8_t is_inside[BINS_BLOCK + TAKEN] = {0};
    for (int i = 0; i < n; i++) {
        const int64_t key = key_of(x[i]);
        is_inside[i] = (key >= first) & (key <= last);
    }
    int size = 0;
    for (int begin = 0; begin < n; begin += TAKEN) {
        uint64_t any;
        memcpy(&any, is_inside + begin, sizeof any);
        if (any == 0)
            continue;
        for (int i = begin; i < begin + TAKEN && i < n; i++)
            if (is_inside[i])
                keys[size++] = key_of(x[i]);
    }
    return size;
}
