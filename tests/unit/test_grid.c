/* The function on the grid: against libm, at every vector level to the bit, and the axis against its definition. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extended.h"
#include "lecture/grid.h"
#include "simd/simd.h"

static double next_uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

/* f at one point, whose squares are given; the same from all levels. */
static double value_at(double x_square, double y_square)
{
    const double value = grid_row_maximum(y_square, &x_square, 1);
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
        assert_true(grid_row_maximum(y_square, &x_square, 1) == value);
    return value;
}

/* The cosine's error, as far as f shows it: f (1 + a) - cos a, in long double. */
static double error_at(double a)
{
    return fabs((double)((long double)value_at(a, 0) * (1 + (long double)a) - cosl(a)));
}

/* Largest error over sweeps of several scales, where the quotient's own rounding takes part: 2^-53 of |cos a| <= 1. */
static void test_cosine(void **state)
{
    uint64_t seed = 1;
    double largest = 0;
    (void)state;
    need_long_double();
    for (double scale = 1e-6; scale <= 2e8; scale *= 4)
        for (int i = 0; i < 20000; i++)
            largest = fmax(largest, error_at(scale * next_uniform(&seed)));
    /* where the reduction is hardest: next to multiples of pi/2 */
    for (int64_t k = 1; k < 127000000; k += 1 + k / 3000)
        for (int step = -2; step <= 2; step++) {
            double a = (double)((long double)k * M_PIl / 2);
            for (int i = 0; i != step; i += step > 0 ? 1 : -1)
                a = nextafter(a, step > 0 ? INFINITY : 0);
            largest = fmax(largest, error_at(a));
        }
    print_message("largest error of the cosine: %.3g\n", largest);
    assert_true(largest < 2.9e-16);
}

/* Near its largest values, the sum's last rounding alone is lost: 1 - a²/2 for small a. */
static void test_near_the_maximum(void **state)
{
    uint64_t seed = 2;
    (void)state;
    assert_true(value_at(0, 0) == 1);
    for (int i = 0; i < 100000; i++) {
        const double a = 1e-3 * next_uniform(&seed);
        assert_true(value_at(a, 0) == cos(a) / (1 + a));
    }
}

/* The largest of a row is the largest of its values, at all lengths that end within a vector. */
static void test_rows(void **state)
{
    double squares[40];
    uint64_t seed = 3;
    (void)state;
    for (int round = 0; round < 200; round++)
        for (int n = 1; n <= 40; n += round < 20 ? 1 : 13) {
            const double y_square = 100 * next_uniform(&seed);
            double largest = -INFINITY;
            for (int j = 0; j < n; j++) {
                squares[j] = 100 * next_uniform(&seed);
                largest = fmax(largest, value_at(squares[j], y_square));
            }
            for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
                assert_true(grid_row_maximum(y_square, squares, n) == largest);
        }
}

/* As numpy.linspace: its values for linspace(-3, 3, 7), linspace(0, 1, 11) and the ends of others. */
static void test_axis(void **state)
{
    const struct axis sevenths = {.lower = -3, .upper = 3, .points = 7};
    const struct axis tenths = {.lower = 0, .upper = 1, .points = 11},
                      single = {.lower = 2, .upper = 5, .points = 1};
    const struct axis back = {.lower = 0.1, .upper = -0.7, .points = 5000};
    (void)state;
    for (int i = 0; i < 7; i++)
        assert_true(axis_point(&sevenths, i) == i - 3);
    assert_true(
        axis_point(&tenths, 3) == 0.30000000000000004 && axis_point(&tenths, 7) == 0.7000000000000001);
    assert_true(axis_point(&single, 0) == 2);
    assert_true(axis_point(&back, 0) == 0.1 && axis_point(&back, 4999) == -0.7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cosine),
        cmocka_unit_test(test_near_the_maximum),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_axis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
