/* Laws that are stepped together against each alone: the same bits, whichever laws are neighbours and in whatever order, at
 * every vector level. */
#include "models/kesten.h"
#include "random/normals.h"
#include "simd/simd.h"
#include "splitmix.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Pairs of them share everything, income alone, growth alone, v1 but not the gain, or nothing; guarded ones are among them,
 * which have the v2, or the growth, of plain ones. */
static const struct kesten_parameters parameters[] = {
    {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1},
    {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 90},
    {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 0.5},
    {.r = 0.1, .s = 0.9, .v1 = 0.1, .v2 = 1},
    {.r = 0.02, .s = 0.9, .v1 = 0.1, .v2 = 0.5},
    {.r = 0.1, .s = 0.3, .v1 = 0.7, .v2 = 1},
    {.r = -0.5, .s = 1, .v1 = 0, .v2 = 0},
    {.r = 0.1, .s = 0.3, .v1 = 80, .v2 = 1},
    {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 70},
    {.r = 0.1, .s = 0, .v1 = 0.1, .v2 = 0.5},
    {.r = 0.1, .s = 0, .v1 = 0.1, .v2 = 0.5},
    {.r = 0.3, .s = 0.95, .v1 = 50, .v2 = 50},
};

enum { LAWS = sizeof parameters / sizeof parameters[0], MOST = 23, PERIODS = 3 };

static struct kesten_law laws[LAWS];
static _Alignas(64) double normals[NORMALS], together[MOST][BLOCK_SIZE], alone[MOST][BLOCK_SIZE];

static uint64_t seed;

static void draw(void)
{
    uint64_t words[NORMALS];
    for (int i = 0; i < NORMALS; i++)
        words[i] = next_word(&seed);
    normals_of(words, normals);
}

/* Some periods of n laws, by their numbers. */
static void check(const int *numbers, int n)
{
    const void *of[MOST];
    struct block_state states[MOST];
    for (int i = 0; i < n; i++) {
        of[i] = &laws[numbers[i]];
        states[i] = (struct block_state){.arrays = {together[i]}};
        for (int j = 0; j < BLOCK_SIZE; j++)
            together[i][j] = alone[i][j] = i % 3 == 1 && j % 50 == 0 ? INFINITY : i * 1e3 + j;
    }
    for (int t = 0; t < PERIODS; t++) {
        draw();
        kesten_step_together(of, n, normals, states);
        for (int i = 0; i < n; i++) {
            kesten_step(&laws[numbers[i]], normals, alone[i]);
            if (memcmp(together[i], alone[i], sizeof alone[i]) != 0)
                fail_msg("level %s: law %d is another as number %d of %d", simd_name(), numbers[i], i, n);
        }
    }
}

static int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < LAWS; i++)
        kesten_law_init(&laws[i], &parameters[i]);
    return 0;
}

static void test_every_three_neighbours(void **state)
{
    (void)state;
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
        for (int i = 0; i < LAWS * LAWS * LAWS; i++)
            check((const int[]){i % LAWS, i / LAWS % LAWS, i / (LAWS * LAWS)}, 3);
}

static void test_random_companies(void **state)
{
    int numbers[MOST];
    (void)state;
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
        for (int round = 0; round < 200; round++) {
            const int n = round % (MOST + 1);
            for (int i = 0; i < n; i++)
                numbers[i] = (int)(next_word(&seed) % LAWS);
            check(numbers, n);
        }
}

/* Ordered, laws that share are neighbours, whatever stood between them; and the order is one. */
static void test_order(void **state)
{
    (void)state;
    for (int i = 0; i < LAWS; i++)
        for (int j = 0; j < LAWS; j++) {
            const int ij = model_kesten.compare(&laws[i], &laws[j]);
            assert_true(ij == -model_kesten.compare(&laws[j], &laws[i]));
            assert_true(
                ij != 0 || (parameters[i].v2 == parameters[j].v2 && parameters[i].v1 == parameters[j].v1));
            for (int k = 0; k < LAWS; k++) {
                const int jk = model_kesten.compare(&laws[j], &laws[k]),
                          ik = model_kesten.compare(&laws[i], &laws[k]);
                assert_true(!(ij <= 0 && jk <= 0) || ik <= 0);
                assert_true(!(ij <= 0 && jk <= 0 && parameters[i].v2 == parameters[k].v2) ||
                            parameters[j].v2 == parameters[i].v2);
            }
        }
    assert_int_equal(model_kesten.compare(&laws[0], &laws[1]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_three_neighbours),
        cmocka_unit_test(test_random_companies),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
