#include "random/stream.h"
#include "random/mlfg_recorded.h"
#include "random/mlfg_start.h"
#include "random/sprng.h"
#include <endian.h>
#include <omp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lengths of packed streams; of pmlcg the least. */
enum { LFG_BYTES = 15410, PMLCG_BYTES = 128 };

void streams_families(bool can_make, char *text)
{
    int n = 0;
    text[0] = '\0';
    for (int i = 0; i < RNG_FAMILIES; i++)
        if (sprng_has((enum rng_family)i) == can_make)
            n += snprintf(text + n, STREAM_FAMILIES - (size_t)n, "%s%s", n > 0 ? ", " : "",
                rng_family_name((enum rng_family)i));
    ENSURE(n < STREAM_FAMILIES);
}

/* Streams as compact states, or as SPRNG's own objects: one of the two arrays is there. */
struct streams {
    int64_t n;
    struct mlfg *states;
    int **objects;
    double seconds;
};

static int state_of_object(int *object, struct mlfg *state)
{
    char *packed = NULL;
    const int bytes = sprng_pack(object, &packed);
    const int unknown = bytes < 0 || !packed || mlfg_unpack((unsigned char *)packed, (size_t)bytes, state);
    free(packed);
    return unknown ? -1 : 0;
}

/* Does the bulk fill give the numbers of this very library? Compared over three times the longer lag, on the
 * first stream that is asked for: a library with another packed layout or recurrence is then served through
 * sprng(). */
static bool is_bulk_exact(int64_t stream, int64_t seed)
{
    uint64_t ours[3 * MLFG_LAG], theirs[3 * MLFG_LAG];
    struct mlfg state;
    int *object = sprng_open(RNG_MLFG, stream, seed);
    bool exact = object && state_of_object(object, &state) == 0;
    if (exact) {
        mlfg_fill(&state, 3 * MLFG_LAG, ours);
        sprng_draw(object, 3 * MLFG_LAG, theirs);
        for (int i = 0; i < 3 * MLFG_LAG; i++)
            exact = exact && ours[i] >> 12 == theirs[i] >> 12;
    }
    if (object)
        sprng_close(object);
    return exact;
}

/* A state after the discarded numbers, from SPRNG's own. Each costs 23 us, one thread at a time, and 496 bytes that
 * SPRNG never frees. */
static int create_state(struct mlfg *state, int64_t stream, int64_t seed)
{
    int *object = sprng_open(RNG_MLFG, stream, seed);
    const int unknown = !object || state_of_object(object, state);
    if (object)
        sprng_close(object);
    if (!unknown)
        mlfg_skip(state, STREAM_DISCARD);
    return unknown ? -1 : 0;
}

/* Does this very library begin its streams as we do? Compared on the ends of the range, two streams between, and one
 * whose register begins with all bits set, so that what each bit makes takes part. */
static bool is_start_exact(const struct mlfg_start *start, int64_t first, int64_t n, int64_t seed)
{
    const int64_t full = mlfg_start_full_register(start);
    const int64_t chosen[] = {first, first + n / 3, first + 2 * n / 3, first + n - 1, full};
    for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++) {
        struct mlfg ours, theirs;
        if (create_state(&theirs, chosen[i], seed))
            return false;
        mlfg_start_state(start, (uint32_t)chosen[i], &ours);
        if (memcmp(&ours, &theirs, sizeof ours) != 0)
            return false;
    }
    return true;
}

static int create_sprng(
    struct streams *streams, enum rng_family family, int64_t i, int64_t stream, int64_t seed)
{
    int *object = sprng_open(family, stream, seed);
    if (object)
        sprng_skip(object, STREAM_DISCARD);
    streams->objects[i] = object;
    return object ? 0 : -1;
}

