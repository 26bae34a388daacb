/* The stationary law against another method, closed forms and theory's exact moments. Nothing here is
 * random. */

#include "models/kesten_theory.h"
#include "models/stationary.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct stationary *create(const struct kesten_parameters *model)
{
    struct stationary *law;
    assert_int_equal(stationary_create(&law, model), WS_OK);
    assert_non_null(law);
    return law;
}

#define assert_near(a, b, tolerance) assert_near_at(a, b, tolerance, #a, __LINE__)
static void assert_near_at(double a, double b, double tolerance, const char *what, int line)
{
    if (!(fabs(a - b) <= tolerance * fabs(b)))
        fail_msg("line %d: %s is %.12g, not %.12g to %g", line, what, a, b, tolerance);
}

/* Computed by tests/bench/stationary_reference.py on two grids, which agree to the digits below but for
 * the last. It solves for the distribution function of w by spline collocation, F(x) = E F((x - Y) / A),
 * and shares nothing with the C code. The lecture's figures to 6 digits were known before either. NaN: the
 * mean is infinite. */
static const struct {
    const char *name;
    struct kesten_parameters model;
    double quantile[7]; /* of 1, 10, 25, 50, 75, 90, 99 % */
    double gini, bottom_half, top_10, top_1;
} reference[] = {
    {"the lecture's: tail index 222", {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1},
        {0.4396715503, 0.8084150058, 1.178037733, 1.835240992, 2.953971433, 4.690911232, 11.33799401},
        0.3950735064, 0.2372213373, 0.3048382344, 0.06604301622},
    {"a finite variance, an infinite fourth moment: tail index 2.74",
        {.r = 0.04, .s = 0.85, .v1 = 0.3, .v2 = 0.6},
        {3.409563001, 5.661865482, 7.816879798, 11.60800544, 18.20864337, 29.05015158, 77.47059881},
        0.3922567245, 0.2439230364, 0.3158190142, 0.07925900052},
    {"an infinite variance: tail index 1.79", {.r = 0, .s = 0.8, .v1 = 0.5, .v2 = 0.5},
        {1.715384737, 2.960421971, 4.244223709, 6.752799678, 11.87384393, 22.08365914, 88.02180893},
        0.5276717932, 0.1756817778, 0.4454217456, 0.1680232218},
    {"a constant return", {.r = 0.05, .s = 0.6, .v1 = 0, .v2 = 1.5},
        {1.211480126, 2.280321357, 3.399525453, 5.498579384, 9.371936294, 16.08946291, 48.83419528},
        0.458630176, 0.2041783865, 0.3640764393, 0.09953046542},
    {"an infinite mean: tail index 0.84", {.r = 0, .s = 0.9, .v1 = 0.5, .v2 = 1},
        {2.684108147, 6.418782933, 11.4796131, 24.74922096, 66.17225615, 209.5988662, 3312.421261}, NAN, NAN,
        NAN, NAN},
};

static void test_reference(void **state)
{
    static const double p[] = {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99};
    (void)state;
    for (size_t i = 0; i < sizeof reference / sizeof *reference; i++) {
        struct stationary *law = create(&reference[i].model);
        print_message("%s: stated error %.1e\n", reference[i].name, stationary_error(law));
        assert_true(stationary_error(law) < 1e-8);
        for (size_t q = 0; q < sizeof p / sizeof *p; q++)
            assert_near(stationary_quantile(law, p[q]), reference[i].quantile[q], 4e-9);
        if (isnan(reference[i].gini)) {
            assert_true(isnan(stationary_gini(law)) && isnan(stationary_lorenz(law, 0.5)));
            assert_true(isinf(stationary_mean(law)));
        } else {
            assert_near(stationary_gini(law), reference[i].gini, 1e-9);
            assert_near(stationary_lorenz(law, 0.5), reference[i].bottom_half, 1e-9);
            assert_near(stationary_share_top(law, 0.1), reference[i].top_10, 1e-9);
            assert_near(stationary_share_top(law, 0.01), reference[i].top_1, 1e-9);
        }
        stationary_destroy(law);
    }
}

static double normal_cdf(double x)
{
    return erfc(-x * M_SQRT1_2) / 2;
}

/* Without saving wealth is income: lognormal, with Gini 2 Φ(v2 / √2) - 1 and Lorenz curve Φ(Φ⁻¹(p) - v2).
 * The same must come out of the grid when saving is too small to matter. */
static void test_lognormal(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        const double v2 = (double[]){0.01, 0.5, 3}[i % 3];
        const struct kesten_parameters model = {.r = 0.1, .s = i < 3 ? 0 : 1e-20, .v1 = 0.1, .v2 = v2};
        struct stationary *law = create(&model);
        for (double x = -3; x <= 3; x += 0.5) {
            const double p = normal_cdf(x);
            assert_near(stationary_cdf(law, exp(v2 * x)), p, 1e-10);
            assert_near(stationary_quantile(law, p), exp(v2 * x), 1e-10);
            assert_near(stationary_lorenz(law, p), normal_cdf(x - v2), 1e-9);
        }
        assert_near(stationary_gini(law), 2 * normal_cdf(v2 * M_SQRT1_2) - 1, 1e-9);
        stationary_destroy(law);
    }
}

/* Without any shock everyone ends at 1 / (1 - gain). */
static void test_point(void **state)
{
    const struct kesten_parameters model = {.r = 0, .s = 0.75, .v1 = 0, .v2 = 0};
    struct stationary *law = create(&model);
    (void)state;
    assert_near(stationary_quantile(law, 0.3), 4, 1e-15);
    assert_true(stationary_cdf(law, 3.999) == 0 && stationary_cdf(law, 4) == 1);
    assert_true(stationary_gini(law) == 0 && stationary_error(law) == 0 && stationary_variance(law) == 0);
    assert_near(stationary_lorenz(law, 0.3), 0.3, 1e-15);
    assert_near(stationary_mean(law), 4, 1e-15);
    stationary_destroy(law);
}

