#include "statistics/inequality_block.h"
#include "simd/lanes.h"
#include <stdbool.h>

SIMD_KERNEL(void, inequality_fill,
    (const struct inequality_scale *scale, const double *x, int n, int64_t position, const int64_t *group,
        const int64_t *below, struct inequality_terms *terms),
    (scale, x, n, position, group, below, terms))
SIMD_KERNEL(int, inequality_deviations,
    (const double *x, int n, double before, struct sample_sort_fixed fixed, int64_t *deviation),
    (x, n, before, fixed, deviation))
SIMD_KERNEL(void, inequality_logs, (const double *x, int n, double *logs), (x, n, logs))

void SIMD(inequality_fill)(const struct inequality_scale *scale, const double *x, int n, int64_t position,
    const int64_t *group, const int64_t *below, struct inequality_terms *terms)
{
    const double centre = scale->centre, factor = scale->factor, unit = scale->unit,
                 reciprocal = scale->reciprocal;
    const int64_t first_weight = 2 * position + 1 - scale->n;
    for (int i = 0; i < n; i++) {
        const double d = x[i] * factor - centre, d2 = d * d;
        /* Among equal values a is the same, and the first one's sum is what lies below and itself. */
        const double a = ((double)(2 * group[i] - 1) * d - 2 * ((double)below[i] * unit)) * reciprocal;
        terms->weight[i] = (double)(first_weight + 2 * (int64_t)i);
        terms->influence[i] = a;
        terms->influence_2[i] = a * a;
        terms->influence_d[i] = a * d;
        terms->fourth[i] = d2 * d2;
    }
}

int SIMD(inequality_deviations)(
    const double *x, int n, double before, struct sample_sort_fixed fixed, int64_t *deviation)
{
    int64_t equal = x[0] == before;
    for (int i = 1; i < n; i++)
        equal |= x[i] == x[i - 1];
    for (int i = 0; i < n; i++)
        deviation[i] = sample_sort_fixed_value(fixed, x[i]);
    return (int)equal;
}

static inline double of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x = 2^e m with m in [sqrt(1/2), sqrt(2)), and log m = 2 artanh s with s = (m - 1) / (m + 1), by its series, whose
 * first term left out is below 2^-56 of the sum. In operations that every level has for vectors: the exponent becomes a
 * double by its bits, and the series is written out. */
void SIMD(inequality_logs)(const double *x, int n, double *logs)
{
    const double ln2_high = 0x1.62e42fefa38p-1, ln2_low = 0x1.ef35793c7673p-45;
    const uint64_t sqrt_half = UINT64_C(0x3fe6a09e667f3bcd), one = UINT64_C(0x3ff0000000000000);
    for (int i = 0; i < n; i++) {
        const bool is_small = x[i] < 0x1p-1022;
        const double y = x[i] * (is_small ? 0x1p54 : 1);
        uint64_t bits;
        memcpy(&bits, &y, sizeof bits);
        bits += one - sqrt_half;
        const double m = of_bits((bits & UINT64_C(0xfffffffffffff)) + sqrt_half);
        const double e = of_bits(bits >> 52 | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023);
        const double s = (m - 1) / (m + 1), z = s * s;
        double series = 1.0 / 23;
#pragma GCC unroll 10
        for (int odd = 21; odd >= 3; odd -= 2)
            series = fma(series, z, 1.0 / odd);
        const double power = is_small ? e - 54 : e;
        logs[i] = fma(power, ln2_high, fma(power, ln2_low, fma(2 * s * z, series, 2 * s)));
    }
}
