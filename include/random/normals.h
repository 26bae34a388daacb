/** Standard normals from random words, by Box and Muller's formula: independent, the same bits at all vector
 *  levels, largest absolute error 4e-14. */
#pragma once

#include <stdint.h>

/** Normals that are made together. */
enum { NORMALS = 512 };

/** @param[in]  words   [512] of a stream (random/stream.h): u of the radius and of the angle of pair i are words[i] and words[256 + i]
 *  @param[out] normals [512] the pair's two normals at i and 256 + i, which are a household's ζ and ξ */
void normals_of(const uint64_t *words, double *normals);
