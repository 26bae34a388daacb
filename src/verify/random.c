#include "core/hash.h"
#include "random/stream.h"
#include "simd/simd.h"
#include "verify/checks.h"
#include <stdio.h>

enum { WORDS = 512, SEED = 2026, STREAMS = 20 };

/* XXH3 of the first 512 numbers, as integers of 52 bits, of stream 3 under seed 2026, as SPRNG 2.0a gives them after the discarded numbers:
 * tests/unit/test_stream.c compares them with sprng(). */
static const uint64_t known[RNG_FAMILIES] = {
    [RNG_LFG] = 0x6c01e8640433b933,
    [RNG_LCG] = 0x948f6dddc0de4fc1,
    [RNG_LCG64] = 0xc5d2336ccc27048e,
    [RNG_CMRG] = 0xe5cbf91c2ce96229,
    [RNG_MLFG] = 0x8b0b8e5d018c7b63,
    [RNG_PMLCG] = 0x58efdbbe8ee903e2,
};

/* SPRNG's known answers: this library is the one that the results are of. */
bool check_known_streams(struct verification *verification)
{
    int right = 0;
    for (int family = 0; family < RNG_FAMILIES; family++) {
        struct streams *streams = NULL;
        uint64_t words[WORDS];
        if (streams_create(&streams, (enum rng_family)family, SEED, 3, 1, 1) != WS_OK)
            return false;
        streams_fill(streams, 0, WORDS, words);
        streams_destroy(streams);
        if (verification_breaks(verification, "known streams"))
            words[WORDS - 1] ^= (uint64_t)1 << 12;
        for (int i = 0; i < WORDS; i++)
            words[i] >>= 12;
        right += hash_bytes(words, sizeof words, 0) == known[family];
    }
    snprintf(verification->said, sizeof verification->said,
        "%d of %d families of SPRNG give their known numbers", right, RNG_FAMILIES);
    return right == RNG_FAMILIES;
}

/* Whether a stream's numbers are the same at every vector level and by the library's calls. */
static bool agree(int64_t seed, int64_t stream, bool is_broken)
{
    uint64_t expected[WORDS], words[WORDS];
    bool same = streams_draw_singly(seed, stream, WORDS, expected);
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);) {
        streams_draw_in_bulk(seed, stream, WORDS, words);
        if (is_broken)
            words[WORDS / 2] ^= (uint64_t)1 << 63;
        for (int i = 0; i < WORDS; i++)
            same = same && words[i] >> 12 == expected[i] >> 12;
    }
    return same;
}

/* Our own fill of mlfg, with the beginning of its streams, against the library's calls; each rank other streams. */
bool check_bulk_streams(struct verification *verification)
{
    const bool is_broken = verification_breaks(verification, "bulk streams");
    const int64_t first = (int64_t)verification->comm->rank * STREAMS;
    int right = 0;
    for (int64_t i = 0; i < STREAMS; i++)
        right += agree(SEED + i, (first + i) * 104729 % rng_family_streams(RNG_MLFG), is_broken);
    snprintf(verification->said, sizeof verification->said,
        "%d of %d streams of mlfg per rank: the bulk fill gives sprng()'s numbers at every vector level",
        right, STREAMS);
    return right == STREAMS;
}
