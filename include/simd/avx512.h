/** AVX-512 with F, DQ, BW, VL and CD (x86-64-v4). */
#pragma once

#include <immintrin.h>

enum { LANES = 8, TOGETHER = 1, MULTIPLY_SINGLY = 0 };
#include "simd/vectors.h"

LANES_INLINE lanes_double lanes_of(double x)
{
    return (lanes_double)_mm512_set1_pd(x);
}

LANES_INLINE lanes_word lanes_of_word(uint64_t x)
{
    return (lanes_word)_mm512_set1_epi64((long long)x);
}

LANES_INLINE lanes_double lanes_fma(lanes_double a, lanes_double b, lanes_double c)
{
    return (lanes_double)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
}

LANES_INLINE lanes_double lanes_sqrt(lanes_double a)
{
    return (lanes_double)_mm512_sqrt_pd((__m512d)a);
}

LANES_INLINE lanes_double lanes_max(lanes_double a, lanes_double b)
{
    return (lanes_double)_mm512_max_pd((__m512d)a, (__m512d)b);
}

LANES_INLINE lanes_double lanes_exponent(lanes_double a)
{
    return (lanes_double)_mm512_getexp_pd((__m512d)a);
}

LANES_INLINE lanes_word lanes_shift_in(lanes_word a, lanes_word b)
{
    return (lanes_word)_mm512_alignr_epi64((__m512i)b, (__m512i)a, 1);
}

LANES_INLINE lanes_word lanes_multiply(lanes_word a, lanes_word b)
{
    return (lanes_word)_mm512_mullo_epi64((__m512i)a, (__m512i)b);
}
