#include "core/hash.h"

/* Numbers are hashed, and stand in checkpoints, as they lie in memory: elsewhere other hashes would come out of the same
 * numbers, against the promise of one answer everywhere. */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    #error                                                                                                   \
        "wealthsim is for little-endian processors: here its hashes would differ, and it could not read others' checkpoints"
#endif

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash_bytes(const void *bytes, size_t n, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, n, seed);
}
