/* Shocks of single precision against their formulas in 80-bit arithmetic, the levels against each other, and laws that are
 * stepped together against each alone. */
#include "models/kesten_single.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "extended.h"
#include "long_runs.h"

enum { WORDS = NORMALS_SINGLE_WORDS };

static const struct kesten_parameters lecture = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1};

/* Where errors hide: radii near both of their ends and around powers of two, angles near both axes. */
static uint64_t hard_word(uint64_t i)
{
    const uint64_t any = mixed(i), radius = any >> 32 & 0x7fffffff, angle = any >> 12 & 0xfffff;
    const uint64_t sign = any & UINT64_C(0x8000000000000000), by = mixed(any), kind = by % 7;
    const uint64_t few = by >> 8 & 7, place = by >> 16;
    const uint64_t radii[] = {radius >> place % 31, 0x7fffffff - (radius >> place % 31),
        ((UINT64_C(1) << place % 31) + few - 3) & 0x7fffffff, radius, radius, radius, few};
    const uint64_t angles[] = {angle, angle, angle, angle >> place % 20,
        0x80000 + (angle >> (1 + place % 19)), 0x7ffff - (angle >> (1 + place % 19)), angle};
    return sign | radii[kind] << 32 | angles[kind] << 12 | (any & 0xfff);
}

/* The normals of a household from its word, as the header defines them; R's of v as single precision has it. */
static long double normals_of_word(uint64_t word, long double *zeta, long double *xi)
{
    const long double half_pi = 1.5707963267948966192313216916398L;
    const float k = (float)((int32_t)(word >> 32 & 0x7fffffff) | 1);
    const long double radius = sqrtl(-2 * logl((long double)k * 0x1p-31L));
    const int32_t j = (int32_t)(word >> 12 & 0xfffff) - (word >> 31 & 1 ? 0x100000 : 0);
    const long double t = ((long double)j + 0.5L) * 0x1p-19L;
    *zeta = (word >> 63 ? -radius : radius) * cosl(half_pi * t);
    *xi = radius * sinl(half_pi * t);
    return radius;
}

static void law_of(struct kesten_single_law *law, const struct kesten_parameters *parameters)
{
    assert_int_equal(kesten_single_check(parameters), WS_OK);
    kesten_single_law_init(law, parameters);
}

static void step(const struct kesten_single_law *law, const float *normals, double *w)
{
    kesten_single_step((const void *[]){law}, 1, normals, &(struct block_state){.arrays = {w}});
}

/* ---- accuracy ----------------------------------------------------------------------------------------------------- */

struct errors {
    double of_normals; /* by 2^-23 R */
    double of_powers;  /* relative, by 2^-23, given the normal */
    double of_shocks;  /* relative */
};

static double larger(double a, long double b)
{
    return a > (double)b ? a : (double)b;
}

/* At v1 = v2 = 1: income is what a household without wealth gets, growth what one with 2^300 keeps. */
static void measure(const uint64_t *words, struct errors *errors)
{
    const struct kesten_parameters model = {.r = 0, .s = 1, .v1 = 1, .v2 = 1, .w0 = 1};
    struct kesten_single_law law;
    float normals[NORMALS_SINGLE];
    double poor[BLOCK_SIZE], rich[BLOCK_SIZE];
    law_of(&law, &model);
    normals_single_of(words, normals);
    for (int i = 0; i < BLOCK_SIZE; i++) {
        poor[i] = 0;
        rich[i] = 0x1p300;
    }
    step(&law, normals, poor);
    step(&law, normals, rich);
    for (int i = 0; i < BLOCK_SIZE; i++) {
        long double zeta, xi;
        const double a = normals[i], b = normals[BLOCK_SIZE + i], growth = rich[i] * 0x1p-300,
                     income = poor[i];
        const long double radius = normals_of_word(words[normals_single_word(i)], &zeta, &xi);
        const long double far = larger((double)fabsl(a - zeta), fabsl(b - xi));
        assert_true(radius > 0 || (a == 0 && b == 0));
        if (radius > 0)
            errors->of_normals = larger(errors->of_normals, far / radius * 0x1p23L);
        errors->of_powers = larger(errors->of_powers, fabsl(growth / expl(a) - 1) * 0x1p23L);
        errors->of_powers = larger(errors->of_powers, fabsl(income / expl(b) - 1) * 0x1p23L);
        errors->of_shocks = larger(errors->of_shocks, fabsl(growth / expl(zeta) - 1));
        errors->of_shocks = larger(errors->of_shocks, fabsl(income / expl(xi) - 1));
    }
}

