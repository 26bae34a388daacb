/* Texts become values, or are refused whole. */

#include "core/parse.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

static void test_counts(void **state)
{
    static const char *const bad[] = {"", " ", "abc", "12x", "1.5", "1e-3", "0x10z", "99999999999999999999",
        "nan", "inf", "50.000", "50.0", "50.", ".0", "5.000e2", "1.0e0", "50,000"};
    int64_t value = 0;
    (void)state;
    assert_null(parse_count("50000", &value));
    assert_int_equal(value, 50000);
    assert_null(parse_count(" -7 ", &value));
    assert_int_equal(value, -7);
    assert_null(parse_count("1e6", &value));
    assert_int_equal(value, 1000000);
    assert_null(parse_count("1.5e3", &value));
    assert_int_equal(value, 1500);
    assert_null(parse_count("5.0e4", &value));
    assert_int_equal(value, 50000);
    assert_null(parse_count("1e6 ", &value));
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

static void test_times(void **state)
{
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"90", 90}, {"0.5", 0.5}, {"1e3", 1000}, {"00:00:01", 1}, {"1:02:03", 3723},
        {"48:00:00", 172800}, {"1-00:00:00", 86400}, {"2-03:04:05", 183845}, {"9:05", 545}, {"0:30", 30},
        {"90:00", 5400}, {"1-0", 86400}, {"2-12", 216000}, {"0-36", 129600}, {"1-00:30", 88200},
        {"1e-3", 1e-3}, {"999999999-23:59:59", 86399999999999}, {"UNLIMITED", INFINITY},
        {"Unlimited", INFINITY}, {"INFINITE", INFINITY}};
    static const char *const bad[] = {"", "0", "-5", "nan", "inf", "ten", "5s", "00:00:00", "1:60:00",
        "1:00:60", "-1:00:00", "1:-1:00", "-1-00:00:00", "1:00:00:00", "1:00:00x", "0-00:00:00", "1:60",
        "0:00", ":30", "1:", "1::2", "1:+2", "1: 2", "1-", "1-1-1", "1-2:", "1-2:60", "1-2:00:60",
        "1-2:3:4:5", "1.5:00", "1-1.5", "0x1:00", "-", "UNLIMITED:00", "INVALID", "NOT_SET",
        "999999999999999999-00:00:00", "9999999999:00:00"};
    double seconds = 0;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_null(parse_time(good[i].text, &seconds));
        assert_true(seconds == good[i].seconds);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_non_null(parse_time(bad[i], &seconds));
}

static void test_intervals(void **state)
{
    static const char *const bad[] = {"", "p", "0p", "-3p", "1.5p", "100q", "100 periods", "0", "1:60",
        "99999999999999999999p", "1                                xp"};
    double seconds = 7;
    int64_t periods = 7;
    (void)state;
    assert_null(parse_interval("100p", &seconds, &periods));
    assert_true(seconds == 0 && periods == 100);
    assert_null(parse_interval("1e6p", &seconds, &periods));
    assert_true(seconds == 0 && periods == 1000000);
    assert_null(parse_interval("00:15:00", &seconds, &periods));
    assert_true(seconds == 900 && periods == 0);
    assert_null(parse_interval("15:00", &seconds, &periods));
    assert_true(seconds == 900 && periods == 0);
    assert_null(parse_interval("unlimited", &seconds, &periods));
    assert_true(seconds == INFINITY && periods == 0);
    assert_null(parse_interval("0.3", &seconds, &periods));
    assert_true(seconds == 0.3 && periods == 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_non_null(parse_interval(bad[i], &seconds, &periods));
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
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
