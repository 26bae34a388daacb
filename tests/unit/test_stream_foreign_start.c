/* A SPRNG library that begins its streams in another way is believed, not our copy of its initialisation.
 *
 * This program is linked with --wrap=init_rng: its own stands before the library's and gives the streams of another seed, from a certain
 * stream on. */
#include "random/stream.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "linked_sprng.h"

enum { FIRST = 10, N = 40, SEED = 42, NUMBERS = 300 };

static int foreign_from, foreign_until, made;

#ifndef WITHOUT_SPRNG
int *__real_init_rng(int type, int stream, int n, int seed, int parameter);
int *__wrap_init_rng(int type, int stream, int n, int seed, int parameter);

int *__wrap_init_rng(int type, int stream, int n, int seed, int parameter)
{
    made++;
    const int is_foreign = stream >= foreign_from && stream < foreign_until;
    return __real_init_rng(type, stream, n, is_foreign ? seed + 1 : seed, parameter);
}
#endif

static void check(int from, int until, int expected_min, int expected_max)
{
    foreign_from = from;
    foreign_until = until;
    made = 0;
    struct streams *streams = NULL;
    assert_int_equal(streams_create(&streams, RNG_MLFG, SEED, FIRST, N, 2), WS_OK);
    assert_in_range(made, expected_min, expected_max);
    for (int64_t i = 0; i < N; i++) {
        uint64_t words[NUMBERS];
        int *object = init_sprng(SPRNG_MLFG, (int)(FIRST + i), 2147483647, SEED, 3);
        for (int k = 0; k < STREAM_DISCARD; k++)
            sprng(object);
        streams_fill(streams, i, NUMBERS, words);
        for (int k = 0; k < NUMBERS; k++)
            assert_true((double)(words[k] >> 12) * 0x1p-52 == sprng(object));
        free_sprng(object);
    }
    streams_destroy(streams);
}

/* Every stream, the first, the last, those above a million. */
static void test_foreign_starts(void **unused)
{
    (void)unused;
    need_sprng();
    check(0, INT32_MAX, N, 3 * N);
    check(FIRST, FIRST + 1, N, 3 * N);
    check(FIRST + N - 1, FIRST + N, N, 3 * N);
    check(1000000, INT32_MAX, N, 3 * N);
}

/* The library as it is makes a few streams only, for comparison. */
static void test_own_start(void **unused)
{
    (void)unused;
    need_sprng();
    check(0, 0, 2, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_foreign_starts),
        cmocka_unit_test(test_own_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
