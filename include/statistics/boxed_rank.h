/** Ranks that stand where values stood: as NaNs, which are no values' keys. Of n values a rank lies between -n and n. */
#pragma once

#include <stdint.h>
#include <string.h>

static const uint64_t boxed_rank_bits = UINT64_C(0x7ff8) << 48;

static inline double boxed_rank(int64_t rank, int64_t n)
{
    const uint64_t bits = boxed_rank_bits | (uint64_t)(rank + n);
    double boxed;
    memcpy(&boxed, &bits, sizeof boxed);
    return boxed;
}

static inline int64_t boxed_rank_of(double boxed, int64_t n)
{
    uint64_t bits;
    memcpy(&bits, &boxed, sizeof bits);
    return (int64_t)(bits & ~boxed_rank_bits) - n;
}
