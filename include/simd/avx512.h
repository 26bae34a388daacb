/** AVX-512 with F, DQ, BW, VL and CD (x86-64-v4). */
#pragma once

#include <immintrin.h>

enum { LANES = 8, TOGETHER = 1, MULTIPLY_SINGLY = 0 };
#include "simd/vectors.h"

LANES_INLINE lanes_double lanes_of(double x)
{
    return (lanes_double)_mm512_set1_pd(x);
}

LANES_INLINE lanes_double lanes_held(double x)
{
    return lanes_of(x);
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

LANES_INLINE lanes_double lanes_choose(lanes_word is, lanes_double a, lanes_double b)
{
    return (lanes_double)_mm512_mask_blend_pd(_mm512_movepi64_mask((__m512i)is), (__m512d)b, (__m512d)a);
}

/* Two rows. */
LANES_INLINE __m512d lanes_rows(const double *a, const double *b)
{
    return _mm512_insertf64x4(_mm512_castpd256_pd512(_mm256_loadu_pd(a)), _mm256_loadu_pd(b), 1);
}

LANES_INLINE void lanes_columns(const double (*rows)[4], const uint32_t *k, lanes_double column[4])
{
    const __m512d a = lanes_rows(rows[k[0]], rows[k[2]]), b = lanes_rows(rows[k[1]], rows[k[3]]);
    const __m512d c = lanes_rows(rows[k[4]], rows[k[6]]), d = lanes_rows(rows[k[5]], rows[k[7]]);
    const __m512d even_ab = _mm512_unpacklo_pd(a, b), odd_ab = _mm512_unpackhi_pd(a, b);
    const __m512d even_cd = _mm512_unpacklo_pd(c, d), odd_cd = _mm512_unpackhi_pd(c, d);
    column[0] = (lanes_double)_mm512_shuffle_f64x2(even_ab, even_cd, 0x88);
    column[1] = (lanes_double)_mm512_shuffle_f64x2(odd_ab, odd_cd, 0x88);
    column[2] = (lanes_double)_mm512_shuffle_f64x2(even_ab, even_cd, 0xdd);
    column[3] = (lanes_double)_mm512_shuffle_f64x2(odd_ab, odd_cd, 0xdd);
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

LANES_INLINE lanes_single lanes_of_single(float x)
{
    return (lanes_single)_mm512_set1_ps(x);
}

LANES_INLINE lanes_half lanes_of_half(uint32_t x)
{
    return (lanes_half)_mm512_set1_epi32((int)x);
}

LANES_INLINE lanes_single lanes_fma_single(lanes_single a, lanes_single b, lanes_single c)
{
    return (lanes_single)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}

LANES_INLINE lanes_single lanes_sqrt_single(lanes_single a)
{
    return (lanes_single)_mm512_sqrt_ps((__m512)a);
}

LANES_INLINE lanes_single lanes_rounded(lanes_half a)
{
    return (lanes_single)_mm512_cvtepi32_ps((__m512i)a);
}

LANES_INLINE lanes_half lanes_lower(lanes_word a, lanes_word b)
{
    return (lanes_half)_mm512_shuffle_ps((__m512)a, (__m512)b, 0x88);
}

LANES_INLINE lanes_half lanes_upper(lanes_word a, lanes_word b)
{
    return (lanes_half)_mm512_shuffle_ps((__m512)a, (__m512)b, 0xdd);
}

LANES_INLINE lanes_double lanes_widened(const float *from)
{
    return (lanes_double)_mm512_cvtps_pd(_mm256_loadu_ps(from));
}