/* Room for n streams, or NULL with a message. */
static struct streams *allocate(int64_t n, bool is_bulk)
{
    struct streams *made = calloc(1, sizeof *made);
    const size_t bytes = (size_t)n * (is_bulk ? sizeof(struct mlfg) : sizeof(int *));
    if (made) {
        made->n = n;
        if (is_bulk)
            made->states = aligned_alloc(_Alignof(struct mlfg), bytes);
        else if (n > 0)
            made->objects = calloc((size_t)n, sizeof(int *));
    }
    if (!made || (n > 0 && !made->states && !made->objects)) {
        free(made);
        error_memory(bytes, "random streams");
        return NULL;
    }
    return made;
}

/* Without SPRNG: whether there are such streams, and they are SPRNG's. */
static enum status check_own_streams(enum rng_family family)
{
    if (!sprng_has(family))
        return error_set(WS_FAILED, "streams of %s are SPRNG's, which this program was built without",
            rng_family_name(family));
    if (!mlfg_gives_all())
        return error_set(WS_FAILED, "this build's streams of mlfg do not have the numbers that SPRNG 2.0a "
                                    "gives: its results would be "
                                    "wrong. Build it with another compiler or other options, or with SPRNG");
    return WS_OK;
}

enum status streams_create(
    struct streams **streams, enum rng_family family, int64_t seed, int64_t first, int64_t n, int threads)
{
    ENSURE(family >= 0 && family < RNG_FAMILIES && threads >= 1);
    ENSURE(seed >= 0 && seed <= INT32_MAX);
    ENSURE(first >= 0 && n >= 0 && first + n <= rng_family_streams(family));

    const double start = omp_get_wtime();
    const bool is_linked = sprng_is_linked();
    *streams = NULL;
    if (n > 0 && !is_linked && check_own_streams(family) != WS_OK)
        return WS_FAILED;
    const bool is_bulk = family == RNG_MLFG && n > 0 && (!is_linked || is_bulk_exact(first, seed));
    struct streams *made = allocate(n, is_bulk);
    if (!made)
        return WS_FAILED;

    struct mlfg_start beginning;
    bool is_direct = false;
    if (is_bulk) {
        mlfg_start_init(&beginning, (uint32_t)seed, STREAM_DISCARD);
        is_direct = !is_linked || is_start_exact(&beginning, first, n, seed);
    }

    int64_t refused = 0;
#pragma omp parallel for num_threads(threads) schedule(static) reduction(+ : refused)
    for (int64_t i = 0; i < n; i++)
        if (is_direct)
            mlfg_start_state(&beginning, (uint32_t)(first + i), &made->states[i]);
        else if (is_bulk)
            refused += create_state(&made->states[i], first + i, seed) != 0;
        else
            refused += create_sprng(made, family, i, first + i, seed) != 0;
    if (refused) {
        streams_destroy(made);
        return error_set(WS_FAILED, "SPRNG could not create %lld of %lld streams of %s from stream %lld on",
            (long long)refused, (long long)n, rng_family_name(family), (long long)first);
    }

    made->seconds = omp_get_wtime() - start;
    *streams = made;
    return WS_OK;
}

void streams_destroy(struct streams *streams)
{
    if (!streams)
        return;
    for (int64_t i = 0; streams->objects && i < streams->n; i++)
        if (streams->objects[i])
            sprng_close(streams->objects[i]);
    free(streams->objects);
    free(streams->states);
    free(streams);
}

/* Numbers of a state in the order of SPRNG's packed form: big-endian. */
static void save_state(const struct mlfg *state, unsigned char *saved)
{
    for (int i = 0; i < MLFG_LAG; i++) {
        const uint64_t x = htobe64(state->x[i]);
        memcpy(saved + 8 * i, &x, sizeof x);
    }
}

/* All numbers of a state are odd. */
static int restore_state(struct mlfg *state, const unsigned char *saved)
{
    uint64_t odd = 1;
    for (int i = 0; i < MLFG_LAG; i++) {
        uint64_t x;
        memcpy(&x, saved + 8 * i, sizeof x);
        state->x[i] = be64toh(x);
        odd &= state->x[i];
    }
    state->x[MLFG_LAG] = 0;
    return odd == 1 ? 0 : -1;
}

