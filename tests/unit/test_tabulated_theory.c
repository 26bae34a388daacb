/* The tail of a model file's law against closed forms. */
#include "made_up_models.h"
#include "models/tabulated_theory.h"
#include <string.h>

/* One linear rule, lognormal returns: κ = -2 (log s + μ) / σ². */
static struct tabulated_data linear(double s, double mean, double sd)
{
    const struct kind kind = {"linear", 2, 1, 2, 1, 0, .nearness = 1, .lower_bound = -TABULATED_BOUND};
    struct tabulated_data data = make(&kind);
    for (int i = 0; i < 2; i++) {
        data.values[POLICY_WEALTH][i] = i;
        data.values[POLICY_SAVINGS][i] = s * i;
        data.values[RETURN_CONSTANT][i] = 0;
        data.values[RETURN_LOG_MEAN][i] = mean;
        data.values[RETURN_LOG_SD][i] = sd;
    }
    return data;
}

static void test_tail_index_of_one_rule(void **state)
{
    (void)state;
    for (double sd = 0.2; sd < 0.9; sd += 0.1) {
        struct tabulated_data data = linear(0.9, 0.02, sd);
        const struct theory theory = tabulated_theory(&data);
        const double index = -2 * (log(0.9) + 0.02) / (sd * sd);
        assert_true(theory.has_stationary_law && fabs(theory.tail_index / index - 1) < 1e-8);
        assert_true(theory.has_mean == (index > 1) && theory.has_variance == (index > 2));
        assert_true(
            theory.memory == ceil(-log(1e-3) / -(log(0.9) + 0.02)) || fabs(theory.memory / 80 - 1) < 0.2);
        tabulated_data_free(&data);
    }
    struct tabulated_data explosive = linear(1, 0.02, 0.1);
    assert_false(tabulated_theory(&explosive).has_stationary_law);
    tabulated_data_free(&explosive);
}

/* Two states with rules of their own and a sticky chain: the 2 × 2 determinant by hand. */
static void test_tail_index_of_two_rules(void **state)
{
    const struct kind kind = {"two rules", 2, 2, 2, 1, 0, .nearness = 1, .lower_bound = -TABULATED_BOUND};
    struct tabulated_data data = make(&kind);
    const double slopes[] = {0.7, 1.05}, chain[] = {0.9, 0.1, 0.3, 0.7}, sd = 0.15;
    (void)state;
    memcpy(data.values[TRANSITION], chain, sizeof chain);
    for (int i = 0; i < 4; i++) {
        data.values[POLICY_WEALTH][i] = i % 2;
        data.values[POLICY_SAVINGS][i] = slopes[i / 2] * (i % 2);
    }
    for (int i = 0; i < 2; i++) {
        data.values[RETURN_CONSTANT][i] = 0;
        data.values[RETURN_LOG_MEAN][i] = 0;
        data.values[RETURN_LOG_SD][i] = sd;
    }
    const double index = tabulated_theory(&data).tail_index;
    const double moment = exp(index * index * sd * sd / 2), a = pow(slopes[0], index) * moment,
                 b = pow(slopes[1], index) * moment;
    const double determinant = (0.9 * a - 1) * (0.7 * b - 1) - 0.1 * a * 0.3 * b;
    assert_true(index > 0.1 && index < 100 && fabs(determinant) < 1e-7 && 0.9 * a < 1 && 0.7 * b < 1);
    tabulated_data_free(&data);
}

/* Death at rate δ and a deterministic growth g: κ = -log(1 - δ) / log g. */
static void test_tail_index_with_newborns(void **state)
{
    struct tabulated_data data = linear(1.05, 0, 0);
    const double chain[] = {0.96, 0.04, 0.96, 0.04};
    (void)state;
    memcpy(data.values[TRANSITION], chain, sizeof chain);
    add(&data, NEWBORN, false)[1] = 1;
    const struct theory theory = tabulated_theory(&data);
    assert_true(fabs(theory.tail_index / (-log(0.96) / log(1.05)) - 1) < 1e-8);
    tabulated_data_free(&data);
}

static void test_what_theory_does_not_know(void **state)
{
    (void)state;
    static const struct kind kind = {"share, level, newborns, bound", 4, 4, 30, 1, 50, .has_share = true,
        .has_level = true, .has_newborns = true, .nearness = 2, .lower_bound = -1};
    struct tabulated_data data = make(&kind);
    const struct theory theory = tabulated_theory(&data);
    assert_true(isnan(theory.tail_index) && theory.has_variance && theory.memory == 0);
    tabulated_data_free(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tail_index_of_one_rule),
        cmocka_unit_test(test_tail_index_of_two_rules),
        cmocka_unit_test(test_tail_index_with_newborns),
        cmocka_unit_test(test_what_theory_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
