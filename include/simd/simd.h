/** Vector code: the levels that this build has, and the one in use.
 *
 *  A kernel is a function that is compiled once per level, in a file *.vec.c (see simd/lanes.h); its header declares it
 *  as an ordinary function, and callers call it as one: it passes the call on to its copy for the level in use. All
 *  levels give the same bits. */
#pragma once

#include "core/error.h"
#include <stdbool.h>

/** The levels of this architecture as the Makefile builds them, totally ordered: SIMD_EACH(apply, x) is apply(level, x)
 *  for each, the least first. Each has a file of its own, simd/LEVEL.h. */
#if defined __x86_64__
    #define SIMD_EACH(apply, ...)                                                                            \
        apply(portable, __VA_ARGS__) apply(avx2, __VA_ARGS__) apply(avx512, __VA_ARGS__)
#elif defined __aarch64__
    #define SIMD_EACH(apply, ...) apply(portable, __VA_ARGS__) apply(neon, __VA_ARGS__)
#else
    #define SIMD_EACH(apply, ...) apply(portable, __VA_ARGS__)
#endif

/** Choose the level for the rest of the run, before threads start: the one that the environment variable WEALTHSIM_VECTOR
 *  names or, where it is unset or empty, the best that this processor can run. Without this call the first kernel chooses
 *  in the same way, except that a name which is no level, or one that the processor cannot run, means the best. Not
 *  collective: ranks may differ.
 *  @param[in] host_name  for the message
 *  @return WS_OK, or WS_USAGE with a message (error_add) that lists the levels there are */
enum status simd_start(const char *host_name);

/** The level in use, and its name: "portable", "avx2", "avx512", "neon". */
int simd_level(void);
const char *simd_name(void);

/** Use another level, 0 (portable) … simd_best(). For checks and tests, while no other thread runs a kernel. */
void simd_use(int level);

/** The best level that this processor can run. */
int simd_best(void);

/** What checks and tests go through: every level up to the one in use, which is in use again afterwards:
 *
 *      for (struct simd_tour tour = simd_tour(); simd_next(&tour);) */
struct simd_tour {
    int next, last;
};
struct simd_tour simd_tour(void);
bool simd_next(struct simd_tour *tour);
