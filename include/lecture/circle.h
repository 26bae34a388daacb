/** Points of the unit square that lie within the circle of radius 1/2 around its centre: the lecture's way to π.
 *
 *  A point takes two random words (random/stream.h): of 512 words, point i has its first coordinate from words[i], its
 *  second from words[256 + i]; a coordinate is the word's upper 52 bits by 2^52. */
#pragma once

#include <stdint.h>

/** Points that are looked at together. */
enum { CIRCLE_POINTS = 256 };

/** How many of the first n points are within: (x - 1/2)² + (y - 1/2)² < 1/4, the left side with one rounding of a square
 *  and one of the sum. The same at all vector levels.
 *  @param[in] words  [512] any alignment; 64 bytes are fastest
 *  @param[in] n      0 … 256 */
int64_t circle_count(const uint64_t *words, int n);
