/* Correlations that are known exactly, on any number of ranks and threads: each rank has some of the values, some have none. */
#include "core/comm.h"
#include "statistics/correlation.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { N = 5000 };

static struct comm comm;

/* Of x and y of position i of N, shared out so that every other rank has twice as many. */
static double correlation(int threads, double (*x)(int64_t), double (*y)(int64_t), double scale)
{
    static double mine[2][N];
    int64_t n = 0;
    for (int64_t i = 0; i < N; i++)
        if (i * i % comm.size == comm.rank) {
            mine[0][n] = scale * x(i);
            mine[1][n++] = y(i) / scale;
        }
    return correlation_compute(comm.world, threads, mine[0], mine[1], n, N);
}

static double one(int64_t i)
{
    return i == 7;
}
static double ascending(int64_t i)
{
    return (double)i;
}
static double descending(int64_t i)
{
    return 0.5 - 3 * (double)i;
}
static double constant(int64_t i)
{
    (void)i;
    return 0.1;
}

/* 1, 2, 3, 4 and 1, 3, 2, 4 again and again: covariance 1, variances 1.25. */
static double first(int64_t i)
{
    return (double)(i % 4 + 1);
}
static double second(int64_t i)
{
    static const double values[] = {1, 3, 2, 4};
    return values[i % 4];
}

static void test_known(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads++)
        for (int exponent = -500; exponent <= 500;
             exponent += 500) { /* squares beyond the range of doubles at the ends */
            const double scale = ldexp(1, exponent);
            assert_true(correlation(threads, ascending, ascending, scale) == 1);
            assert_true(correlation(threads, ascending, descending, scale) == -1);
            assert_true(correlation(threads, first, second, scale) == 0.8);
            assert_true(correlation(threads, one, one, scale) == 1);
            assert_true(isnan(correlation(threads, ascending, constant, scale)));
            assert_true(isnan(correlation(threads, constant, ascending, scale)));
        }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known)};
    comm_start(&comm, &argc, &argv);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return comm_end(&comm, failed != 0);
}
