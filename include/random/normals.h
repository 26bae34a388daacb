/** Standard normals from random words, by the household step's own arithmetic (random/box_muller.h): independent, the same
 *  bits at all vector levels, largest absolute error 4e-14. */
#pragma once

#include <stdint.h>

/** Normals that are made together. */
enum { NORMALS = 512 };

/** @param[in]  words   [512] as for kesten_step: radius and angle of pair i are words[i] and words[256 + i]
 *  @param[out] normals [512] the pair's two normals at i and 256 + i, which are a household's ζ and ξ */
void normals_of(const uint64_t *words, double *normals);

/** cos(2πt) = Σ c_i t^2i and sin(2πt) = t Σ s_i t^2i for |t| <= 1/4. */
extern const double box_muller_cosine[8], box_muller_sine[8];
