/* The logarithms of Hill's estimator, and the bits of all vector levels. */
#include "simd/simd.h"
#include "statistics/inequality_block.h"
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = INEQUALITY_BLOCK };

static void check(const double *x, int n)
{
    double logs[MOST], again[MOST];
    inequality_logs(x, n, logs);
    for (int i = 0; i < n; i++) {
        const long double exact = logl(x[i]);
        const double ulp = nextafter(fabs((double)exact), INFINITY) - fabs((double)exact);
        if (fabsl(logs[i] - exact) > 2 * ulp)
            fail_msg("log(%a) is %a, not %a", x[i], logs[i], (double)exact);
    }
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);) {
        inequality_logs(x, n, again);
        assert_memory_equal(again, logs, (size_t)n * sizeof *logs);
    }
}

static void logs_within_two_ulp(void **unused)
{
    (void)unused;
    double x[MOST];
    for (int exponent = -1074; exponent < 1024; exponent += exponent < -3 || exponent > 3 ? 19 : 1) {
        for (int i = 0; i < MOST; i++)
            x[i] = ldexp(1 + (double)i / MOST, exponent);
        check(x, MOST);
    }
    for (int i = 0; i < MOST; i++) /* close to 1 on both sides */
        x[i] = 1 + (i - MOST / 2) * DBL_EPSILON * (i % 2 ? 1 : 1e9);
    check(x, MOST);
    const double ends[] = {1, 4.9e-324, DBL_MIN, DBL_MAX, 0x1.6a09e667f3bccp-1, 0x1.6a09e667f3bcdp-1,
        0x1.6a09e667f3bcdp0, 0x1.6a09e667f3bcep0};
    check(ends, sizeof ends / sizeof *ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(logs_within_two_ulp)};
    return cmocka_run_group_tests_name("inequality_block", tests, NULL, NULL);
}
