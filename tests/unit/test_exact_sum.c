/* Exact sums against GMP's integers and rationals, which compute them another way. */
#include "simd/simd.h"
#include "splitmix.h"
#include "statistics/exact_sum.h"
#include "statistics/rational.h"
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A double with a random significand and sign, and an exponent in low … high. */
static double wide(uint64_t *state, int low, int high)
{
    const double m = ldexp((double)(next_word(state) >> 11 | (uint64_t)1 << 52), -52);
    const double x = ldexp(m, low + (int)(next_word(state) % (uint64_t)(high - low + 1)));
    return next_word(state) & 1 ? -x : x;
}

static void assert_same(double got, double expected)
{
    if (memcmp(&got, &expected, sizeof got) != 0)
        fail_msg("got %a, expected %a", got, expected);
}

/* The nearest double of a rational, by brute force: the best of GMP's truncation and its two neighbours. */
static double nearest(const mpq_t exact)
{
    double candidate = mpq_get_d(exact), best = candidate;
    if (mpq_sgn(exact) == 0)
        return 0.0;
    mpq_t error, least;
    mpq_inits(error, least, NULL);
    int first = 1;
    const double neighbours[] = {nextafter(candidate, -INFINITY), candidate, nextafter(candidate, INFINITY)};
    for (int i = 0; i < 3; i++) {
        if (isinf(neighbours[i]))
            continue;
        mpq_set_d(error, neighbours[i]);
        mpq_sub(error, error, exact);
        mpq_abs(error, error);
        uint64_t bits;
        memcpy(&bits, &neighbours[i], sizeof bits);
        const int order = first ? -1 : mpq_cmp(error, least);
        if (order < 0 || (order == 0 && (bits & 1) == 0)) {
            mpq_set(least, error);
            best = neighbours[i];
            first = 0;
        }
    }
    mpq_clears(error, least, NULL);
    return best;
}

struct expected {
    double sum, mean, variance;
    mpq_t total, products; /* all bits of them */
};

/* The accumulator holds the very number: rounding would hide what is lost at its lower end. */
static void assert_exact(const struct exact_sum *sum, const mpq_t expected)
{
    mpz_t integer;
    mpq_t got;
    mpz_init(integer);
    mpq_init(got);
    exact_sum_integer(sum, integer);
    mpq_set_z(got, integer);
    mpq_div_2exp(got, got, -EXACT_SUM_UNIT);
    assert_true(mpq_equal(got, expected));
    mpq_clear(got);
    mpz_clear(integer);
}

/* Everything over again in rationals. */
static struct expected brute_force(const double *x, const double *y, int n)
{
    mpq_t sum, squares, products, term, other;
    mpq_inits(sum, squares, products, term, other, NULL);
    for (int i = 0; i < n; i++) {
        mpq_set_d(term, x[i]);
        mpq_add(sum, sum, term);
        mpq_set_d(other, y[i]);
        mpq_mul(other, other, term);
        mpq_add(products, products, other);
        mpq_mul(term, term, term);
        mpq_add(squares, squares, term);
    }
    struct expected e = {.sum = nearest(sum)};
    mpq_inits(e.total, e.products, NULL);
    mpq_set(e.total, sum);
    mpq_set(e.products, products);
    mpq_set_si(term, n, 1);
    mpq_div(sum, sum, term);
    e.mean = nearest(sum);
    mpq_div(squares, squares, term);
    mpq_mul(sum, sum, sum);
    mpq_sub(squares, squares, sum);
    e.variance = nearest(squares);
    mpq_clears(sum, squares, products, term, other, NULL);
    return e;
}

static void check_level(const double *x, const double *y, int n)
{
    struct expected e = brute_force(x, y, n);
    struct exact_sum alone, values, squares, products;
    exact_sum_init(&alone);
    exact_sum_init(&values);
    exact_sum_init(&squares);
    exact_sum_init(&products);
    exact_sum_add(&alone, x, n);
    exact_sum_add_moments(&values, &squares, x, n);
    exact_sum_add_products(&products, x, y, n);
    assert_same(exact_sum_value(&alone), e.sum);
    assert_same(exact_sum_value(&values), e.sum);
    assert_same(exact_sum_mean(&values, n), e.mean);
    assert_same(exact_sum_variance(&values, &squares, n), e.variance);
    assert_exact(&alone, e.total);
    assert_exact(&values, e.total);
    assert_exact(&products, e.products);
    mpq_clears(e.total, e.products, NULL);
}

