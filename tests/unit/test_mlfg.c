/* The bulk fill against SPRNG's own sprng(), to the bit. */
#include "random/mlfg.h"
#include "simd/simd.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "linked_sprng.h"

enum { LONGEST = 20000 };

static const int streams[] = {0, 1, 2, 5, 6, 63, 255, 4096, 99999, 1000003, 2147483646};
static const int seeds[] = {0, 1, 2, 42, 123456789, 2147483647};

static int *open_stream(int stream, int seed)
{
    int *object = init_sprng(SPRNG_MLFG, stream, 2147483647, seed, 3);
    assert_non_null(object);
    return object;
}

static struct mlfg state_of(int *object)
{
    struct mlfg state;
    char *packed = NULL;
    const int bytes = pack_sprng(object, &packed);
    assert_int_equal(bytes, MLFG_PACKED_BYTES);
    assert_int_equal(mlfg_unpack((unsigned char *)packed, (size_t)bytes, &state), 0);
    free(packed);
    return state;
}

static void assert_follows(int *object, const uint64_t *words, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++) {
        const double expected = sprng(object), is = (double)(words[i] >> 12) * 0x1p-52;
        if (is != expected)
            fail_msg(
                "%s, level %s, number %zu: %.17g, sprng() gives %.17g", what, simd_name(), i, is, expected);
    }
}

/* Every level that this processor runs, many streams and seeds. */
static void test_streams_and_seeds(void **unused)
{
    (void)unused;
    need_sprng();
    uint64_t words[1500];
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
        for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
            for (size_t j = 0; j < sizeof seeds / sizeof *seeds; j++) {
                char what[64];
                snprintf(what, sizeof what, "stream %d of seed %d", streams[i], seeds[j]);
                int *object = open_stream(streams[i], seeds[j]);
                struct mlfg state = state_of(object);
                mlfg_fill(&state, 1500, words);
                assert_follows(object, words, 1500, what);
                free_sprng(object);
            }
}

/* All lengths around the lags and the vector widths, each followed by another fill. */
static void test_lengths(void **unused)
{
    (void)unused;
    need_sprng();
    uint64_t words[1000];
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
        for (size_t n = 0; n <= 600; n++) {
            char what[64];
            snprintf(what, sizeof what, "%zu numbers, then 80", n);
            int *object = open_stream(7, 11);
            struct mlfg state = state_of(object);
            words[n + 80] = 1234567;
            mlfg_fill(&state, n, words);
            mlfg_fill(&state, 80, words + n);
            assert_int_equal(words[n + 80], 1234567);
            assert_follows(object, words, n + 80, what);
            free_sprng(object);
        }
}

/* Fills of random lengths at any alignment, skips between them, levels mixed. */
static void test_split_points(void **unused)
{
    (void)unused;
    need_sprng();
    static uint64_t words[LONGEST];
    const int best = simd_level();
    for (unsigned round = 0; round < 40; round++) {
        int *object = open_stream(100 + (int)round, 3);
        struct mlfg state = state_of(object);
        unsigned place = 0, chance = 12345 + round;
        while (place < LONGEST) {
            chance = chance * 1664525 + 1013904223;
            const unsigned left = LONGEST - place, asked = (chance >> 8) % (round % 2 ? 700 : 70);
            const unsigned n = asked < left ? asked : left;
            simd_use((int)(chance >> 28) % (best + 1));
            if (chance & 0x80) {
                mlfg_skip(&state, n);
                for (unsigned i = 0; i < n; i++)
                    words[place + i] = (uint64_t)(sprng(object) * 0x1p52) << 12;
            } else {
                mlfg_fill(&state, n, words + place);
                assert_follows(object, words + place, n, "split");
            }
            place += n;
        }
        free_sprng(object);
    }
    simd_use(best);
}

/* unpack_sprng continues the sequence from a packed state that was moved on in bulk. */
static void test_pack_continues(void **unused)
{
    (void)unused;
    need_sprng();
    for (int drawn = 0; drawn < 130; drawn++) {
        int *object = open_stream(31, 8);
        for (int i = 0; i < drawn; i++)
            sprng(object);
        char *packed = NULL;
        const size_t bytes = (size_t)pack_sprng(object, &packed);
        struct mlfg state;
        assert_int_equal(mlfg_unpack((unsigned char *)packed, bytes, &state), 0);

        char *again = malloc(bytes);
        memcpy(again, packed, bytes);
        assert_int_equal(mlfg_pack(&state, (unsigned char *)again, bytes), 0);
        assert_memory_equal(again, packed, bytes);
        free(again);

        uint64_t words[200];
        mlfg_skip(&state, 777);
        assert_int_equal(mlfg_pack(&state, (unsigned char *)packed, bytes), 0);
        int *moved = unpack_sprng(packed);
        mlfg_fill(&state, 200, words);
        assert_follows(moved, words, 200, "after pack and unpack");
        free(packed);
        free_sprng(object);
        free_sprng(moved);
    }
}

/* Whatever is not the packed form of lags (63, 31) is refused. */
static void test_foreign_is_refused(void **unused)
{
    (void)unused;
    need_sprng();
    int *object = open_stream(0, 1);
    char *packed = NULL;
    const size_t bytes = (size_t)pack_sprng(object, &packed);
    unsigned char *ours = (unsigned char *)packed;
    struct mlfg state = state_of(object);

    assert_int_equal(mlfg_unpack(ours, bytes - 1, &state), -1);
    const size_t fields[] = {3, 63, 67, 71, 75}; /* type, parameter, place, both lags */
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        ours[fields[i]] ^= 0x40;
        assert_int_equal(mlfg_unpack(ours, bytes, &state), -1);
        assert_int_equal(mlfg_pack(&state, ours, bytes), -1);
        ours[fields[i]] ^= 0x40;
    }
    ours[bytes - 1] ^= 1; /* an even lag */
    assert_int_equal(mlfg_unpack(ours, bytes, &state), -1);
    free(packed);
    free_sprng(object);

    for (int parameter = 0; parameter < 3; parameter++) {
        int *other = init_sprng(SPRNG_MLFG, 0, 10, 1, parameter);
        const size_t length = (size_t)pack_sprng(other, &packed);
        assert_int_equal(mlfg_unpack((unsigned char *)packed, length, &state), -1);
        free(packed);
        free_sprng(other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams_and_seeds),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_split_points),
        cmocka_unit_test(test_pack_continues),
        cmocka_unit_test(test_foreign_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
