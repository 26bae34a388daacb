/** What is made of a block's random words: normals of the first ones, uniforms of the rest. */
#pragma once

#include <stdint.h>

/** Not collective.
 *  @param[in]  words      [n_normals + n_uniforms] of a stream (random/stream.h)
 *  @param[in]  n_normals  >= 0, a multiple of 512: those that are made together (random/normals.h)
 *  @param[in]  n_uniforms >= 0
 *  @param[out] numbers    [n_normals + n_uniforms] in the place of each word; a uniform is a multiple of 2^-52 in [0, 1), its
 *                         word's upper 52 bits */
void numbers_of(const uint64_t *words, int n_normals, int n_uniforms, double *numbers);