static void check(const double *x, const double *y, int n)
{
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
        check_level(x, y, n);
}

enum { MOST = 5000 };

static void check_exponents(int low, int high, int low_y, int high_y)
{
    static const int sizes[] = {1, 2, 7, 8, 1023, 1024, 1025, MOST};
    static double x[MOST], y[MOST];
    uint64_t state = (uint64_t)(low * 10000 + high);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int i = 0; i < sizes[s]; i++) {
            x[i] = next_word(&state) % 16 ? wide(&state, low, high) : 0.0;
            y[i] = next_word(&state) % 16 ? wide(&state, low_y, high_y) : -0.0;
        }
        check(x, y, sizes[s]);
    }
}

/* Spans of exponents at, below and above those that the vector code takes. */
static void matches_rationals(void **unused)
{
    (void)unused;
    check_exponents(0, 0, 0, 0);
    check_exponents(-4, 6, 0, 20);
    check_exponents(-11, 12, -11, 12);
    check_exponents(-11, 13, -12, 12);
    check_exponents(-20, 29, 0, 0);
    check_exponents(-20, 30, 0, 0);
    check_exponents(-399, -380, 380, 399);
    check_exponents(-401, -380, 380, 401);
    check_exponents(-1060, -1020, -20, 20);
    check_exponents(-1000, 500, -20, 500);
}

static void significands_of_one_bit(void **unused)
{
    (void)unused;
    static double x[MOST], y[MOST];
    for (int i = 0; i < MOST; i++) {
        x[i] = nextafter(2.0, i % 2 ? 0.0 : 3.0);
        y[i] = i % 3 ? nextafter(0x1p20, 0.0) : -0x1p20;
    }
    check(x, y, MOST);
}

static void cancellation_leaves_the_least_term(void **unused)
{
    (void)unused;
    static double x[2 * MOST + 1];
    uint64_t state = 7;
    for (int i = 0; i < MOST; i++) {
        x[i] = wide(&state, -300, 900);
        x[2 * MOST - i] = -x[i];
    }
    x[MOST] = 4.9e-324;
    struct exact_sum sum;
    exact_sum_init(&sum);
    exact_sum_add(&sum, x, 2 * MOST + 1);
    assert_same(exact_sum_value(&sum), 4.9e-324);
}

static void overflow_and_infinity(void **unused)
{
    (void)unused;
    const double huge[] = {DBL_MAX, DBL_MAX, DBL_MAX, -DBL_MAX, -DBL_MAX};
    struct exact_sum sum, squares;
    exact_sum_init(&sum);
    exact_sum_init(&squares);
    exact_sum_add_moments(&sum, &squares, huge, 3);
    assert_same(exact_sum_value(&sum), INFINITY);
    assert_same(exact_sum_mean(&sum, 3), DBL_MAX);
    assert_same(exact_sum_variance(&sum, &squares, 3), 0.0);
    exact_sum_add(&sum, huge + 3, 2);
    assert_same(exact_sum_value(&sum), DBL_MAX);

    /* Half a unit in the last place above the greatest double rounds to infinity, a little less does not. */
    exact_sum_add(&sum, (double[]){0x1p969}, 1);
    assert_same(exact_sum_value(&sum), DBL_MAX);
    exact_sum_add(&sum, (double[]){0x1p969}, 1);
    assert_same(exact_sum_value(&sum), INFINITY);

    exact_sum_init(&sum);
    exact_sum_init(&squares);
    exact_sum_add_moments(&sum, &squares, (double[]){1, INFINITY, 2}, 3);
    assert_int_equal(sum.infinities, 1);
    assert_same(exact_sum_value(&sum), INFINITY);
    assert_same(exact_sum_variance(&sum, &squares, 3), INFINITY);
}