size_t streams_saved_bytes(const struct streams *streams)
{
    if (streams->n == 0)
        return 0;
    if (streams->states)
        return MLFG_LAG * sizeof(uint64_t);
    char *packed = NULL;
    const int bytes = sprng_pack(streams->objects[0], &packed);
    free(packed);
    return bytes > 0 ? (size_t)bytes : 0;
}

enum status streams_save(const struct streams *streams, unsigned char *saved)
{
    const size_t bytes = streams_saved_bytes(streams);
    for (int64_t i = 0; i < streams->n; i++) {
        if (streams->states) {
            save_state(&streams->states[i], saved + (size_t)i * bytes);
            continue;
        }
        char *packed = NULL;
        const int got = sprng_pack(streams->objects[i], &packed);
        if (got < 0 || (size_t)got != bytes) {
            free(packed);
            return error_set(WS_FAILED, "SPRNG could not pack a stream");
        }
        memcpy(saved + (size_t)i * bytes, packed, bytes);
        free(packed);
    }
    return WS_OK;
}

/* Whether a stream may be unpacked, which takes lengths and places from the bytes: they are of the family, as in those of
 * another stream of it. (pmlcg's are an image of memory, which differs, and is believed.) */
static bool is_packed(enum rng_family family, const unsigned char *saved, const unsigned char *like)
{
    const size_t head = sizeof(int32_t) + strlen((const char *)like + sizeof(int32_t)) + 1;
    const size_t lags = family == RNG_LFG ? 2 * sizeof(uint32_t) : 0;
    if (memcmp(saved, like, head + lags) != 0)
        return false;
    if (family != RNG_LFG)
        return true;
    uint32_t lag, place; /* in the lagged numbers: it comes last */
    memcpy(&lag, saved + head, sizeof lag);
    memcpy(&place, saved + LFG_BYTES - sizeof place, sizeof place);
    return be32toh(place) < be32toh(lag);
}

/* A stream in SPRNG's packed form, to compare others with; to be freed. NULL when they have another length. */
static unsigned char *create_like(enum rng_family family, size_t bytes)
{
    int *object = sprng_open(family, 0, 0);
    char *packed = NULL;
    const int got = object ? sprng_pack(object, &packed) : -1;
    if (object)
        sprng_close(object);
    const bool is_right = got > 0 && packed &&
                          ((size_t)got == bytes || (family == RNG_PMLCG && bytes >= PMLCG_BYTES)) &&
                          (family != RNG_LFG || bytes == LFG_BYTES);
    if (is_right)
        return (unsigned char *)packed;
    free(packed);
    return NULL;
}

enum status streams_restore_begin(
    struct streams_restoring *restoring, enum rng_family family, int64_t n, int threads, size_t bytes)
{
    const double start = omp_get_wtime();
    *restoring = (struct streams_restoring){.family = family, .n = n, .threads = threads, .bytes = bytes};
    if (n > 0 && family == RNG_MLFG && bytes == MLFG_LAG * sizeof(uint64_t)) {
        restoring->made = allocate(n, true);
        if (!restoring->made)
            return WS_FAILED;
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
        for (int64_t i = 0; i < n; i++)
            restoring->made->states[i].x[0] = 0;
    } else if (n > 0) {
        restoring->packed = malloc((size_t)n * bytes);
        if (!restoring->packed)
            return error_memory((size_t)n * bytes, "the checkpoint's streams");
    }
    restoring->seconds = omp_get_wtime() - start;
    return WS_OK;
}

