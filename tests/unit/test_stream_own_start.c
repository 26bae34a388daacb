/* Our own beginning of mlfg's streams, where it goes wrong: it is not believed. With SPRNG, that makes the streams; without it,
 * there are none, and a message.
 *
 * This program is linked with --wrap=mlfg_start_init: its own gives the beginnings of another seed. */
#include "random/mlfg_start.h"
#include "random/sprng.h"
#include "random/stream.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEED = 7, FIRST = 3, N = 5, NUMBERS = 64, SAVED_BYTES = 8 * MLFG_LAG };

static uint32_t changed;

void __real_mlfg_start_init(struct mlfg_start *start, uint32_t seed, uint64_t discard);
void __wrap_mlfg_start_init(struct mlfg_start *start, uint32_t seed, uint64_t discard);

void __wrap_mlfg_start_init(struct mlfg_start *start, uint32_t seed, uint64_t discard)
{
    __real_mlfg_start_init(start, seed ^ changed, discard);
}

static void fill(struct streams *streams, uint64_t words[N][NUMBERS])
{
    for (int64_t i = 0; i < N; i++)
        streams_fill(streams, i, NUMBERS, words[i]);
    streams_destroy(streams);
}

/* All of the saved streams but the last, and then that one. */
static enum status restore(struct streams **streams, const unsigned char *saved)
{
    struct streams_restoring restoring;
    assert_int_equal(streams_restore_begin(&restoring, RNG_MLFG, N, 2, SAVED_BYTES), WS_OK);
    streams_restore_some(&restoring, 0, N - 1, saved);
    streams_restore_some(&restoring, N - 1, 1, saved + (N - 1) * SAVED_BYTES);
    const enum status status = streams_restore_end(&restoring, streams);
    streams_restore_free(&restoring);
    return status;
}

static void refused(enum status status, const struct streams *streams)
{
    assert_int_equal(status, WS_FAILED);
    assert_null(streams);
    assert_non_null(strstr(error_message(), "do not have the numbers that SPRNG 2.0a gives"));
}

static void test_wrong_start(void **unused)
{
    (void)unused;
    uint64_t right[N][NUMBERS], words[N][NUMBERS];
    unsigned char saved[N * SAVED_BYTES];
    struct streams *streams = NULL;
    changed = 0;
    assert_int_equal(streams_create(&streams, RNG_MLFG, SEED, FIRST, N, 2), WS_OK);
    assert_int_equal(streams_saved_bytes(streams), SAVED_BYTES);
    assert_int_equal(streams_save(streams, saved), WS_OK);
    fill(streams, right);
    changed = 1;
    const enum status created = streams_create(&streams, RNG_MLFG, SEED, FIRST, N, 2);
    if (!sprng_is_linked()) {
        refused(created, streams);
        refused(restore(&streams, saved), streams);
        return;
    }
    assert_int_equal(created, WS_OK);
    fill(streams, words);
    assert_memory_equal(words, right, sizeof right);
}

/* The first draws by the stand-in of SPRNG, or SPRNG, are those of the streams without the discarded numbers. */
static void test_drawn_singly(void **unused)
{
    (void)unused;
    static struct mlfg_start start;
    uint64_t singly[NUMBERS], bulk[NUMBERS];
    struct mlfg state;
    changed = 0;
    int *object = sprng_open(RNG_MLFG, FIRST, SEED);
    assert_non_null(object);
    sprng_skip(object, 100);
    sprng_draw(object, NUMBERS, singly);
    sprng_close(object);
    mlfg_start_init(&start, SEED, 100);
    mlfg_start_state(&start, FIRST, &state);
    mlfg_fill(&state, NUMBERS, bulk);
    for (int i = 0; i < NUMBERS; i++)
        assert_int_equal(singly[i] >> 12, bulk[i] >> 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_start),
        cmocka_unit_test(test_drawn_singly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
