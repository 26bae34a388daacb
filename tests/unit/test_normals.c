/* Normals: by Box and Muller's formula, and at every vector level to the bit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "random/normals.h"
#include "simd/simd.h"
#include "splitmix.h"

enum { PAIRS = NORMALS / 2 };

static void test_formula(void **state)
{
    uint64_t words[NORMALS];
    double normals[NORMALS], largest = 0;
    (void)state;
    for (uint64_t round = 0; round < 300; round++) {
        random_words(round, words, NORMALS);
        normals_of(words, normals);
        for (int i = 0; i < PAIRS; i++) {
            const long double two_pi = 6.283185307179586476925286766559L;
            const long double radius = sqrtl(-2 * logl(1 - (long double)(words[i] >> 12) * 0x1p-52L));
            const uint64_t angle = words[PAIRS + i];
            const long double t = (long double)(angle >> 12 & 0x7ffffffffffff) * 0x1p-52L - 0.25L;
            const long double zeta = (angle >> 63 ? -radius : radius) * cosl(two_pi * t);
            const long double xi = radius * sinl(two_pi * t);
            largest = fmax(largest, (double)fabsl(normals[i] - zeta));
            largest = fmax(largest, (double)fabsl(normals[PAIRS + i] - xi));
        }
    }
    print_message("largest absolute error: %.3g\n", largest);
    assert_true(largest < 4e-14);
}

static void test_levels(void **state)
{
    uint64_t words[NORMALS];
    double expected[NORMALS], normals[NORMALS];
    (void)state;
    for (uint64_t round = 0; round < 100; round++) {
        random_words(1000 + round, words, NORMALS);
        normals_of(words, expected);
        for (struct simd_tour tour = simd_tour(); simd_next(&tour);) {
            normals_of(words, normals);
            assert_memory_equal(normals, expected, sizeof normals);
        }
    }
}

/* Mean, variance and fourth moment of 512,000 normals: within 5 standard errors, which 1 in 600,000 seeds would miss. */
static void test_moments(void **state)
{
    enum { ROUNDS = 1000 };
    const double n = (double)ROUNDS * NORMALS;
    uint64_t words[NORMALS];
    double normals[NORMALS], sums[3] = {0};
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        random_words(5000 + round, words, NORMALS);
        normals_of(words, normals);
        for (int i = 0; i < NORMALS; i++) {
            const double square = normals[i] * normals[i];
            sums[0] += normals[i];
            sums[1] += square;
            sums[2] += square * square;
        }
    }
    assert_true(fabs(sums[0] / n) < 5 * sqrt(1 / n));
    assert_true(fabs(sums[1] / n - 1) < 5 * sqrt(2 / n));
    assert_true(fabs(sums[2] / n - 3) < 5 * sqrt(96 / n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formula),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
