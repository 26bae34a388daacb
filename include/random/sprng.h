/** The SPRNG library: the seam behind which it stands, or is absent.
 *
 *  src/random/sprng.c calls the library, and is the only place that does; src/random/sprng_none.c stands there in a build
 *  without it (make SPRNG=none), where mlfg's streams are our own code's and there are no other families. The Makefile
 *  chooses. A stream is an object on the heap that is opened, drawn from and closed; several threads may open and close
 *  streams at a time, and draw from different ones. */
#pragma once

#include "random/family.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Whether this build is linked with SPRNG. */
bool sprng_is_linked(void);

/** Whether streams of a family can be opened: not when SPRNG is not linked (mlfg excepted), nor pmlcg when
 *  SPRNG was built without it, as often. Asks the library once, which may say on standard error that it lacks the family. Not
 *  to be called by several threads at a time. */
bool sprng_has(enum rng_family family);

/** A stream at its very beginning, to be closed, or NULL where the library refuses.
 *  @param[in] stream  0 … rng_family_streams(family) - 1
 *  @param[in] seed    0 … 2^31 - 1 */
int *sprng_open(enum rng_family family, int64_t stream, int64_t seed);
void sprng_close(int *object);

/** The next n numbers as words (random/stream.h), each drawn by a call of its own; or past them. */
void sprng_draw(int *object, size_t n, uint64_t *words);
void sprng_skip(int *object, size_t n);

/** A stream in SPRNG's packed form, and back. Only of a build with SPRNG.
 *  @param[out] packed  on the heap, owned by the caller, also on failure; NULL when memory ran out
 *  @return its bytes, or less than 1 on failure */
int sprng_pack(const int *object, char **packed);
int *sprng_unpack(const unsigned char *packed);
