/* The choice of vector code, and the calls that go through it. */
#include "random/normals.h"
#include "simd/simd.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Has to be the first: nothing has chosen a level yet. */
static void test_kernels_choose_by_themselves(void **unused)
{
    (void)unused;
    uint64_t words[NORMALS] = {0};
    double normals[NORMALS];
    unsetenv("WEALTHSIM_VECTOR");
    normals_of(words, normals);
    assert_int_equal(simd_level(), simd_best());
}

/* All levels' names, those that this processor cannot run among them. */
#define NAME(level, unused) #level,
static const char *const names[] = {SIMD_EACH(NAME, )};
enum { LEVELS = sizeof names / sizeof names[0] };

static enum status start(const char *asked)
{
    error_clear();
    setenv("WEALTHSIM_VECTOR", asked, 1);
    const enum status status = simd_start("here");
    unsetenv("WEALTHSIM_VECTOR");
    return status;
}

static void test_environment_lowers_the_level(void **unused)
{
    (void)unused;
    for (int level = 0; level < LEVELS; level++) {
        const bool is_possible = level <= simd_best();
        assert_int_equal(start(names[level]), is_possible ? WS_OK : WS_USAGE);
        assert_int_equal(simd_level(), is_possible ? level : simd_best());
        assert_string_equal(simd_name(), names[simd_level()]);
    }
    assert_int_equal(start(""), WS_OK);
    assert_int_equal(simd_level(), simd_best());
}

static void test_unknown_name_is_refused(void **unused)
{
    (void)unused;
    static const char *const unknown[] = {"mmx", "AVX2", "portable ", "0"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_int_equal(start(unknown[i]), WS_USAGE);
        assert_int_equal(simd_level(), simd_best());
        assert_non_null(strstr(error_message(), unknown[i]));
        assert_non_null(strstr(error_message(), "host here can run: portable"));
        for (int level = 1; level < LEVELS; level++)
            assert_int_equal(strstr(error_message(), names[level]) != NULL, level <= simd_best());
    }
    error_clear();
}

/* Each once, in order, and then the one from before. */
static void test_tour_visits_every_level(void **unused)
{
    (void)unused;
    for (int last = 0; last <= simd_best(); last++) {
        int level = 0;
        simd_use(last);
        for (struct simd_tour tour = simd_tour(); simd_next(&tour); level++)
            assert_int_equal(simd_level(), level);
        assert_int_equal(level, last + 1);
        assert_int_equal(simd_level(), last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels_choose_by_themselves),
        cmocka_unit_test(test_environment_lowers_the_level),
        cmocka_unit_test(test_unknown_name_is_refused),
        cmocka_unit_test(test_tour_visits_every_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