void streams_restore_some(void *self, int64_t first, int64_t n, const unsigned char *saved)
{
    struct streams_restoring *restoring = self;
    const double start = omp_get_wtime();
    ENSURE(first >= 0 && n >= 0 && first + n <= restoring->n);
    if (restoring->packed)
        memcpy(restoring->packed + (size_t)first * restoring->bytes, saved, (size_t)n * restoring->bytes);
    for (int64_t i = 0; i < n && restoring->made; i++)
        restoring->refused +=
            restore_state(&restoring->made->states[first + i], saved + (size_t)i * restoring->bytes) != 0;
    restoring->seconds += omp_get_wtime() - start;
}

/* SPRNG's objects of their packed forms. */
static enum status unpack(struct streams_restoring *restoring)
{
    const enum rng_family family = restoring->family;
    unsigned char *like = create_like(family, restoring->bytes);
    int64_t refused = 0;
    if (!like)
        return error_set(WS_FAILED, "the checkpoint's streams of %s do not have the length of such streams",
            rng_family_name(family));
    restoring->made = allocate(restoring->n, false);
    if (!restoring->made) {
        free(like);
        return WS_FAILED;
    }
#pragma omp parallel for num_threads(restoring->threads) schedule(static) reduction(+ : refused)
    for (int64_t i = 0; i < restoring->n; i++) {
        const unsigned char *of_stream = restoring->packed + (size_t)i * restoring->bytes;
        restoring->made->objects[i] = is_packed(family, of_stream, like) ? sprng_unpack(of_stream) : NULL;
        refused += restoring->made->objects[i] == NULL;
    }
    free(like);
    restoring->refused = refused;
    return WS_OK;
}

enum status streams_restore_end(struct streams_restoring *restoring, struct streams **streams)
{
    const double start = omp_get_wtime();
    const enum rng_family family = restoring->family;
    const bool is_bulk = restoring->made, is_linked = sprng_is_linked();
    enum status status = WS_OK;
    *streams = NULL;
    if (restoring->n == 0)
        restoring->made = allocate(0, false);
    else if (!is_linked && check_own_streams(family) != WS_OK)
        return WS_FAILED;
    else if (family == RNG_MLFG && is_bulk != (!is_linked || is_bulk_exact(0, 0)))
        return error_set(WS_FAILED, "%s is not the one that the checkpoint's streams are of",
            is_linked ? "this SPRNG" : "what this program has in SPRNG's place");
    else if (!is_bulk)
        status = unpack(restoring);
    if (status != WS_OK || !restoring->made)
        return WS_FAILED;
    if (restoring->refused)
        return error_set(
            WS_FAILED, "SPRNG does not take the checkpoint's streams of %s", rng_family_name(family));
    restoring->made->seconds = restoring->seconds + omp_get_wtime() - start;
    *streams = restoring->made;
    restoring->made = NULL;
    return WS_OK;
}

void streams_restore_free(struct streams_restoring *restoring)
{
    streams_destroy(restoring->made);
    free(restoring->packed);
}

void streams_fill(struct streams *streams, int64_t i, size_t n, uint64_t *words)
{
    if (streams->states) {
        mlfg_fill(&streams->states[i], n, words);
        return;
    }
    sprng_draw(streams->objects[i], n, words);
}

bool streams_draw_singly(int64_t seed, int64_t stream, size_t n, uint64_t *words)
{
    int *object = sprng_open(RNG_MLFG, stream, seed);
    if (!object)
        return false;
    sprng_skip(object, STREAM_DISCARD);
    sprng_draw(object, n, words);
    sprng_close(object);
    return true;
}

void streams_draw_in_bulk(int64_t seed, int64_t stream, size_t n, uint64_t *words)
{
    struct mlfg_start start;
    struct mlfg state;
    mlfg_start_init(&start, (uint32_t)seed, STREAM_DISCARD);
    mlfg_start_state(&start, (uint32_t)stream, &state);
    mlfg_fill(&state, n, words);
}

double streams_seconds(const struct streams *streams)
{
    return streams->seconds;
}