/* Parts in any order, split anywhere, merged in any order: the same limbs after carrying, so the same bits. */
static void order_and_split_do_not_matter(void **unused)
{
    (void)unused;
    static double x[MOST];
    uint64_t state = 3;
    for (int i = 0; i < MOST; i++)
        x[i] = wide(&state, -60, 60);
    struct exact_sum whole, whole_squares;
    exact_sum_init(&whole);
    exact_sum_init(&whole_squares);
    exact_sum_add_moments(&whole, &whole_squares, x, MOST);
    for (int trial = 0; trial < 20; trial++) {
        for (int i = MOST - 1; i > 0; i--) {
            const int j = (int)(next_word(&state) % (uint64_t)(i + 1));
            const double held = x[i];
            x[i] = x[j];
            x[j] = held;
        }
        struct exact_sum sum, squares, part, part_squares;
        exact_sum_init(&sum);
        exact_sum_init(&squares);
        for (int begin = 0; begin < MOST;) {
            const int left = MOST - begin, size = 1 + (int)(next_word(&state) % (uint64_t)left);
            exact_sum_init(&part);
            exact_sum_init(&part_squares);
            exact_sum_add_moments(&part, &part_squares, x + begin, size);
            exact_sum_merge(&sum, &part);
            exact_sum_merge(&squares, &part_squares);
            begin += size;
        }
        assert_same(exact_sum_value(&sum), exact_sum_value(&whole));
        assert_same(
            exact_sum_variance(&sum, &squares, MOST), exact_sum_variance(&whole, &whole_squares, MOST));
    }
}

/* 2^31 merges of a sum by doubling, and weights: far more terms than carries can be put off. */
static void many_terms_and_weights(void **unused)
{
    (void)unused;
    const double x[] = {DBL_MAX, 0.1, -1e-300, 4.9e-324};
    const int64_t weights[] = {1, -1, (int64_t)1 << 39, -((int64_t)1 << 39) - 12345};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        struct exact_sum sum;
        exact_sum_init(&sum);
        exact_sum_add(&sum, &x[i], 1);
        for (int doubling = 0; doubling < 35; doubling++) {
            const struct exact_sum same = sum;
            exact_sum_merge(&sum, &same);
        }
        assert_same(exact_sum_mean(&sum, (int64_t)1 << 35), x[i]);
        for (size_t w = 0; w < sizeof weights / sizeof *weights; w++) {
            struct exact_sum weighted;
            exact_sum_init(&weighted);
            exact_sum_merge_weighted(&weighted, &sum, weights[w]);
            const int64_t size = weights[w] < 0 ? -weights[w] : weights[w];
            mpz_t total, divisor;
            mpz_init(total);
            mpz_init_set_si(divisor, size);
            mpz_mul_2exp(divisor, divisor, 35);
            exact_sum_integer(&weighted, total);
            assert_same(rational_round(total, divisor, EXACT_SUM_UNIT), weights[w] < 0 ? -x[i] : x[i]);
            mpz_clears(total, divisor, NULL);
        }
    }
}

/* Rounding at ties, among subnormals and at the range's ends. */
static void rationals_round_once(void **unused)
{
    (void)unused;
    const struct {
        long numerator, denominator, exponent;
        double expected;
    } cases[] = {
        {0, 3, 0, 0.0},
        {1, 3, 0, 1.0 / 3},
        {-2, 3, 0, -2.0 / 3},
        {(1L << 53) + 1, 1, 0, 0x1p53},
        {(1L << 53) + 3, 1, 0, 0x1p53 + 4},
        {(1L << 54) + 3, 2, 0, 0x1p53 + 2},
        {(1L << 54) - 1, 1, 0, 0x1p54},
        {1, 1, -1074, 0x1p-1074},
        {1, 1, -1075, 0.0},
        {3, 1, -1076, 0x1p-1074},
        {3, 1, -1075, 0x1p-1073},
        {5, 1, -1075, 0x1p-1073},
        {1, 1, -1076, 0.0},
        {1, 1, -5000, 0.0},
        {(1L << 53) - 1, 1, 971, DBL_MAX},
        {(1L << 54) - 1, 1, 970, INFINITY},
        {-((1L << 55) - 3), 1, 969, -DBL_MAX},
        {1, 1, 5000, INFINITY},
    };
    mpz_t numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mpz_set_si(numerator, cases[i].numerator);
        mpz_set_si(denominator, cases[i].denominator);
        assert_same(rational_round(numerator, denominator, cases[i].exponent), cases[i].expected);
    }
    mpz_clears(numerator, denominator, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_rationals),
        cmocka_unit_test(significands_of_one_bit),
        cmocka_unit_test(cancellation_leaves_the_least_term),
        cmocka_unit_test(overflow_and_infinity),
        cmocka_unit_test(order_and_split_do_not_matter),
        cmocka_unit_test(many_terms_and_weights),
        cmocka_unit_test(rationals_round_once),
    };
    return cmocka_run_group_tests_name("exact_sum", tests, NULL, NULL);
}
