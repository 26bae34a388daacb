/* Counting points within the circle: against plain code and against exact integers, at every vector level. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lecture/circle.h"
#include "simd/simd.h"

/* Words without pattern: a multiplicative congruential generator's. */
static uint64_t next_word(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state ^ *state >> 29;
}

static void fill(uint64_t *words, uint64_t seed)
{
    for (int i = 0; i < 2 * CIRCLE_POINTS; i++)
        words[i] = next_word(&seed);
}

/* In units of 2^-52, squares in 128 bits: no rounding at all. */
static int is_within(uint64_t x_word, uint64_t y_word)
{
    const __int128 x = (__int128)(x_word >> 12) - ((__int128)1 << 51),
                   y = (__int128)(y_word >> 12) - ((__int128)1 << 51);
    return x * x + y * y < (__int128)1 << 102;
}

static int64_t count_exactly(const uint64_t *words, int n)
{
    int64_t inside = 0;
    for (int i = 0; i < n; i++)
        inside += is_within(words[i], words[CIRCLE_POINTS + i]);
    return inside;
}

static void test_random_points(void **state)
{
    uint64_t words[2 * CIRCLE_POINTS];
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        fill(words, seed);
        for (int n = 0; n <= CIRCLE_POINTS; n += seed == 1 ? 1 : 51)
            for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
                assert_int_equal(circle_count(words, n), count_exactly(words, n));
    }
}

/* The rim: (0, 1/2) is not within, the point beside it towards the centre is. The lower 12 bits count for nothing. */
static void test_rim(void **state)
{
    const uint64_t half = UINT64_C(1) << 63, unit = 1 << 12;
    const struct {
        uint64_t x, y;
        int is_within;
    } points[] = {{0, half, 0}, {0xfff, half, 0}, {unit, half, 1}, {half, 0, 0}, {half, unit, 1},
        {half, half, 1}, {0, 0, 0}, {UINT64_MAX, half, 1}, {UINT64_MAX, UINT64_MAX, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        uint64_t words[2 * CIRCLE_POINTS] = {0};
        for (int place = 0; place < 9; place++) {
            words[place] = points[i].x;
            words[CIRCLE_POINTS + place] = points[i].y;
        }
        for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
            assert_int_equal(circle_count(words, 9), 9 * points[i].is_within);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_points),
        cmocka_unit_test(test_rim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
