/** AVX2 with FMA and BMI2 (x86-64-v3). */
#pragma once

#include <immintrin.h>

enum { LANES = 4, TOGETHER = 2, MULTIPLY_SINGLY = 0 };
#include "simd/vectors.h"

LANES_INLINE lanes_double lanes_of(double x)
{
    return (lanes_double)_mm256_set1_pd(x);
}

/* With 16 registers, compilers make a constant an operand in memory of each instruction that uses it; a block's normals
 * then wait for loads. The empty statement hides that it is a constant. */
LANES_INLINE lanes_double lanes_held(double x)
{
    lanes_double a = lanes_of(x);
    __asm__ volatile("" : "+x"(a));
    return a;
}

LANES_INLINE lanes_word lanes_of_word(uint64_t x)
{
    return (lanes_word)_mm256_set1_epi64x((long long)x);
}

LANES_INLINE lanes_double lanes_fma(lanes_double a, lanes_double b, lanes_double c)
{
    return (lanes_double)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

LANES_INLINE lanes_double lanes_sqrt(lanes_double a)
{
    return (lanes_double)_mm256_sqrt_pd((__m256d)a);
}

LANES_INLINE lanes_double lanes_max(lanes_double a, lanes_double b)
{
    return (lanes_double)_mm256_max_pd((__m256d)a, (__m256d)b);
}

LANES_INLINE lanes_double lanes_choose(lanes_word is, lanes_double a, lanes_double b)
{
    return (lanes_double)_mm256_blendv_pd((__m256d)b, (__m256d)a, (__m256d)is);
}

/* The same half of two rows. */
LANES_INLINE __m256d lanes_halves(const double *a, const double *b)
{
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(a)), _mm_loadu_pd(b), 1);
}

LANES_INLINE void lanes_columns(const double (*rows)[4], const uint32_t *k, lanes_double column[4])
{
    for (int j = 0; j < 4; j += 2) {
        const __m256d even = lanes_halves(rows[k[0]] + j, rows[k[2]] + j);
        const __m256d odd = lanes_halves(rows[k[1]] + j, rows[k[3]] + j);
        column[j] = (lanes_double)_mm256_unpacklo_pd(even, odd);
        column[j + 1] = (lanes_double)_mm256_unpackhi_pd(even, odd);
    }
}

LANES_INLINE lanes_double lanes_exponent(lanes_double a)
{
    const lanes_word biased = (lanes_word)a >> 52 | lanes_of_word(0x4330000000000000);
    return (lanes_double)biased - lanes_of(0x1p52 + 1023);
}

LANES_INLINE lanes_word lanes_shift_in(lanes_word a, lanes_word b)
{
    const __m256i middle = _mm256_permute2x128_si256((__m256i)a, (__m256i)b, 0x21);
    return (lanes_word)_mm256_alignr_epi8(middle, (__m256i)a, 8);
}

/* Of each lane's halves: high low + low high, moved up, + low low. The shuffle swaps halves; unlike a shift, it does not
 * wait for the multipliers' ports. */
LANES_INLINE lanes_word lanes_multiply(lanes_word a, lanes_word b)
{
    const __m256i x = (__m256i)a, y = (__m256i)b;
    const __m256i x_swapped = _mm256_shuffle_epi32(x, 0xb1), y_swapped = _mm256_shuffle_epi32(y, 0xb1);
    const __m256i mixed = _mm256_add_epi64(_mm256_mul_epu32(x_swapped, y), _mm256_mul_epu32(x, y_swapped));
    return (lanes_word)_mm256_add_epi64(_mm256_mul_epu32(x, y), _mm256_slli_epi64(mixed, 32));
}

LANES_INLINE lanes_single lanes_of_single(float x)
{
    return (lanes_single)_mm256_set1_ps(x);
}

LANES_INLINE lanes_half lanes_of_half(uint32_t x)
{
    return (lanes_half)_mm256_set1_epi32((int)x);
}

LANES_INLINE lanes_single lanes_fma_single(lanes_single a, lanes_single b, lanes_single c)
{
    return (lanes_single)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}

LANES_INLINE lanes_single lanes_sqrt_single(lanes_single a)
{
    return (lanes_single)_mm256_sqrt_ps((__m256)a);
}

LANES_INLINE lanes_single lanes_rounded(lanes_half a)
{
    return (lanes_single)_mm256_cvtepi32_ps((__m256i)a);
}

LANES_INLINE lanes_half lanes_lower(lanes_word a, lanes_word b)
{
    return (lanes_half)_mm256_shuffle_ps((__m256)a, (__m256)b, 0x88);
}

LANES_INLINE lanes_half lanes_upper(lanes_word a, lanes_word b)
{
    return (lanes_half)_mm256_shuffle_ps((__m256)a, (__m256)b, 0xdd);
}

LANES_INLINE lanes_double lanes_widened(const float *from)
{
    return (lanes_double)_mm256_cvtps_pd(_mm_loadu_ps(from));
}
