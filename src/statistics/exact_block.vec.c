#include "statistics/exact_block.h"
#include "simd/lanes.h"
#include "statistics/key.h"

SIMD_KERNEL(void, exact_block_range, (const double *x, int n, uint64_t *greatest, uint64_t *least),
    (x, n, greatest, least))
SIMD_KERNEL(void, exact_block_keys, (const double *x, int n, int64_t *least, int64_t *greatest),
    (x, n, least, greatest))
SIMD_KERNEL(void, exact_block_sum, (const double *x, int n, int unit, int64_t count[2]), (x, n, unit, count))
SIMD_KERNEL(void, exact_block_products, (const double *x, const double *y, int n, int unit, int64_t count[3]),
    (x, y, n, unit, count))
SIMD_KERNEL(void, exact_block_moments,
    (const double *x, int n, int unit, int64_t count[2], int square_unit, int64_t square_count[3]),
    (x, n, unit, count, square_unit, square_count))

static inline uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

void SIMD(exact_block_range)(const double *x, int n, uint64_t *greatest, uint64_t *least)
{
    uint64_t most = 0, fewest = UINT64_MAX;
    for (int i = 0; i < n; i++) {
        const uint64_t bits = bits_of(x[i]) & (UINT64_MAX >> 1), less_one = bits - 1; /* zero: the greatest */
        most = bits > most ? bits : most;
        fewest = less_one < fewest ? less_one : fewest;
    }
    *greatest = most;
    *least = fewest == UINT64_MAX ? fewest : fewest + 1;
}

void SIMD(exact_block_keys)(const double *x, int n, int64_t *least, int64_t *greatest)
{
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (int i = 0; i < n; i++) {
        const int64_t key = key_of(x[i]);
        low = key < low ? key : low;
        high = key > high ? key : high;
    }
    *least = low;
    *greatest = high;
}

/* The number that a term is added to for its multiple of 2^unit. */
static inline double rounder(int unit)
{
    return ldexp(1.5, 52 + unit);
}

/* The sum of n terms' bits less those of the rounder, n times: all modulo 2^64. */
static inline int64_t counted(uint64_t sum, int n, double round)
{
    return (int64_t)(sum - (uint64_t)n * bits_of(round));
}

void SIMD(exact_block_sum)(const double *x, int n, int unit, int64_t count[2])
{
    const double round0 = rounder(unit), round1 = rounder(unit - EXACT_BLOCK_STEP);
    uint64_t sum0 = 0, sum1 = 0;
    for (int i = 0; i < n; i++) {
        const double near = x[i] + round0, rest = x[i] - (near - round0);
        sum0 += bits_of(near);
        sum1 += bits_of(rest + round1);
    }
    count[0] = counted(sum0, n, round0);
    count[1] = counted(sum1, n, round1);
}

/* A product is high + low. What is left of high after the first unit, and low, are both counted in the
 * second; only low reaches the third. */
void SIMD(exact_block_products)(const double *x, const double *y, int n, int unit, int64_t count[3])
{
    const double round0 = rounder(unit), round1 = rounder(unit - EXACT_BLOCK_STEP),
                 round2 = rounder(unit - 2 * EXACT_BLOCK_STEP);
    uint64_t sum0 = 0, sum1 = 0, sum2 = 0;
    for (int i = 0; i < n; i++) {
        const double high = x[i] * y[i], low = fma(x[i], y[i], -high);
        const double near = high + round0, rest = high - (near - round0);
        const double near_low = low + round1, rest_low = low - (near_low - round1);
        sum0 += bits_of(near);
        sum1 += bits_of(rest + round1) + bits_of(near_low);
        sum2 += bits_of(rest_low + round2);
    }
    count[0] = counted(sum0, n, round0);
    count[1] = counted(sum1, 2 * n, round1);
    count[2] = counted(sum2, n, round2);
}

void SIMD(exact_block_moments)(
    const double *x, int n, int unit, int64_t count[2], int square_unit, int64_t square_count[3])
{
    SIMD(exact_block_sum)(x, n, unit, count);
    SIMD(exact_block_products)(x, x, n, square_unit, square_count);
}
