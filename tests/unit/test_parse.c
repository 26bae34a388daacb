/* Texts become values, or are refused whole. */

#include "runtime/parse.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_counts(void **state)
{
    static const char *const bad[] = {
        "", " ", "abc", "12x", "1.5", "1e-3", "0x10z", "99999999999999999999", "nan", "inf"};
    int64_t value = 0;
    (void)state;
    assert_null(parse_count("50000", &value));
    assert_int_equal(value, 50000);
    assert_null(parse_count(" -7 ", &value));
    assert_int_equal(value, -7);
    assert_null(parse_count("1e6", &value));
    assert_int_equal(value, 1000000);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_non_null(parse_count(bad[i], &value));
    assert_int_equal(value, 1000000);
}

static void test_reals(void **state)
{
    static const char *const bad[] = {"", "nan", "inf", "1e999", "1,5", "0.1 0.2", "one"};
    double value = 0;
    (void)state;
    assert_null(parse_real("0.1", &value));
    assert_true(value == 0.1);
    assert_null(parse_real("-1e-3 ", &value));
    assert_true(value == -1e-3);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_non_null(parse_real(bad[i], &value));
}

static void test_lists(void **state)
{
    static const char *const bad[] = {"", ",", "0.1,", ",0.1", "0.1;0.2", "0.1,x", "0.1,0.2,0.3,0.4"};
    double values[3];
    int n = 0;
    (void)state;
    assert_null(parse_list("0.1, 0.5 ,1", values, 3, &n));
    assert_int_equal(n, 3);
    assert_true(values[0] == 0.1 && values[1] == 0.5 && values[2] == 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_non_null(parse_list(bad[i], values, 3, &n));
}

static void test_flags(void **state)
{
    bool value = false;
    (void)state;
    assert_null(parse_flag("Yes", &value));
    assert_true(value);
    assert_null(parse_flag("0", &value));
    assert_false(value);
    assert_non_null(parse_flag("maybe", &value));
}

static void test_nearest(void **state)
{
    static const char *const names[] = {"households", "periods", "seed", "quantiles", "quiet"};
    (void)state;
    assert_string_equal(parse_nearest("houshold", names, 5), "households");
    assert_string_equal(parse_nearest("sede", names, 5), "seed");
    assert_string_equal(parse_nearest("quant", names, 5), "quantiles");
    assert_null(parse_nearest("bogus", names, 5));
    assert_null(parse_nearest("x", names, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_reals),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
