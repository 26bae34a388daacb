/** The random streams of a range of blocks: SPRNG's (random/sprng.h).
 *
 *  Block b has the SPRNG stream number b of the family under the run's seed; the stream's first 8,192 numbers
 *  are discarded, because SPRNG's mlfg begins streams n and n' of seeds s and s' almost alike when
 *  n XOR s = n' XOR s'. A stream's numbers depend on family, seed and block alone.
 *
 *  A number is a 64-bit word whose upper 52 bits are sprng() times 2^52; a family that can return 1.0 gives
 *  the largest such word there. The lower 12 bits carry no meaning.
 *
 *  Where the program is not linked with SPRNG, there is mlfg alone, by our own code, which is held against recorded numbers
 *  of SPRNG's (random/mlfg_recorded.h) whenever streams are created or restored. */
#pragma once

#include "core/error.h"
#include "random/family.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Numbers thrown away at the start of every stream. */
enum { STREAM_DISCARD = 8192 };

/** Bytes that suffice for the names of all families. */
enum { STREAM_FAMILIES = 64 };

/** The names of the families whose streams this build can make (sprng_has), or of those whose it cannot: "lfg, lcg". Not to be
 *  called by several threads at a time.
 *  @param[out] text  [STREAM_FAMILIES]; "" for none */
void streams_families(bool can_make, char *text);

struct streams;

/** Create the streams of blocks first … first + n - 1. Not collective. States of mlfg are made
 *  directly (random/mlfg_start.h) by all threads, after a comparison of a few with SPRNG's own; should one differ,
 *  and for the other families, SPRNG makes every stream, one thread at a time (init_sprng is not thread-safe), and
 *  only the discarding is shared. Each stream's memory is first touched by the thread that a static schedule over n
 *  gives it to.
 *  @param[in] seed     0 … 2^31 - 1, the same on all ranks
 *  @param[in] first,n  first >= 0, n >= 0, first + n <= rng_family_streams(family)
 *  @param[in] threads  >= 1
 *  @param[out] streams owned by the caller: streams_destroy; NULL on failure
 *  @return WS_OK; WS_FAILED when memory ran out, SPRNG refused, or this build does not have the family (sprng_has) or, without
 *          SPRNG, does not give its recorded numbers */
enum status streams_create(
    struct streams **streams, enum rng_family family, int64_t seed, int64_t first, int64_t n, int threads);
void streams_destroy(struct streams *streams);

/** Bytes of a stream in the form of streams_save, the same for all of a family: of mlfg the last 63 numbers, each in 8
 *  bytes, the highest first, as they stand in SPRNG's own packed form; of the others SPRNG's packed form as it is.
 *  0 for a range of no streams. */
size_t streams_saved_bytes(const struct streams *streams);

/** Save the state of all streams. Not collective. @param[out] saved  [n][streams_saved_bytes]
 *  @return WS_OK, or WS_FAILED (memory). */
enum status streams_save(const struct streams *streams, unsigned char *saved);

/** Streams that are made of what streams_save has saved on any machine, as it is read: begin, streams_restore_some until
 *  all of them were given, end, and free in any case. States of mlfg are made at once; SPRNG looks into its packed forms at
 *  the end only, when the caller knows that they are as they were written. Not collective. */
struct streams_restoring {
    enum rng_family family;
    int64_t n;
    int threads;
    size_t bytes;
    double seconds;
    int64_t refused;       /**< states that are none */
    struct streams *made;  /**< of mlfg */
    unsigned char *packed; /**< [n][bytes], of the other families */
};

/** @param[in] n,threads  as for streams_create
 *  @param[in] bytes      of a stream in the form of streams_save, or any other number of at least 1: the end refuses them
 *  @return WS_OK; WS_FAILED when memory ran out */
enum status streams_restore_begin(
    struct streams_restoring *restoring, enum rng_family family, int64_t n, int threads, size_t bytes);

/** Take some of the streams. @param[in,out] self  a struct streams_restoring
 *  @param[in] saved  [n][bytes], of the streams first … first + n - 1 */
void streams_restore_some(void *self, int64_t first, int64_t n, const unsigned char *saved);

/** @param[out] streams  as of streams_create
 *  @return WS_OK; WS_FAILED when memory ran out or the bytes are not streams of this family as this library has it */
enum status streams_restore_end(struct streams_restoring *restoring, struct streams **streams);
void streams_restore_free(struct streams_restoring *restoring);

/** The next n numbers of the i-th stream of the range (0 <= i < the number created).
 *  Different streams may be filled by different threads at a time. */
void streams_fill(struct streams *streams, int64_t i, size_t n, uint64_t *words);

/** The first n words of a stream of mlfg after the discarded ones, made in two ways that must agree: number by number, by
 *  SPRNG's own calls or, without it, by the recurrence, and by the direct beginning and the bulk fill at a vector level. Not
 *  collective.
 *  @return false where SPRNG fails */
bool streams_draw_singly(int64_t seed, int64_t stream, size_t n, uint64_t *words);
void streams_draw_in_bulk(int64_t seed, int64_t stream, size_t n, uint64_t *words);

/** Seconds that creation took. */
double streams_seconds(const struct streams *streams);
