/** Vectors of the level that a *.vec.c file is compiled for: LANES doubles or 64-bit words, and the few
 *  operations that C's operators on vectors do not have. Each is exact or rounded once, as IEEE 754 asks, so
 *  that the levels give the same bits. For *.vec.c files only. */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>
#ifdef __AVX2__
    #include <immintrin.h>
#endif

#if defined __FAST_MATH__ || __FINITE_MATH_ONLY__
    #error                                                                                                   \
        "take -ffast-math, -Ofast and the like out of CFLAGS (icx: add -fp-model=precise): results would be wrong"
#endif

#if defined __AVX512F__
enum { LANES = 8 };
#elif defined __AVX2__
enum { LANES = 4 };
#else
enum { LANES = 2 };
#endif

/** The operators + - * / & | ^ << >> work lane by lane; a cast between the two types keeps the bits. */
typedef double lanes_double __attribute__((vector_size(8 * LANES)));
typedef uint64_t lanes_word __attribute__((vector_size(8 * LANES)));

#define LANES_INLINE static inline __attribute__((always_inline))

LANES_INLINE lanes_word lanes_load_words(const uint64_t *from)
{
    lanes_word a;
    memcpy(&a, from, sizeof a);
    return a;
}

LANES_INLINE void lanes_store_words(uint64_t *to, lanes_word a)
{
    memcpy(to, &a, sizeof a);
}

LANES_INLINE lanes_double lanes_load(const double *from)
{
    lanes_double a;
    memcpy(&a, from, sizeof a);
    return a;
}

LANES_INLINE void lanes_store(double *to, lanes_double a)
{
    memcpy(to, &a, sizeof a);
}

/** All lanes the same. */
LANES_INLINE lanes_double lanes_of(double x)
{
#if defined __AVX512F__
    return (lanes_double)_mm512_set1_pd(x);
#elif defined __AVX2__
    return (lanes_double)_mm256_set1_pd(x);
#else
    return (lanes_double){x, x};
#endif
}

LANES_INLINE lanes_word lanes_of_word(uint64_t x)
{
#if defined __AVX512F__
    return (lanes_word)_mm512_set1_epi64((long long)x);
#elif defined __AVX2__
    return (lanes_word)_mm256_set1_epi64x((long long)x);
#else
    return (lanes_word){x, x};
#endif
}

/** a b + c, rounded once. */
LANES_INLINE lanes_double lanes_fma(lanes_double a, lanes_double b, lanes_double c)
{
#if defined __AVX512F__
    return (lanes_double)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined __AVX2__
    return (lanes_double)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#else
    return (lanes_double){fma(a[0], b[0], c[0]), fma(a[1], b[1], c[1])};
#endif
}

LANES_INLINE lanes_double lanes_sqrt(lanes_double a)
{
#if defined __AVX512F__
    return (lanes_double)_mm512_sqrt_pd((__m512d)a);
#elif defined __AVX2__
    return (lanes_double)_mm256_sqrt_pd((__m256d)a);
#else
    return (lanes_double){sqrt(a[0]), sqrt(a[1])};
#endif
}

/** The greater of each two; neither is NaN, and which of two zeros it is, is left open. */
LANES_INLINE lanes_double lanes_max(lanes_double a, lanes_double b)
{
#if defined __AVX512F__
    return (lanes_double)_mm512_max_pd((__m512d)a, (__m512d)b);
#elif defined __AVX2__
    return (lanes_double)_mm256_max_pd((__m256d)a, (__m256d)b);
#else
    return (lanes_double){a[0] > b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1]};
#endif
}

/** The exponent E of a = 2^E m, 1 <= m < 2, for a positive and normal. */
LANES_INLINE lanes_double lanes_exponent(lanes_double a)
{
#if defined __AVX512F__
    return (lanes_double)_mm512_getexp_pd((__m512d)a);
#else
    const lanes_word biased = (lanes_word)a >> 52 | lanes_of_word(0x4330000000000000);
    return (lanes_double)biased - lanes_of(0x1p52 + 1023);
#endif
}

/** a without its first lane, followed by the first lane of b. */
LANES_INLINE lanes_word lanes_shift_in(lanes_word a, lanes_word b)
{
#if defined __AVX512F__
    return (lanes_word)_mm512_alignr_epi64((__m512i)b, (__m512i)a, 1);
#elif defined __AVX2__
    const __m256i middle = _mm256_permute2x128_si256((__m256i)a, (__m256i)b, 0x21);
    return (lanes_word)_mm256_alignr_epi8(middle, (__m256i)a, 8);
#else
    return (lanes_word){a[1], b[0]};
#endif
}

/** a b modulo 2^64. */
LANES_INLINE lanes_word lanes_multiply(lanes_word a, lanes_word b)
{
#if defined __AVX512F__
    return (lanes_word)_mm512_mullo_epi64((__m512i)a, (__m512i)b);
#elif defined __AVX2__
    /* Of each lane's halves: high low + low high, moved up, + low low. The shuffle swaps halves; unlike a
     * shift, it does not wait for the multipliers' ports. */
    const __m256i x = (__m256i)a, y = (__m256i)b;
    const __m256i x_swapped = _mm256_shuffle_epi32(x, 0xb1), y_swapped = _mm256_shuffle_epi32(y, 0xb1);
    const __m256i mixed = _mm256_add_epi64(_mm256_mul_epu32(x_swapped, y), _mm256_mul_epu32(x, y_swapped));
    return (lanes_word)_mm256_add_epi64(_mm256_mul_epu32(x, y), _mm256_slli_epi64(mixed, 32));
#else
    return a * b;
#endif
}
