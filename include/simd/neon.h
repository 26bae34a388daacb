/** NEON, which every aarch64 processor has (Advanced SIMD). It has no product of 64-bit words. */
#pragma once

#include <arm_neon.h>

enum { LANES = 2, TOGETHER = 2, MULTIPLY_SINGLY = 1 };
#include "simd/vectors.h"

LANES_INLINE lanes_double lanes_of(double x)
{
    return (lanes_double)vdupq_n_f64(x);
}

LANES_INLINE lanes_double lanes_held(double x)
{
    return lanes_of(x);
}

LANES_INLINE lanes_word lanes_of_word(uint64_t x)
{
    return (lanes_word)vdupq_n_u64(x);
}

LANES_INLINE lanes_double lanes_fma(lanes_double a, lanes_double b, lanes_double c)
{
    return (lanes_double)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}

LANES_INLINE lanes_double lanes_sqrt(lanes_double a)
{
    return (lanes_double)vsqrtq_f64((float64x2_t)a);
}

LANES_INLINE lanes_double lanes_max(lanes_double a, lanes_double b)
{
    return (lanes_double)vmaxq_f64((float64x2_t)a, (float64x2_t)b);
}

LANES_INLINE lanes_double lanes_choose(lanes_word is, lanes_double a, lanes_double b)
{
    return (lanes_double)vbslq_f64((uint64x2_t)is, (float64x2_t)a, (float64x2_t)b);
}

LANES_INLINE void lanes_columns(const double (*rows)[4], const uint32_t *k, lanes_double column[4])
{
    for (int j = 0; j < 4; j += 2) {
        const float64x2_t first = vld1q_f64(rows[k[0]] + j), second = vld1q_f64(rows[k[1]] + j);
        column[j] = (lanes_double)vzip1q_f64(first, second);
        column[j + 1] = (lanes_double)vzip2q_f64(first, second);
    }
}

LANES_INLINE lanes_double lanes_exponent(lanes_double a)
{
    const lanes_word biased = (lanes_word)a >> 52 | lanes_of_word(0x4330000000000000);
    return (lanes_double)biased - lanes_of(0x1p52 + 1023);
}

LANES_INLINE lanes_word lanes_shift_in(lanes_word a, lanes_word b)
{
    return (lanes_word)vextq_u64((uint64x2_t)a, (uint64x2_t)b, 1);
}

LANES_INLINE lanes_word lanes_multiply(lanes_word a, lanes_word b)
{
    return (lanes_word){a[0] * b[0], a[1] * b[1]};
}

LANES_INLINE lanes_single lanes_of_single(float x)
{
    return (lanes_single)vdupq_n_f32(x);
}

LANES_INLINE lanes_half lanes_of_half(uint32_t x)
{
    return (lanes_half)vdupq_n_u32(x);
}

LANES_INLINE lanes_single lanes_fma_single(lanes_single a, lanes_single b, lanes_single c)
{
    return (lanes_single)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}

LANES_INLINE lanes_single lanes_sqrt_single(lanes_single a)
{
    return (lanes_single)vsqrtq_f32((float32x4_t)a);
}

LANES_INLINE lanes_single lanes_rounded(lanes_half a)
{
    return (lanes_single)vcvtq_f32_s32((int32x4_t)a);
}

LANES_INLINE lanes_half lanes_lower(lanes_word a, lanes_word b)
{
    return (lanes_half)vuzp1q_u32((uint32x4_t)a, (uint32x4_t)b);
}

LANES_INLINE lanes_half lanes_upper(lanes_word a, lanes_word b)
{
    return (lanes_half)vuzp2q_u32((uint32x4_t)a, (uint32x4_t)b);
}

LANES_INLINE lanes_double lanes_widened(const float *from)
{
    return (lanes_double)vcvt_f64_f32(vld1_f32(from));
}