static void test_accuracy(void **unused)
{
    (void)unused;
    need_long_double();
    struct errors errors = {.of_normals = 0};
    uint64_t words[WORDS];
    for (uint64_t round = 0; round < 4000; round++) {
        random_words(round, words, WORDS);
        measure(words, &errors);
        for (uint64_t i = 0; i < WORDS; i++)
            words[i] = hard_word(round * WORDS + i);
        measure(words, &errors);
    }
    printf("2,048,000 words: normals %.3g of 2^-23 R, exponentials %.3g of 2^-23, shocks %.3g\n",
        errors.of_normals, errors.of_powers, errors.of_shocks);
    assert_true(errors.of_normals < 2.2 && errors.of_powers < 1.3 && errors.of_shocks < 1.5e-6);
}

/* The lower 12 bits carry no meaning; the ends of the radius; both normals change their signs by a bit each. */
static void test_bits(void **unused)
{
    (void)unused;
    uint64_t words[WORDS];
    float normals[NORMALS_SINGLE], others[NORMALS_SINGLE];
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);) {
        random_words(7, words, WORDS);
        normals_single_of(words, normals);
        for (int i = 0; i < WORDS; i++)
            words[i] ^= 0xfff;
        normals_single_of(words, others);
        assert_memory_equal(normals, others, sizeof normals);
        for (int i = 0; i < WORDS; i++)
            words[i] ^= UINT64_C(0x80000000fffff000); /* -1 - j for j */
        normals_single_of(words, others);
        for (int i = 0; i < NORMALS_SINGLE; i++)
            assert_true(others[i] == -normals[i]);
        for (int i = 0; i < WORDS; i++)
            words[i] = (i % 2 ? UINT64_C(0x7fffffff00000000) : 0) | (words[i] & 0xfffff000);
        normals_single_of(words, normals);
        for (int i = 0; i < BLOCK_SIZE; i++) {
            const double r = hypot(normals[i], normals[BLOCK_SIZE + i]);
            assert_true(normals_single_word(i) % 2 ? r == 0 : fabs(r - 6.55555) < 1e-4);
        }
    }
}

/* Every household has a word of its own. */
static void test_words(void **unused)
{
    (void)unused;
    bool is_taken[WORDS] = {false};
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const int word = normals_single_word(i);
        assert_true(word >= 0 && word < WORDS && !is_taken[word]);
        is_taken[word] = true;
    }
}

/* ---- the same bits -------------------------------------------------------------------------------------------------- */

/* Every bit of a long run, half of its words where errors hide. */
static uint64_t hash_of(const struct long_run *run)
{
    struct kesten_single_law law;
    struct mlfg state = long_run_generator();
    uint64_t words[WORDS], hash = 0;
    float normals[NORMALS_SINGLE];
    double w[BLOCK_SIZE];
    law_of(&law, &run->model);
    for (int i = 0; i < BLOCK_SIZE; i++)
        w[i] = run->model.w0;
    for (int t = 0; t < run->periods; t++) {
        mlfg_fill(&state, WORDS, words);
        for (uint64_t i = (uint64_t)t % 2; i < WORDS; i += 2)
            words[i] = hard_word(words[i]);
        normals_single_of(words, normals);
        step(&law, normals, w);
        hash = long_run_hash(w, hash);
    }
    return hash;
}

static void test_levels_and_compilers_agree(void **unused)
{
    (void)unused;
    static const struct long_run runs[] = {
        {{.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1}, 2000, 0xf10028bcead035f2},
        {{.r = 0.02, .s = 0.4, .v1 = 2, .v2 = 2, .w0 = 50}, 1000, 0x1fddd72216c4c449},
        {{.r = 0x1.8p62, .s = 1, .v1 = 1, .v2 = 0, .w0 = 0}, 10, 0xcb12dede0b3dab79},
        {{.r = -0.5, .s = 0, .v1 = 0, .v2 = 0.2, .w0 = 0}, 500, 0x129fc9980200546c},
    };
    long_runs_check(runs, sizeof runs / sizeof *runs, hash_of);
}

/* ---- laws ----------------------------------------------------------------------------------------------------------- */

/* Neighbours share everything, income, growth, v1 but not the gain, or nothing; some save nothing. */
static const struct kesten_parameters parameters[] = {
    {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1},
    {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 90},
    {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 0.5},
    {.r = 0.1, .s = 0.9, .v1 = 0.1, .v2 = 0.5},
    {.r = 0.1, .s = 0, .v1 = 0.1, .v2 = 0.5},
    {.r = 0.1, .s = 0, .v1 = 0.1, .v2 = 1},
    {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1},
    {.r = -0.5, .s = 1, .v1 = 0, .v2 = 0},
    {.r = 0.1, .s = 0.3, .v1 = 2, .v2 = 2},
};
enum { LAWS = sizeof parameters / sizeof parameters[0] };

