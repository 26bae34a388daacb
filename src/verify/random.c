#include "random/mlfg_recorded.h"
#include "random/sprng.h"
#include "random/stream.h"
#include "simd/simd.h"
#include "verify/checks.h"
#include <stdio.h>
#include <string.h>

enum { WORDS = MLFG_RECORD_NUMBERS, SEED = 2026, STREAM = 3, STREAMS = 20 };

/* Digests (random/mlfg_recorded.h) of stream 3 under seed 2026, as SPRNG 2.0a gives it: tests/unit/test_stream.c compares the
 * numbers with sprng(). mlfg's is the first of its records. */
static const uint64_t known[RNG_FAMILIES] = {
    [RNG_LFG] = 0x6c01e8640433b933,
    [RNG_LCG] = 0x948f6dddc0de4fc1,
    [RNG_LCG64] = 0xc5d2336ccc27048e,
    [RNG_CMRG] = 0xe5cbf91c2ce96229,
    [RNG_PMLCG] = 0x58efdbbe8ee903e2,
};

/* Whether a family's stream has its known numbers; with one of them changed, if the check is to fail. */
static bool is_known(enum rng_family family, bool is_broken)
{
    struct streams *streams = NULL;
    uint64_t words[WORDS];
    if (streams_create(&streams, family, SEED, STREAM, 1, 1) != WS_OK)
        return false;
    streams_fill(streams, 0, WORDS, words);
    streams_destroy(streams);
    if (is_broken)
        words[WORDS - 1] ^= (uint64_t)1 << 12;
    return mlfg_record_digest(words) == (family == RNG_MLFG ? mlfg_records[0].digest : known[family]);
}

/* SPRNG's known answers: this library is the one that the results are of. Families that it was built without are said, and do
 * not count: --rng refuses them. */
bool check_known_streams(struct verification *verification)
{
    const bool is_broken = verification_breaks(verification, "known streams");
    char absent[STREAM_FAMILIES];
    int right = 0, n = 0;
    for (int i = 0; i < RNG_FAMILIES; i++) {
        if (!sprng_has((enum rng_family)i))
            continue;
        n++;
        right += is_known((enum rng_family)i, is_broken);
    }
    streams_families(false, absent);
    snprintf(verification->said, sizeof verification->said, "%d of %d %s of SPRNG give%s known numbers%s%s%s",
        right, n, n == 1 ? "family" : "families", n == 1 ? "s its" : " their",
        sprng_is_linked() ? "" : "; SPRNG is not linked", absent[0] ? "; not there: " : "", absent);
    return right == n && n > 0;
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
        "%d of %d streams of mlfg per rank: the bulk fill gives %s numbers at every vector level", right,
        STREAMS, sprng_is_linked() ? "sprng()'s" : "the recurrence's");
    return right == STREAMS;
}
