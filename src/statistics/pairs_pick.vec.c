#include "simd/lanes.h"
#include "statistics/key.h"
#include "statistics/pairs.h"

SIMD_KERNEL(int, pairs_pick,
    (const double *x, int n, int64_t first, int64_t last, int64_t *keys, uint16_t *places),
    (x, n, first, last, keys, places))

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first of eight bytes is a word's lowest");

/* Few values are expected inside: of eight at a time, those that are have the words' only bits. */
int SIMD(pairs_pick)(const double *x, int n, int64_t first, int64_t last, int64_t *keys, uint16_t *places)
{
    enum { TAKEN = sizeof(uint64_t) };
    uint8_t is_inside[PAIRS_BLOCK + TAKEN] = {0};
    for (int i = 0; i < n; i++) {
        const int64_t key = key_of(x[i]);
        is_inside[i] = (key >= first) & (key <= last);
    }
    int size = 0;
    for (int begin = 0; begin < n; begin += TAKEN) {
        uint64_t inside;
        memcpy(&inside, is_inside + begin, sizeof inside);
        for (; inside != 0; inside &= inside - 1) {
            const int i = begin + __builtin_ctzll(inside) / 8;
            places[size] = (uint16_t)i;
            keys[size++] = key_of(x[i]);
        }
    }
    return size;
}
