/** SPRNG's families of generators: what is known of each, whether or not this build can make its streams. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** In SPRNG's own order. */
enum rng_family { RNG_LFG, RNG_LCG, RNG_LCG64, RNG_CMRG, RNG_MLFG, RNG_PMLCG, RNG_FAMILIES };

/** "lfg", "lcg", … as the option --rng names them. */
const char *rng_family_name(enum rng_family family);

/** The parameter of the family that streams have. */
int rng_family_parameter(enum rng_family family);

/** How many streams a family has. */
int64_t rng_family_streams(enum rng_family family);

/** Whether the lower bits of its numbers are as good as the upper ones. Those of a linear congruential generator modulo a
 *  power of two repeat soon. */
bool rng_family_has_good_bits(enum rng_family family);

/** Whether its streams have no numbers in common. */
bool rng_family_is_independent(enum rng_family family);

/** Bytes that a block's stream takes in memory (estimate for heap objects, exact for mlfg; but where the installed
 *  SPRNG begins mlfg streams otherwise, so that it must make each, it loses 496 more per stream for good). */
size_t rng_family_stream_bytes(enum rng_family family);
