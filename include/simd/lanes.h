/** What kernels are written with: vectors of LANES doubles or 64-bit words, and the few operations that C's operators on
 *  vectors do not have. For *.vec.c files only, which the Makefile compiles once per level with SIMD_LEVEL defined as the
 *  level's name; simd/LEVEL.h has that level's operations. Each is exact or rounded once, as IEEE 754 asks, and nothing
 *  is contracted, so that all levels give the same bits.
 *
 *  A kernel's file has a line SIMD_KERNEL(…) for it, and defines SIMD(name), the copy of the level that is compiled:
 *
 *      SIMD_KERNEL(void, halve, (double *x, int n), (x, n))
 *      void SIMD(halve)(double *x, int n) { … } */
#pragma once

#include "simd/simd.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined __FAST_MATH__ || __FINITE_MATH_ONLY__ || defined __ASSOCIATIVE_MATH__ ||                         \
    defined __RECIPROCAL_MATH__
    #error                                                                                                   \
        "take -ffast-math, -Ofast and the like out of CFLAGS (icx: add -fp-model=precise): results would be wrong"
#endif

#define SIMD_PASTE(name, level)  name##_##level
#define SIMD_EXPAND(name, level) SIMD_PASTE(name, level)
#define SIMD_TEXT(text)          #text
#define SIMD_FILE(level)         SIMD_TEXT(level.h)

/** The name of this level's copy of a kernel. */
#define SIMD(name) SIMD_EXPAND(name, SIMD_LEVEL)

#define LANES_INLINE static inline __attribute__((always_inline))

/** Declarations of a kernel's copies. The portable file also has the function that callers see: with an x86-64 of which
 *  nothing is known, it can be run. @param arguments  the parameters' names */
#define SIMD_KERNEL(type, name, parameters, arguments)                                                       \
    SIMD_EACH(SIMD_DECLARE, name) SIMD_CALLER(type, name, parameters, arguments)
#define SIMD_DECLARE(level, name) __typeof__(name) name##_##level;
#define SIMD_COPY(level, name)    name##_##level,

/* The level's file has, where a and b are vectors of either type, as it stands there:
 *
 *      LANES, TOGETHER           vectors' length; how many vectors a long computation best takes through at a time
 *      lanes_of, lanes_of_word   all lanes the same
 *      lanes_held(x)             lanes_of(x) for several uses in a row, which do not each load it again
 *      lanes_fma(a, b, c)        a b + c, rounded once
 *      lanes_sqrt(a)
 *      lanes_max(a, b)           the greater of each two; neither is NaN, and which of two zeros it is, is left open
 *      lanes_choose(is, a, b)    lanes of a where those of the words are all ones, of b where they are all zeros
 *      lanes_columns(rows, k, column)   rows[k[i]][j] in lane i of column[j], j = 0 … 3, of an array of rows of four
 *      lanes_exponent(a)         the exponent E of a = 2^E m, 1 <= m < 2, for a positive and normal
 *      lanes_shift_in(a, b)      words: a without its first lane, followed by the first lane of b
 *      lanes_multiply(a, b)      words: a b modulo 2^64
 *      MULTIPLY_SINGLY           whether products of words are faster one by one than by lanes_multiply
 *
 * and where they are vectors of SINGLES numbers of single precision, or halves of words:
 *
 *      lanes_of_single, lanes_of_half   all lanes the same
 *      lanes_fma_single(a, b, c), lanes_sqrt_single(a)
 *      lanes_rounded(a)          halves, as signed integers, rounded to single precision
 *      lanes_lower(a, b)         the lower halves of two vectors of words: of two words of a, then of two of b, and so on
 *      lanes_upper(a, b)         the upper ones, in the same order
 *      lanes_widened(from)       LANES numbers of single precision as doubles */
#include SIMD_FILE(SIMD_LEVEL)

#ifndef SIMD_CALLER
    #define SIMD_CALLER(...)
#endif

/** Each lane held within low … high; zeros keep their sign. No lane is NaN. */
LANES_INLINE lanes_double lanes_within(lanes_double a, lanes_double low, lanes_double high)
{
    const lanes_double above_low = lanes_choose((lanes_word)(a < low), low, a);
    return lanes_choose((lanes_word)(a > high), high, above_low);
}

/** TOGETHER vectors go through a stage of a long computation at a time: more keep the processor busier, until they no
 *  longer fit into its registers. */
enum { GROUP = TOGETHER * LANES };
#define EACH for (int u = 0; u < TOGETHER; u++)

/** Adding it rounds to an integer, which then stands in the lowest bits. */
static const double round_magic = 0x1.8p52;