/* The law's integrals are theory's moments: over both kinds of kernel, without income's shock, with slow
 * mixing. */
static void test_moments(void **state)
{
    static const struct kesten_parameters models[] = {
        {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1},
        {.r = 0, .s = 0.5, .v1 = 0, .v2 = 0.01},
        {.r = 0, .s = 0.5, .v1 = 0.01, .v2 = 1},
        {.r = 0, .s = 0.5, .v1 = 0.1, .v2 = 0},
        {.r = 0.05, .s = 0.2, .v1 = 0.5, .v2 = 0.8},
        {.r = -0.01, .s = 1, .v1 = 0.03, .v2 = 0.2},
        {.r = 0, .s = 0.9999, .v1 = 0.003, .v2 = 0.1},
        {.r = 0, .s = 1e-6, .v1 = 0.1, .v2 = 1},
        {.r = 0, .s = 0.999, .v1 = 0, .v2 = 0.5},
        {.r = 0, .s = 0.5, .v1 = 1e-4, .v2 = 1e-3},
    };
    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct stationary *law = create(&models[i]);
        const struct theory theory = kesten_theory(&models[i]);
        print_message("s = %g, v1 = %g, v2 = %g: mean off by %.1e, variance by %.1e\n", models[i].s,
            models[i].v1, models[i].v2, stationary_mean(law) / theory.mean - 1,
            stationary_variance(law) / theory.variance - 1);
        assert_near(stationary_mean(law), theory.mean, 1e-10);
        assert_near(stationary_variance(law), theory.variance, 1e-7);
        stationary_destroy(law);
    }
}

/* Whoever asks for a quantile's probability gets it back; the questions agree with one another. */
static void test_questions(void **state)
{
    static const struct kesten_parameters models[] = {{.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1},
        {.r = 0, .s = 0.8, .v1 = 0.5, .v2 = 0.01}, {.r = 0, .s = 0.9, .v1 = 0, .v2 = 0.5},
        {.r = 0, .s = 0.6, .v1 = 0.4, .v2 = 0}};
    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct stationary *law = create(&models[i]);
        double before = 0, gini = 1;
        for (int k = 1; k < 100; k++) {
            const double p = k / 100., q = stationary_quantile(law, p), lorenz = stationary_lorenz(law, p);
            assert_near(stationary_cdf(law, q), p, 1e-11);
            assert_true(q > before);
            assert_true(lorenz < p);
            assert_near(stationary_share_top(law, 1 - p), 1 - lorenz, 1e-9);
            before = q;
            gini -= 2 * lorenz / 100; /* 1 - 2 ∫ L dp by the trapezoid rule, whose ends follow */
        }
        gini -= 1 / 100.;
        assert_near(gini, stationary_gini(law), 0.01);
        assert_true(stationary_cdf(law, 0) == 0 && stationary_cdf(law, -1) == 0 &&
                    stationary_cdf(law, INFINITY) == 1);
        assert_true(isnan(stationary_cdf(law, NAN)) && isnan(stationary_quantile(law, 0)) &&
                    isnan(stationary_quantile(law, 1)) && isnan(stationary_quantile(law, NAN)));
        assert_true(stationary_lorenz(law, 0) == 0 && stationary_lorenz(law, 1) == 1);
        assert_true(isnan(stationary_lorenz(law, 1.5)));
        stationary_destroy(law);
    }
}

/* The tail falls with Kesten's index, also where it is heavy and the chain mixes slowly. */
static void test_tail(void **state)
{
    static const struct kesten_parameters models[] = {{.r = 0, .s = 0.8, .v1 = 0.5, .v2 = 0.5},
        {.r = 0, .s = 0.999, .v1 = 0.1, .v2 = 1}, {.r = 0, .s = 0.5, .v1 = 3, .v2 = 1}};
    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct stationary *law = create(&models[i]);
        const double far = stationary_quantile(law, 1 - 1e-8), near = stationary_quantile(law, 1 - 1e-7);
        assert_near(log(10) / log(far / near), kesten_theory(&models[i]).tail_index, 1e-3);
        stationary_destroy(law);
    }
}

/* Where there is no law, or none that this method finds, the answer is NaN, not a number. */
static void test_unknown(void **state)
{
    static const struct kesten_parameters models[] = {{.r = 0, .s = 1, .v1 = 0.1, .v2 = 1},
        {.r = 1, .s = 0.8, .v1 = 0, .v2 = 0}, {.r = 0, .s = 0.5, .v1 = 100, .v2 = 1},
        {.r = 0, .s = 0.5, .v1 = 0.1, .v2 = 100}, {.r = 0, .s = 0.5, .v1 = 1e200, .v2 = 1e200},
        {.r = 0, .s = 1 - 1e-15, .v1 = 0, .v2 = 1}};
    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        struct stationary *law = create(&models[i]);
        assert_true(isnan(stationary_error(law)));
        assert_true(isnan(stationary_cdf(law, 1)));
        assert_true(isnan(stationary_quantile(law, 0.5)));
        assert_true(isnan(stationary_lorenz(law, 0.5)));
        assert_true(isnan(stationary_share_top(law, 0.1)));
        assert_true(isnan(stationary_gini(law)));
        assert_true(isnan(stationary_mean(law)));
        assert_true(isnan(stationary_variance(law)));
        stationary_destroy(law);
    }
    stationary_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_lognormal),
        cmocka_unit_test(test_point),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_tail),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
