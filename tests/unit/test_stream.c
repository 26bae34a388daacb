/* Streams of every family against SPRNG itself, and what the discarded numbers are for. */
#include "random/sprng.h"
#include "random/stream.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "linked_sprng.h"

enum { N = 700 };

/* The word that the header promises for a number of sprng(). */
static uint64_t word_of(double number)
{
    return number < 1 ? (uint64_t)(number * 0x1p52) : UINT64_C(0xfffffffffffff);
}

static struct streams *create(enum rng_family family, int64_t seed, int64_t first, int64_t n, int threads)
{
    struct streams *streams = NULL;
    assert_int_equal(streams_create(&streams, family, seed, first, n, threads), WS_OK);
    assert_non_null(streams);
    return streams;
}

/* Every family, in two layouts: the numbers of the stream that has the block's number, after the discarded
 * ones, however the draws are split. The other families are drawn in lockstep because lfg keeps one seed in
 * the process. */
static void test_families_follow_sprng(void **unused)
{
    (void)unused;
    need_sprng();
    for (int family = 0; family < RNG_FAMILIES; family++)
        for (int first = 0; sprng_has((enum rng_family)family) && first <= 3; first += 3) {
            const int64_t n = 4, seed = 2026;
            struct streams *streams = create((enum rng_family)family, seed, first, n, 1 + first / 3);
            for (int i = 0; i < n; i++) {
                int *object = init_sprng(family, first + i, 524288, (int)seed, family == RNG_MLFG ? 3 : 0);
                for (int k = 0; k < STREAM_DISCARD; k++)
                    sprng(object);
                uint64_t words[N];
                streams_fill(streams, i, 123, words);
                streams_fill(streams, i, 0, words + 123);
                streams_fill(streams, i, N - 123, words + 123);
                for (int k = 0; k < N; k++) {
                    const uint64_t expected = word_of(sprng(object));
                    if (words[k] >> 12 != expected)
                        fail_msg("%s, stream %d, number %d", rng_family_name((enum rng_family)family),
                            first + i, k);
                }
                free_sprng(object);
            }
            streams_destroy(streams);
        }
}

/* How many of the first n numbers two streams have in common, anywhere. */
static int common(const uint64_t *a, const uint64_t *b, int n)
{
    int count = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            count += a[i] >> 12 == b[j] >> 12;
    return count;
}

/* SPRNG begins stream 5 of seed 1 and stream 6 of seed 2 almost alike (5 XOR 1 = 6 XOR 2): hundreds of their
 * first 512 numbers are the same. Ours share none; of 2^18 pairs of independent numbers of 52 bits, one would
 * be equal with a chance of 6e-11. */
static void test_discard_separates_neighbours(void **unused)
{
    (void)unused;
    static const int pairs[][4] = {{1, 5, 2, 6}, {1, 0, 0, 1}, {42, 100, 42, 101}, {7, 8, 8, 7}};
    uint64_t a[512], b[512];
    for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
        struct streams *one = create(RNG_MLFG, pairs[p][0], pairs[p][1], 1, 1);
        struct streams *other = create(RNG_MLFG, pairs[p][2], pairs[p][3], 1, 1);
        streams_fill(one, 0, 512, a);
        streams_fill(other, 0, 512, b);
        assert_int_equal(common(a, b, 512), 0);
        streams_destroy(one);
        streams_destroy(other);
    }
}

/* A block's numbers depend neither on the range it is created in nor on the threads. */
static void test_numbers_depend_on_block_alone(void **unused)
{
    (void)unused;
    uint64_t a[N], b[N];
    struct streams *all = create(RNG_MLFG, 5, 0, 40, 3), *some = create(RNG_MLFG, 5, 17, 11, 2);
    for (int64_t i = 0; i < 11; i++) {
        streams_fill(all, 17 + i, N, a);
        streams_fill(some, i, N, b);
        assert_memory_equal(a, b, sizeof a);
    }
    assert_true(streams_seconds(all) > 0);
    streams_destroy(all);
    streams_destroy(some);
}

/* The last stream of each family that SPRNG accepts without a warning on standard error; only where creation
 * does not run through millions of draws. */
static void test_last_streams(void **unused)
{
    (void)unused;
    const enum rng_family quick[] = {RNG_LFG, RNG_LCG, RNG_MLFG};
    uint64_t words[4];
    for (size_t i = 0; i < sizeof quick / sizeof *quick; i++) {
        if (!sprng_has(quick[i]))
            continue;
        struct streams *streams = create(quick[i], 2026, rng_family_streams(quick[i]) - 1, 1, 1);
        streams_fill(streams, 0, 4, words);
        streams_destroy(streams);
    }
    assert_int_equal(rng_family_streams(RNG_LCG), 524288);
}

static void test_empty_range(void **unused)
{
    (void)unused;
    for (int family = 0; family < RNG_FAMILIES; family++)
        streams_destroy(create((enum rng_family)family, 1, 0, 0, 2));
    streams_destroy(NULL);
}

static void test_bytes(void **unused)
{
    (void)unused;
    for (int family = 0; family < RNG_FAMILIES; family++)
        assert_true(rng_family_stream_bytes((enum rng_family)family) > 0);
    assert_int_equal(rng_family_stream_bytes(RNG_MLFG), 512);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_families_follow_sprng),
        cmocka_unit_test(test_discard_separates_neighbours),
        cmocka_unit_test(test_numbers_depend_on_block_alone),
        cmocka_unit_test(test_last_streams),
        cmocka_unit_test(test_empty_range),
        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