static void test_together(void **unused)
{
    (void)unused;
    static struct kesten_single_law laws[LAWS];
    static double together[LAWS][BLOCK_SIZE], alone[LAWS][BLOCK_SIZE];
    for (int i = 0; i < LAWS; i++)
        law_of(&laws[i], &parameters[i]);
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
        for (int shift = 0; shift < 2 * LAWS; shift++) { /* in the order above, and backwards */
            const void *of[LAWS];
            struct block_state states[LAWS];
            uint64_t words[WORDS];
            float normals[NORMALS_SINGLE];
            random_words((uint64_t)shift, words, WORDS);
            normals_single_of(words, normals);
            for (int i = 0; i < LAWS; i++) {
                const int number = shift < LAWS ? (i + shift) % LAWS : (2 * LAWS - i + shift) % LAWS;
                of[i] = &laws[number];
                states[i].arrays[0] = together[i];
                for (int j = 0; j < BLOCK_SIZE; j++)
                    together[i][j] = alone[i][j] = j % 3 == 0 ? (double)INFINITY : j;
                step(&laws[number], normals, alone[i]);
            }
            kesten_single_step(of, LAWS, normals, states);
            assert_memory_equal(together, alone, sizeof alone);
        }
}

/* Without saving, wealth is income to the bit, whatever it was. */
static void test_income(void **unused)
{
    (void)unused;
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
        for (double v2 = 0; v2 <= 2; v2 += 0.25) {
            struct kesten_single_law law;
            uint64_t words[WORDS];
            float normals[NORMALS_SINGLE];
            double xi[BLOCK_SIZE], income[BLOCK_SIZE], w[BLOCK_SIZE];
            law_of(&law, &(struct kesten_parameters){.r = 0.1, .s = 0, .v1 = 1, .v2 = v2});
            random_words(5, words, WORDS);
            normals_single_of(words, normals);
            for (int i = 0; i < BLOCK_SIZE; i++) {
                xi[i] = normals[BLOCK_SIZE + i];
                w[i] = i % 2 ? (double)INFINITY : 3;
            }
            step(&law, normals, w);
            kesten_single_income(&law, xi, income);
            assert_memory_equal(income, w, sizeof w);
            for (int i = 0; i < BLOCK_SIZE; i++)
                assert_true(fabs(income[i] / exp(v2 * xi[i]) - 1) < 1e-6 * (1 + v2));
        }
}

/* With v1 = v2 = 0 there are no shocks: w' = gain w + 1, the gain of single precision. */
static void test_no_shocks(void **unused)
{
    (void)unused;
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);) {
        struct kesten_single_law law;
        uint64_t words[WORDS];
        float normals[NORMALS_SINGLE];
        double w[BLOCK_SIZE];
        law_of(&law, &(struct kesten_parameters){.r = 0.1, .s = 0.3});
        random_words(1, words, WORDS);
        normals_single_of(words, normals);
        for (int i = 0; i < BLOCK_SIZE; i++)
            w[i] = i;
        step(&law, normals, w);
        for (int i = 0; i < BLOCK_SIZE; i++)
            assert_true(w[i] == fma((float)((1 + 0.1) * 0.3), i, 1));
    }
}

static void test_limits(void **unused)
{
    (void)unused;
    struct kesten_parameters model = lecture;
    model.v1 = model.v2 = 2;
    assert_int_equal(kesten_single_check(&model), WS_OK);
    model.v1 = nextafter(2, 3);
    assert_int_equal(kesten_single_check(&model), WS_USAGE);
    model.v1 = 2;
    model.v2 = nextafter(2, 3);
    assert_int_equal(kesten_single_check(&model), WS_USAGE);
    static const struct {
        double r, s;
        enum status status;
    } gains[] = {{0, 0x1p-64, WS_OK}, {0, 0x1p-65, WS_USAGE}, {0x1p63, 1, WS_OK}, {0x1p65, 1, WS_USAGE},
        {0, 0, WS_OK}};
    for (size_t i = 0; i < sizeof gains / sizeof *gains; i++) {
        model = (struct kesten_parameters){.r = gains[i].r, .s = gains[i].s, .v1 = 2, .v2 = 2};
        assert_int_equal(kesten_single_check(&model), gains[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accuracy),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_levels_and_compilers_agree),
        cmocka_unit_test(test_together),
        cmocka_unit_test(test_income),
        cmocka_unit_test(test_no_shocks),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
