/* The choice of vector code. */
#include "simd/vector.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_environment_lowers_the_level(void **unused)
{
    (void)unused;
    unsetenv("WEALTHSIM_VECTOR");
    const enum vector_level best = vector_level();
    for (int level = 0; level < VECTOR_LEVELS; level++) {
        setenv("WEALTHSIM_VECTOR", vector_level_name((enum vector_level)level), 1);
        assert_int_equal(vector_level(), level < (int)best ? level : (int)best);
    }
    unsetenv("WEALTHSIM_VECTOR");
}

static void test_unknown_name_is_ignored(void **unused)
{
    (void)unused;
    unsetenv("WEALTHSIM_VECTOR");
    const enum vector_level best = vector_level();
    setenv("WEALTHSIM_VECTOR", "mmx", 1);
    assert_int_equal(vector_level(), best);
    setenv("WEALTHSIM_VECTOR", "", 1);
    assert_int_equal(vector_level(), best);
    unsetenv("WEALTHSIM_VECTOR");
}

static void test_possible_levels(void **unused)
{
    (void)unused;
    for (int level = 0; level < VECTOR_LEVELS; level++)
        assert_int_equal(
            vector_is_possible(vector_level_name((enum vector_level)level)), level <= (int)vector_best());
    assert_true(vector_is_possible(""));
    assert_false(vector_is_possible("mmx"));
    assert_false(vector_is_possible("AVX2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment_lowers_the_level),
        cmocka_unit_test(test_unknown_name_is_ignored),
        cmocka_unit_test(test_possible_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
