/** Plain C: vectors of two, for which compilers use what every processor of the architecture has. */
#pragma once

enum { LANES = 2, TOGETHER = 1, MULTIPLY_SINGLY = 0 };
#include "simd/vectors.h"

/** What callers call: the copy of the level in use. */
#define SIMD_CALLER(type, name, parameters, arguments)                                                       \
    type name parameters                                                                                     \
    {                                                                                                        \
        static type(*const copies[]) parameters = {SIMD_EACH(SIMD_COPY, name)};                              \
        return copies[simd_level()] arguments;                                                               \
    }

LANES_INLINE lanes_double lanes_of(double x)
{
    return (lanes_double){x, x};
}

LANES_INLINE lanes_double lanes_held(double x)
{
    return lanes_of(x);
}

LANES_INLINE lanes_word lanes_of_word(uint64_t x)
{
    return (lanes_word){x, x};
}

LANES_INLINE lanes_double lanes_fma(lanes_double a, lanes_double b, lanes_double c)
{
    return (lanes_double){fma(a[0], b[0], c[0]), fma(a[1], b[1], c[1])};
}

LANES_INLINE lanes_double lanes_sqrt(lanes_double a)
{
    return (lanes_double){sqrt(a[0]), sqrt(a[1])};
}

LANES_INLINE lanes_double lanes_max(lanes_double a, lanes_double b)
{
    return (lanes_double){a[0] > b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1]};
}

LANES_INLINE lanes_double lanes_choose(lanes_word is, lanes_double a, lanes_double b)
{
    return (lanes_double)(((lanes_word)a & is) | ((lanes_word)b & ~is));
}

LANES_INLINE void lanes_columns(const double (*rows)[4], const uint32_t *k, lanes_double column[4])
{
    for (int j = 0; j < 4; j++)
        column[j] = (lanes_double){rows[k[0]][j], rows[k[1]][j]};
}

LANES_INLINE lanes_double lanes_exponent(lanes_double a)
{
    const lanes_word biased = (lanes_word)a >> 52 | lanes_of_word(0x4330000000000000);
    return (lanes_double)biased - lanes_of(0x1p52 + 1023);
}

LANES_INLINE lanes_word lanes_shift_in(lanes_word a, lanes_word b)
{
    return (lanes_word){a[1], b[0]};
}

LANES_INLINE lanes_word lanes_multiply(lanes_word a, lanes_word b)
{
    return a * b;
}

LANES_INLINE lanes_single lanes_of_single(float x)
{
    return (lanes_single){x, x, x, x};
}

LANES_INLINE lanes_half lanes_of_half(uint32_t x)
{
    return (lanes_half){x, x, x, x};
}

LANES_INLINE lanes_single lanes_fma_single(lanes_single a, lanes_single b, lanes_single c)
{
    return (lanes_single){
        fmaf(a[0], b[0], c[0]), fmaf(a[1], b[1], c[1]), fmaf(a[2], b[2], c[2]), fmaf(a[3], b[3], c[3])};
}

LANES_INLINE lanes_single lanes_sqrt_single(lanes_single a)
{
    return (lanes_single){sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3])};
}

LANES_INLINE lanes_single lanes_rounded(lanes_half a)
{
    return (lanes_single){
        (float)(int32_t)a[0], (float)(int32_t)a[1], (float)(int32_t)a[2], (float)(int32_t)a[3]};
}

LANES_INLINE lanes_half lanes_lower(lanes_word a, lanes_word b)
{
    const lanes_half x = (lanes_half)a, y = (lanes_half)b;
    return (lanes_half){x[0], x[2], y[0], y[2]};
}

LANES_INLINE lanes_half lanes_upper(lanes_word a, lanes_word b)
{
    const lanes_half x = (lanes_half)a, y = (lanes_half)b;
    return (lanes_half){x[1], x[3], y[1], y[3]};
}

LANES_INLINE lanes_double lanes_widened(const float *from)
{
    return (lanes_double){from[0], from[1]};
}
