/** Standard normals of single precision from random words, by Box and Muller's formula, two from a word: independent, the
 *  same bits at all vector levels. Of a word the upper 52 bits count (random/stream.h), all of them, so that the family has
 *  to be one of rng_family_has_good_bits: from the highest on
 *
 *      1 bit    sign of the cosine
 *      31 bits  radius R = sqrt(-2 ln v), v = k 2^-31, k these bits with the lowest set
 *      20 bits  angle π t / 2, t = (j + 1/2) 2^-19, j these bits as a signed integer; ζ = ± R cos, ξ = R sin
 *
 *  Errors are below 2.2 · 2^-23 R. |ζ| and |ξ| are below 6.56, where a normal is beyond once in 2^34; both are 0 where v
 *  rounds to 1, once in 2^25. */
#pragma once

#include <stdint.h>

/** Words of which normals are made together, and these. */
enum { NORMALS_SINGLE_WORDS = 256, NORMALS_SINGLE = 2 * NORMALS_SINGLE_WORDS };

/** @param[in]  words    [256]; of four households i … i + 3 in a row words i/2, i/2 + 1, 128 + i/2, 128 + i/2 + 1
 *  @param[out] normals  [512] a household's ζ and ξ at i and 256 + i; any alignment, 64 bytes are fastest */
void normals_single_of(const uint64_t *words, float *normals);

/** The word that a household's normals are made of: its place among the 256. */
static inline int normals_single_word(int i)
{
    return i / 4 * 2 + i % 2 + (i & 2 ? NORMALS_SINGLE_WORDS / 2 : 0);
}
