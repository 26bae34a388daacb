/* The positions of quantiles and of their confidence intervals. */
#include "statistics/quantile.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The binomial distribution function P(B <= k), by summing its terms through lgamma. */
static double binomial(int64_t n, double p, int64_t k)
{
    const double mean = (double)n * p, deviation = sqrt(mean * (1 - p));
    const int64_t begin = mean > 12 * deviation + 60 ? (int64_t)(mean - 12 * deviation - 60) : 0;
    double sum = 0;
    for (int64_t b = begin; b <= k; b++)
        sum += exp(lgamma((double)n + 1) - lgamma((double)b + 1) - lgamma((double)(n - b) + 1) +
                   (double)b * log(p) + (double)(n - b) * log1p(-p));
    return sum;
}

/* Coverage is at least 95 %, each tail at most 2.5 %, and neither end can move inwards. */
static void interval_is_the_shortest_of_its_kind(void **unused)
{
    (void)unused;
    const int64_t sizes[] = {1, 2, 5, 6, 10, 17, 100, 999, 3999};
    const double probabilities[] = {0.5, 0.01, 0.1, 0.25, 0.9, 0.99, 1e-9};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t j = 0; j < sizeof probabilities / sizeof *probabilities; j++) {
            const int64_t n = sizes[i];
            const double p = probabilities[j];
            int64_t low = -1, high = -1;
            quantile_interval(n, p, &low, &high);
            assert_in_range(low, 0, n - 1);
            assert_in_range(high, low, n - 1);
            if (low > 0)
                assert_true(binomial(n, p, low) <= 0.025 + 1e-9);
            assert_true(low == n - 1 || binomial(n, p, low + 1) > 0.025 - 1e-9);
            if (high < n - 1)
                assert_true(1 - binomial(n, p, high) <= 0.025 + 1e-9);
            assert_true(high == 0 || 1 - binomial(n, p, high - 1) > 0.025 - 1e-9);
        }
}

/* Known answers: the table in Conover, Practical Nonparametric Statistics, and R's qbinom(0.025, n, 0.5). */
static void interval_of_medians(void **unused)
{
    (void)unused;
    const struct {
        int64_t n, low, high;
    } known[] = {{5, 0, 4}, {6, 0, 5}, {8, 0, 7}, {9, 1, 7}, {20, 5, 14}, {100, 39, 60}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int64_t low = -1, high = -1;
        quantile_interval(known[i].n, 0.5, &low, &high);
        assert_int_equal(low, known[i].low);
        assert_int_equal(high, known[i].high);
    }
}

/* Large samples: coverage as before, and ends that are at most two positions further out than they must be. */
static void interval_of_large_samples(void **unused)
{
    (void)unused;
    const int64_t sizes[] = {4000, 11112, 40001, 50000, 111112, 1000000, 10000019};
    const double probabilities[] = {0.5, 0.01, 0.1, 0.25, 0.9, 0.99, 0.001};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t j = 0; j < sizeof probabilities / sizeof *probabilities; j++) {
            const int64_t n = sizes[i];
            const double p = probabilities[j];
            int64_t low = -1, high = -1;
            quantile_interval(n, p, &low, &high);
            assert_true(binomial(n, p, low) <= 0.025 + 1e-6);
            assert_true(binomial(n, p, low + 3) > 0.025 - 1e-6);
            assert_true(1 - binomial(n, p, high) <= 0.025 + 1e-6);
            assert_true(1 - binomial(n, p, high - 3) > 0.025 - 1e-6);
        }
    int64_t low = -1, high = -1;
    quantile_interval((int64_t)1 << 38, 0.5, &low, &high);
    const int64_t middle = (int64_t)1 << 37, width = 513792; /* 1.959964 × 2^18 */
    assert_in_range(low, middle - width - 4, middle - width - 2);
    assert_in_range(high, middle + width + 1, middle + width + 3);
}

static void ends_of_the_range(void **unused)
{
    (void)unused;
    int64_t below = -1, above = -1, low = -1, high = -1;
    double weight = -1;
    quantile_position(1, 0.5, &below, &above, &weight);
    assert_true(below == 0 && above == 0 && weight == 0);
    quantile_position(7, 1, &below, &above, &weight);
    assert_true(below == 6 && above == 6 && weight == 0);
    quantile_position(4, 0.5, &below, &above, &weight);
    assert_true(below == 1 && above == 2 && weight == 0.5);
    quantile_interval(7, 0, &low, &high);
    assert_true(low == 0 && high == 0);
    quantile_interval(7, 1, &low, &high);
    assert_true(low == 6 && high == 6);
}

/* NumPy's formula (_lerp of NumPy 1.24) changes at the weight 0.5, and so may the last bit. */
static void interpolation_is_numpys(void **unused)
{
    (void)unused;
    assert_true(quantile_interpolate(1, 1.7, 0.3) == 1 + (1.7 - 1) * 0.3);
    assert_true(quantile_interpolate(9.4e-08, 3.9, 0.5) == 3.9 - (3.9 - 9.4e-08) * 0.5);
    assert_true(quantile_interpolate(1, 1.7, 0.7) == 1.7 - (1.7 - 1) * (1 - 0.7));
    assert_true(isinf(quantile_interpolate(1, INFINITY, 0.7)) && quantile_interpolate(1, INFINITY, 0) == 1);
    assert_true(isinf(quantile_interpolate(INFINITY, INFINITY, 0.5)));
    assert_true(quantile_interpolate(-2, 1, 0.25) == -2 + 3 * 0.25);
    assert_true(
        quantile_interpolate(-0x1p1023, 0x1p1023, 0.25) == -0x1p1022); /* the difference is no double */
}

/* numpy.median's, and a mean that is a double though the sum is none. */
static void median_of_two_in_the_middle(void **unused)
{
    (void)unused;
    const double far[] = {9.4e-08, 3.9, 0, 0}, large[] = {0x1.8p1023, 0x1.cp1023, 0, 0}, odd[] = {2, 3, 0, 0};
    assert_true(quantile_median_of_values(2, far).value == (9.4e-08 + 3.9) / 2);
    assert_true(quantile_median_of_values(2, large).value == 0x1.ap1023);
    assert_true(quantile_median_of_values(3, odd).value == 2);
    const double infinite[] = {1, INFINITY, 0, 0};
    assert_true(isinf(quantile_median_of_values(2, infinite).value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_is_the_shortest_of_its_kind),
        cmocka_unit_test(interval_of_medians),
        cmocka_unit_test(interval_of_large_samples),
        cmocka_unit_test(ends_of_the_range),
        cmocka_unit_test(interpolation_is_numpys),
        cmocka_unit_test(median_of_two_in_the_middle),
    };
    return cmocka_run_group_tests_name("quantile", tests, NULL, NULL);
}
