/* Averages over time: against the definitions, and the errors' coverage on series whose mean and autocorrelation are known.
 * All series come from fixed seeds: nothing here fails by chance. */
#include "statistics/batch_means.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LONGEST = 4000 };

/* Standard normals by Box and Muller's method, from Knuth's 64-bit linear congruential generator. */
static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(*state >> 11) + 0.5) * 0x1p-53;
}

static double normal(uint64_t *state)
{
    const double radius = sqrt(-2 * log(uniform(state)));
    return radius * cos(2 * M_PI * uniform(state));
}

/* x' = phi x + e from its stationary law, about a mean: its long-run variance is 1 / (1 - phi)². */
static void autoregressive(double *x, int n, double phi, double mean, uint64_t seed)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    double last = normal(&state) / sqrt(1 - phi * phi);
    for (int i = 0; i < n; i++) {
        x[i] = mean + last;
        last = phi * last + normal(&state);
    }
}

/* Student's t at 97.5 %, with 7, 15 and 31 degrees of freedom, and those between, to 0.1 %. */
static double student(int degrees)
{
    const double z = 1.959964, v = degrees; /* Cornish and Fisher's expansion */
    return z + (z * z * z + z) / (4 * v) + (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / (96 * v * v) +
           (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / (384 * v * v * v);
}

/* Of 2,000 intervals of 95 % as many hold the mean: the rate's own deviation is 0.5 %. */
static void test_coverage(void **unused)
{
    (void)unused;
    static double x[LONGEST];
    const struct {
        double phi;
        int n;
    } known[] = {{0, 100}, {0, 1000}, {0.5, 300}, {0.5, 1000}, {0.9, 1500}, {0.9, 4000}};
    enum { SEEDS = 2000 };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        int hold = 0, have = 0, drift = 0;
        double squares = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            autoregressive(x, known[k].n, known[k].phi, 2, (uint64_t)seed);
            const struct batch_means means = batch_means_of(x, known[k].n);
            drift += batch_means_drifts(&means);
            if (isnan(means.error))
                continue;
            have++;
            hold += fabs(means.mean - 2) <= student(means.batches - 1) * means.error;
            squares += means.error * means.error;
        }
        const double asymptotic = 1 / ((1 - known[k].phi) * (1 - known[k].phi)) / known[k].n;
        print_message(
            "phi %.1f, %4d values: %.1f %% cover, %.1f %% have an error, variance by %.3f, %.1f %% drift\n",
            known[k].phi, known[k].n, 100.0 * hold / have, 100.0 * have / SEEDS, squares / have / asymptotic,
            100.0 * drift / SEEDS);
        assert_true(have > 0.95 * SEEDS);
        assert_true(hold >= 0.92 * have && hold <= 0.98 * have);
        assert_true(fabs(squares / have / asymptotic - 1) < 0.12);
        assert_true(drift <= 0.025 * SEEDS);
    }
}

/* A series that is too short for its autocorrelation has no error, rather than one too small. */
static void test_too_correlated(void **unused)
{
    (void)unused;
    double x[128];
    int have = 0;
    for (int seed = 0; seed < 1000; seed++) {
        autoregressive(x, 128, 0.9, 0, (uint64_t)seed);
        const struct batch_means means = batch_means_of(x, 128);
        assert_true(isnan(means.error) == (means.batches == 0));
        have += means.batches > 0;
    }
    assert_true(have <= 50);
}

/* By the definitions, over batches as the result says they are. */
static void test_definition(void **unused)
{
    (void)unused;
    static double x[LONGEST];
    for (int n = 8; n < 1200; n = n * 5 / 4 + 1) {
        autoregressive(x, n, 0.2, 5, (uint64_t)n);
        const struct batch_means means = batch_means_of(x, n);
        double sum = 0;
        for (int i = 0; i < n; i++)
            sum += x[i];
        assert_true(fabs(means.mean - sum / n) < 1e-13);
        if (means.batches == 0)
            continue;
        assert_in_range(means.batches, 8, 32);
        const int b = means.batches, length = n / b;
        double y[BATCHES_MOST], whole = 0, squares = 0, products = 0, times = 0, left = 0;
        for (int j = 0; j < b; j++) {
            y[j] = 0;
            for (int i = 0; i < length; i++)
                y[j] += x[n - b * length + j * length + i] / length;
            whole += y[j] / b;
        }
        for (int j = 0; j < b; j++) {
            squares += (y[j] - whole) * (y[j] - whole);
            products += (j - (b - 1) / 2.0) * (y[j] - whole);
            times += (j - (b - 1) / 2.0) * (j - (b - 1) / 2.0);
        }
        for (int j = 0; j < b; j++)
            left += pow(y[j] - whole - products / times * (j - (b - 1) / 2.0), 2);
        const double error = sqrt(squares / (b - 1) / b * (b * length) / n);
        assert_true(fabs(means.error / error - 1) < 1e-9);
        assert_true(fabs(means.drift - products / times / sqrt(left / (b - 2) / times)) < 1e-6);
    }
}

/* A drift of three standard deviations over the series is seen, whichever way. */
static void test_drift(void **unused)
{
    (void)unused;
    double x[400];
    for (int seed = 0; seed < 100; seed++)
        for (int way = -1; way <= 1; way += 2) {
            autoregressive(x, 400, 0.3, 0, (uint64_t)seed);
            for (int i = 0; i < 400; i++)
                x[i] += way * 3.0 * i / 400;
            const struct batch_means means = batch_means_of(x, 400);
            assert_true(batch_means_drifts(&means) && means.drift * way > 0);
        }
}

static void test_what_has_none(void **unused)
{
    (void)unused;
    double x[100];
    for (int i = 0; i < 100; i++)
        x[i] = 0.1;
    struct batch_means means = batch_means_of(x, 100); /* a constant is known exactly */
    assert_true(means.mean == 0.1 && means.error == 0 && means.drift == 0 && means.batches == 16);
    means = batch_means_of(x, 7);
    assert_true(means.mean == 0.1 && isnan(means.error) && isnan(means.drift) && means.batches == 0);
    assert_false(batch_means_drifts(&means));
    means = batch_means_of(x, 0);
    assert_true(isnan(means.mean) && isnan(means.error) && means.batches == 0);
    x[50] = NAN;
    means = batch_means_of(x, 100);
    assert_true(isnan(means.mean) && isnan(means.error) && isnan(means.drift) && means.batches == 0);
    x[50] = INFINITY;
    means = batch_means_of(x, 100);
    assert_true(means.mean == INFINITY && isnan(means.error) && means.batches == 0);
    for (int i = 0; i < 100; i++)
        x[i] = i; /* a line is nothing but a drift */
    means = batch_means_of(x, 100);
    assert_true(isnan(means.error) && batch_means_drifts(&means));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_too_correlated),
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_drift),
        cmocka_unit_test(test_what_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
