/* Arrays to try statistics on, and ways to spread them over ranks. */
#pragma once

#include <float.h>
#include <math.h>
#include <stdint.h>

static inline uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* The i-th uniform number of [0, 1). */
static inline double uniform(uint64_t i)
{
    return ldexp((double)(mix(i) >> 11), -53);
}

static inline double smooth(int64_t i)
{
    return exp(2 * uniform((uint64_t)i) + uniform((uint64_t)i + 1000000000));
}
static inline double equal(int64_t i)
{
    (void)i;
    return 2.5;
}
static inline double zeros_of_both_signs(int64_t i)
{
    return i % 2 ? -0.0 : 0.0;
}
static inline double mostly_zero(int64_t i)
{
    return uniform((uint64_t)i) < 0.4 ? 0.0 : smooth(i);
}
static inline double few_values(int64_t i)
{
    return (double)(mix((uint64_t)i) % 5);
}
static inline double any_exponent(int64_t i)
{
    return ldexp(1 + uniform((uint64_t)i), (int)(mix((uint64_t)i + 7) % 2000) - 1000);
}
static inline double any_sign(int64_t i)
{
    return (mix((uint64_t)i + 3) & 1) ? -any_exponent(i) : any_exponent(i);
}
static inline double subnormal(int64_t i)
{
    return (double)(mix((uint64_t)i) % 100000) * 4.9e-324;
}
static inline double with_infinities(int64_t i)
{
    return i % 3 == 0 ? INFINITY : i % 17 == 0 ? DBL_MAX : smooth(i);
}
static inline double ascending(int64_t i)
{
    return (double)i;
}
/* Dense where the even sample of positions does not look. */
static inline double spike(int64_t i)
{
    return i % 2 ? 1 + uniform((uint64_t)i) * 1e-13 : uniform((uint64_t)i);
}
static inline double last_bits(int64_t i)
{
    return 1 + (double)(mix((uint64_t)i) % 8192) * DBL_EPSILON;
}

static const struct {
    const char *name;
    double (*value)(int64_t i);
} arrays[] = {{"smooth", smooth}, {"equal", equal}, {"zeros_of_both_signs", zeros_of_both_signs},
    {"mostly_zero", mostly_zero}, {"few_values", few_values}, {"any_exponent", any_exponent},
    {"any_sign", any_sign}, {"subnormal", subnormal}, {"with_infinities", with_infinities},
    {"ascending", ascending}, {"spike", spike}, {"last_bits", last_bits}};

enum { ARRAYS = sizeof arrays / sizeof *arrays };

/* How values are spread over ranks. */
enum spread { EVEN, ALL_ON_LAST, MOST_ON_FIRST, SPREADS };

static inline int64_t spread_first(enum spread spread, int64_t n, int r, int size)
{
    if (r >= size)
        return n;
    switch (spread) {
    case ALL_ON_LAST:
        return r <= size - 1 ? 0 : n;
    case MOST_ON_FIRST:
        return r == 0 ? 0 : n - (size - r < n ? size - r : n - 1);
    default:
        return n / size * r + (n % size < r ? n % size : r);
    }
}
