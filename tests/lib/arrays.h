/* Arrays to try statistics on, and ways to spread them over ranks. */
#pragma once

#include "splitmix.h"
#include <float.h>
#include <math.h>
#include <stdint.h>

static inline uint64_t mix(uint64_t z)
{
    return mixed(z + SPLITMIX_STEP);
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
/* Debts, of which the total stays above 0; with none but debts, also great ones; and with ties. */
static inline double debts(int64_t i)
{
    return smooth(i) - 5;
}
static inline double debts_alone(int64_t i)
{
    return -smooth(i);
}
static inline double great_debts(int64_t i)
{
    return -1e120 * smooth(i);
}
static inline double few_debts(int64_t i)
{
    return (double)(mix((uint64_t)i) % 7) - 2;
}
/* The mean is 0 where n is even. */
static inline double pairs(int64_t i)
{
    return i % 2 ? -smooth(i - 1) : smooth(i);
}
/* And little above 0. */
static inline double near_balance(int64_t i)
{
    return i % 2 ? -smooth(i - 1) : smooth(i) + 0.1;
}
/* So few above 0 that not all of the richest are. */
static inline double few_assets(int64_t i)
{
    return i % 400 == 1 ? 1e4 : -smooth(i);
}
/* Their differences are out of range. */
static inline double both_ends(int64_t i)
{
    return i % 3 ? DBL_MAX * (1 - uniform((uint64_t)i) / 8) : -DBL_MAX * (1 - uniform((uint64_t)i) / 8);
}
static inline double subnormal_debts(int64_t i)
{
    return ((double)(mix((uint64_t)i) % 100000) - 40000) * 4.9e-324;
}
/* Nearly equal: their deviations are in the last bits. */
static inline double equal_debts(int64_t i)
{
    return -1 - (double)(mix((uint64_t)i) % 3) * DBL_EPSILON;
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
    {"any_sign", any_sign}, {"debts", debts}, {"debts_alone", debts_alone}, {"few_debts", few_debts},
    {"pairs", pairs}, {"near_balance", near_balance}, {"great_debts", great_debts},
    {"few_assets", few_assets}, {"both_ends", both_ends}, {"subnormal_debts", subnormal_debts},
    {"equal_debts", equal_debts}, {"subnormal", subnormal}, {"with_infinities", with_infinities},
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

/* Whether a spread is tried: on many ranks, each call of which takes long, spreads take turns. */
static inline int spread_has_turn(enum spread spread, int size, int turn)
{
    return size <= 8 || turn % SPREADS == (int)spread;
}
