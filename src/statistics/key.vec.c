#include "statistics/key.h"
#include "simd/lanes.h"

SIMD_KERNEL(void, key_bounds, (const int64_t *keys, int64_t n, int64_t *least, int64_t *greatest),
    (keys, n, least, greatest))

void SIMD(key_bounds)(const int64_t *keys, int64_t n, int64_t *least, int64_t *greatest)
{
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (int64_t i = 0; i < n; i++) {
        low = keys[i] < low ? keys[i] : low;
        high = keys[i] > high ? keys[i] : high;
    }
    *least = low;
    *greatest = high;
}
