/** Keys: 64-bit integers in the order of the doubles they stand for, so that positions and bins can be found by
 *  integer arithmetic. Not collective. */
#pragma once

#include <stdint.h>
#include <string.h>

/** The key of a double that is not NaN; -0.0 has the key of 0.0, which is 0. Infinities are the outermost keys
 *  of all doubles. */
static inline int64_t key_of(double x)
{
    const double plain = x + 0.0; /* -0.0 + 0.0 is 0.0 */
    int64_t bits;
    memcpy(&bits, &plain, sizeof bits);
    return bits ^ (int64_t)((uint64_t)(bits >> 63) >> 1);
}

static inline double key_value(int64_t key)
{
    const int64_t bits = key ^ (int64_t)((uint64_t)(key >> 63) >> 1);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/** Keys of -inf and +inf. */
#define KEY_LEAST    (-INT64_C(0x7ff0000000000000) - 1)
#define KEY_GREATEST INT64_C(0x7ff0000000000000)

/** The least and the greatest of n keys; INT64_MAX and INT64_MIN where there are none. */
void key_bounds(const int64_t *keys, int64_t n, int64_t *least, int64_t *greatest);

/** Sort keys, ascending. @param[in,out] keys  [n] @param[out] scratch  [n], its content has no meaning after
 *  @param[in] ignored  lowest bits that do not count, and that keys bring along: 0 for none */
void key_sort(int64_t *keys, int64_t n, int64_t *scratch, int ignored);
