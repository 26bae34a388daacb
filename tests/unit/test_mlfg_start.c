/* States made directly against those that SPRNG's own init_sprng makes, to the bit. */
#include "random/mlfg_start.h"
#include "simd/simd.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "linked_sprng.h"

enum { LAST_STREAM = INT32_MAX - 1 };

/* init_sprng's state, discard calls of sprng() on. */
static struct mlfg state_of_sprng(uint32_t seed, uint32_t stream, uint64_t discard)
{
    int *object = init_sprng(SPRNG_MLFG, (int)stream, (int)stream + 1, (int)seed, 3);
    assert_non_null(object);
    for (uint64_t i = 0; i < discard; i++)
        sprng(object);
    struct mlfg state;
    char *packed = NULL;
    const int bytes = pack_sprng(object, &packed);
    assert_int_equal(bytes, MLFG_PACKED_BYTES);
    assert_int_equal(mlfg_unpack((unsigned char *)packed, (size_t)bytes, &state), 0);
    free(packed);
    free_sprng(object);
    return state;
}

/* At every level that this processor runs. */
static void assert_equals(const struct mlfg_start *start, uint32_t stream, const struct mlfg *expected,
    uint32_t seed, uint64_t discard)
{
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);) {
        struct mlfg state;
        mlfg_start_state(start, stream, &state);
        for (int i = 0; i <= MLFG_LAG; i++)
            if (state.x[i] != expected->x[i])
                fail_msg("seed %u, stream %u, %llu discarded, level %s, number %d: %016llx, SPRNG %016llx",
                    seed, stream, (unsigned long long)discard, simd_name(), i, (unsigned long long)state.x[i],
                    (unsigned long long)expected->x[i]);
    }
}

static void check(const struct mlfg_start *start, uint32_t seed, uint32_t stream, uint64_t discard)
{
    const struct mlfg expected = state_of_sprng(seed, stream, discard);
    assert_equals(start, stream, &expected, seed, discard);
}

static uint32_t draw(uint64_t *chance)
{
    *chance = *chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*chance >> 33);
}

static uint32_t draw_stream(uint64_t *chance)
{
    const uint32_t stream = draw(chance);
    return stream <= LAST_STREAM ? stream : LAST_STREAM;
}

static const uint32_t some_seeds[] = {0, 1, 2, 42, 2026, 0x372f05ac, 0x40000000, INT32_MAX - 1, INT32_MAX};

/* The ends of the range, each bit alone and its neighbours. */
static void test_chosen_streams(void **unused)
{
    (void)unused;
    need_sprng();
    static struct mlfg_start start;
    for (size_t s = 0; s < sizeof some_seeds / sizeof *some_seeds; s++) {
        mlfg_start_init(&start, some_seeds[s], 0);
        for (int bit = 0; bit < 31; bit++)
            for (uint32_t beside = 0; beside <= 2; beside++)
                check(&start, some_seeds[s], (1U << bit) - 1 + beside, 0);
        check(&start, some_seeds[s], LAST_STREAM, 0);
    }
}

/* The stream that would leave SPRNG's register empty under its seed, and those beside it. */
static void test_empty_register(void **unused)
{
    (void)unused;
    need_sprng();
    static struct mlfg_start start;
    for (size_t s = 0; s < sizeof some_seeds / sizeof *some_seeds; s++) {
        mlfg_start_init(&start, some_seeds[s], 0);
        const uint32_t empty = some_seeds[s] ^ 0x372f05ac;
        for (uint32_t stream = empty > 0 ? empty - 1 : 0; stream <= empty + 1 && stream <= LAST_STREAM;
             stream++)
            check(&start, some_seeds[s], stream, 0);
    }
}

/* All powers of two as seeds, and random ones, with random streams. */
static void test_seeds(void **unused)
{
    (void)unused;
    need_sprng();
    static struct mlfg_start start;
    uint64_t chance = 1;
    for (int i = 0; i < 131; i++) {
        const uint32_t seed = i < 31 ? 1U << i : draw(&chance);
        mlfg_start_init(&start, seed, 0);
        for (int k = 0; k < 40; k++)
            check(&start, seed, draw_stream(&chance), 0);
    }
}

/* Seeds that differ in their highest bit only are the same. */
static void test_low_bits_of_seed_count(void **unused)
{
    (void)unused;
    need_sprng();
    static struct mlfg_start start;
    for (size_t s = 0; s < sizeof some_seeds / sizeof *some_seeds; s++) {
        mlfg_start_init(&start, some_seeds[s] | 1U << 31, 0);
        for (uint32_t stream = 0; stream < 5; stream++) {
            check(&start, some_seeds[s], stream, 0);
            check(&start, some_seeds[s] | 1U << 31, stream, 0);
        }
    }
}

/* The states after discarded numbers, around the lags and at what streams discard. */
static void test_discard(void **unused)
{
    (void)unused;
    need_sprng();
    static struct mlfg_start start;
    static const uint64_t longer[] = {1000, 8191, 8192, 8193, 100003};
    uint64_t chance = 2;
    for (uint64_t i = 0; i < 200 + sizeof longer / sizeof *longer; i++) {
        const uint64_t discard = i < 200 ? i : longer[i - 200];
        const uint32_t seed = draw(&chance);
        mlfg_start_init(&start, seed, discard);
        for (int k = 0; k < 3; k++)
            check(&start, seed, draw_stream(&chance), discard);
    }
}

/* Farther than can be drawn: the sequence repeats after 2^61 (2^63 - 1) numbers, and numbers modulo 8, of which 3^e
 * has two, after 2^63 - 1 at most; so 2^63 - 1 on, the lowest three bits are the same. */
static void test_far(void **unused)
{
    (void)unused;
    static struct mlfg_start near, far;
    for (uint32_t stream = 0; stream < 20; stream++) {
        struct mlfg here, there;
        mlfg_start_init(&near, 7, 0);
        mlfg_start_init(&far, 7, UINT64_MAX >> 1);
        mlfg_start_state(&near, stream, &here);
        mlfg_start_state(&far, stream, &there);
        int differs = 0;
        for (int i = 0; i < MLFG_LAG; i++) {
            assert_int_equal(here.x[i] & 7, there.x[i] & 7);
            differs += here.x[i] != there.x[i];
        }
        assert_true(differs > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chosen_streams),
        cmocka_unit_test(test_empty_register),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_low_bits_of_seed_count),
        cmocka_unit_test(test_discard),
        cmocka_unit_test(test_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
