/* Moments and conditions of the stationary law against values worked out by hand from the recursion. */

#include "models/kesten_theory.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct kesten_parameters lecture = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1};

static int near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fabs(b);
}

static void test_lecture(void **state)
{
    const struct theory theory = kesten_theory(&lecture);
    (void)state;
    assert_true(theory.has_stationary_law && theory.has_mean && theory.has_variance);
    assert_true(near(theory.mean, 2.466868353)); /* e^0.5 / (1 - 0.33 e^0.005) */
    assert_true(near(theory.variance, 5.262122969));
    assert_true(near(theory.tail_index, -2 * log(0.33) / 0.01));
}

/* With v1 = 0 wealth is a sum of independent incomes: mean E Y / (1 - a), variance var Y / (1 - a²). */
static void test_constant_return(void **state)
{
    const struct kesten_parameters model = {.r = 0, .s = 0.5, .v1 = 0, .v2 = 1};
    const struct theory theory = kesten_theory(&model);
    (void)state;
    assert_true(near(theory.mean, exp(0.5) / 0.5));
    assert_true(near(theory.variance, (exp(2) - exp(1)) / 0.75));
    assert_true(isinf(theory.tail_index));
}

static void test_limits(void **state)
{
    struct kesten_parameters model = lecture;
    (void)state;
    model.s = 1;
    assert_false(kesten_theory(&model).has_stationary_law);
    assert_true(isnan(kesten_theory(&model).tail_index));
    model = (struct kesten_parameters){.r = 0, .s = 0.9, .v1 = 0.5, .v2 = 1}; /* E A = 0.9 e^0.125 > 1 */
    assert_true(kesten_theory(&model).has_stationary_law);
    assert_false(kesten_theory(&model).has_mean);
    assert_true(isinf(kesten_theory(&model).mean));
    model = (struct kesten_parameters){
        .r = 0, .s = 0.8, .v1 = 0.5, .v2 = 1}; /* E A = 0.907, E A² = 0.64 e^0.5 = 1.055 */
    assert_true(kesten_theory(&model).has_mean);
    assert_false(kesten_theory(&model).has_variance);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lecture),
        cmocka_unit_test(test_constant_return),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
