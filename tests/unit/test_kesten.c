/* The household's step against its formula in 80-bit arithmetic (64-bit significands: glibc's functions are
 * then good to 1e-19, a thousandth of what is measured here), and the levels against each other. */
#include "models/kesten.h"
#include "random/normals.h"
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extended.h"
#include "long_runs.h"

enum { WORDS = NORMALS };

static const struct kesten_parameters lecture = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1};

/* The normals of a household from its two words, as the header defines them. */
static void normals(uint64_t radius_word, uint64_t angle_word, long double *zeta, long double *xi)
{
    const long double two_pi = 6.283185307179586476925286766559L;
    const long double v = 1 - (long double)(radius_word >> 12) * 0x1p-52L;
    const long double radius = sqrtl(-2 * logl(v));
    const long double t = (long double)(angle_word >> 12 & 0x7ffffffffffff) * 0x1p-52L - 0.25L;
    *zeta = (angle_word >> 63 ? -radius : radius) * cosl(two_pi * t);
    *xi = radius * sinl(two_pi * t);
}

/* A period of a block from its words. */
static void step(const struct kesten_law *law, const uint64_t *words, double *w)
{
    double shocks[NORMALS];
    normals_of(words, shocks);
    kesten_step(law, shocks, w);
}

/* Both shocks of one period at v1 = v2 = 1: income is what a household without wealth gets, the return what
 * one with 2^300 keeps. The largest relative errors go to the maxima. */
static void measure(const uint64_t *words, double *growth_error, double *income_error)
{
    const struct kesten_parameters model = {.r = 0, .s = 1, .v1 = 1, .v2 = 1, .w0 = 1};
    struct kesten_law law;
    kesten_law_init(&law, &model);
    assert_false(law.is_guarded);
    double poor[BLOCK_SIZE], rich[BLOCK_SIZE];
    for (int i = 0; i < BLOCK_SIZE; i++) {
        poor[i] = 0;
        rich[i] = 0x1p300;
    }
    step(&law, words, poor);
    step(&law, words, rich);
    for (int i = 0; i < BLOCK_SIZE; i++) {
        long double zeta, xi;
        normals(words[i], words[BLOCK_SIZE + i], &zeta, &xi);
        const double growth = (double)fabsl((long double)rich[i] * 0x1p-300L / expl(zeta) - 1);
        const double income = (double)fabsl((long double)poor[i] / expl(xi) - 1);
        if (!(growth < 1e-13 && income < 1e-13))
            fail_msg("words %016llx %016llx: errors %g, %g", (unsigned long long)words[i],
                (unsigned long long)words[BLOCK_SIZE + i], growth, income);
        *growth_error = growth > *growth_error ? growth : *growth_error;
        *income_error = income > *income_error ? income : *income_error;
    }
}

/* A uniform where errors hide: around every power of two from both ends of the range, around the cuts of the
 * logarithm's and the angle's reductions, and anywhere. */
static uint64_t hard_word(uint64_t i)
{
    static const double cuts[] = {0.5, 0.2928932188134524, 0.6464466094067263, 0.25, 0.75, 0.125, 0.375};
    const uint64_t top = UINT64_C(1) << 52, any = mixed(i), kind = i % 4;
    const uint64_t offset = any >> 32 & 7;
    uint64_t u = any >> 12;
    if (kind == 0)
        u = (UINT64_C(1) << any % 52) + offset - 3;
    else if (kind == 1)
        u = top - (UINT64_C(1) << any % 52) + offset - 3;
    else if (kind == 2)
        u = (uint64_t)(cuts[any % 7] * 0x1p52) + offset - 3;
    return (u & (top - 1)) << 12 | (any & 0xfff);
}

static void test_accuracy(void **unused)
{
    (void)unused;
    uint64_t words[WORDS];
    double growth = 0, income = 0;
    for (uint64_t round = 0; round < 2000; round++) {
        random_words(round, words, WORDS);
        measure(words, &growth, &income);
    }
    printf("shocks at v1 = v2 = 1, 512,000 random pairs: return %.2g, income %.2g\n", growth, income);
    for (uint64_t round = 0; round < 2000; round++) {
        for (uint64_t i = 0; i < WORDS; i++)
            words[i] = hard_word(mixed(round * WORDS + i));
        measure(words, &growth, &income);
    }
    printf("with 512,000 pairs where errors hide: return %.2g, income %.2g\n", growth, income);
}

/* The ends of both uniforms, and every power of two from them, against each other. */
static void test_accuracy_in_the_tails(void **unused)
{
    (void)unused;
    enum { EDGES = 2 * 52 + 2 };
    uint64_t edge[EDGES], words[WORDS];
    for (int i = 0; i < 52; i++) {
        edge[i] = UINT64_C(1) << (12 + i);
        edge[52 + i] = -(UINT64_C(1) << (12 + i));
    }
    edge[104] = 0;
    edge[105] = UINT64_MAX;
    double growth = 0, income = 0;
    for (int at = 0; at < EDGES * EDGES; at += BLOCK_SIZE) {
        for (int i = 0; i < BLOCK_SIZE; i++) {
            words[i] = edge[(at + i) / EDGES % EDGES];
            words[BLOCK_SIZE + i] = edge[(at + i) % EDGES];
        }
        for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
            measure(words, &growth, &income);
    }
    printf("in the tails: return %.2g, income %.2g\n", growth, income);
}

/* u = 0 is no shock at all: w' = gain w + 1 to the bit. */
static void test_zero_radius(void **unused)
{
    (void)unused;
    uint64_t words[WORDS];
    double w[BLOCK_SIZE];
    struct kesten_law law;
    random_words(1, words, WORDS);
    memset(words, 0, BLOCK_SIZE * sizeof *words);
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);) {
        kesten_law_init(&law, &lecture);
        for (int i = 0; i < BLOCK_SIZE; i++)
            w[i] = i;
        step(&law, words, w);
        for (int i = 0; i < BLOCK_SIZE; i++)
            assert_true(w[i] == fma((1 + lecture.r) * lecture.s, i, 1));
    }
}

/* Every bit of a long run of blocks under a level: fill, step and all. */
static uint64_t hash_of(const struct long_run *run)
{
    struct kesten_law law;
    struct mlfg state = long_run_generator();
    uint64_t words[WORDS], hash = 0;
    double w[BLOCK_SIZE];
    kesten_law_init(&law, &run->model);
    for (int i = 0; i < BLOCK_SIZE; i++)
        w[i] = run->model.w0;
    for (int t = 0; t < run->periods; t++) {
        mlfg_fill(&state, WORDS, words);
        step(&law, words, w);
        hash = long_run_hash(w, hash);
    }
    return hash;
}

static void test_levels_and_compilers_agree(void **unused)
{
    (void)unused;
    static const struct long_run runs[] = {
        {{.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1}, 2000, 0x9306bd2aea4aa6cf},
        {{.r = 0.02, .s = 0.95, .v1 = 0.7, .v2 = 3, .w0 = 50}, 500, 0x276955b635c7fac9},
        {{.r = 0.1, .s = 0.3, .v1 = 80, .v2 = 60, .w0 = 1}, 500, 0x07e34090eda2bf6a},
        {{.r = -0.5, .s = 0, .v1 = 0, .v2 = 0.2, .w0 = 0}, 500, 0x5cf0363a68a4bbaa},
    };
    long_runs_check(runs, sizeof runs / sizeof *runs, hash_of);
}

/* The formula in extended arithmetic, saturating where doubles do. */
static long double formula(const struct kesten_parameters *model, uint64_t a, uint64_t b, double w)
{
    long double zeta, xi;
    normals(a, b, &zeta, &xi);
    const double gain = (1 + model->r) * model->s;
    const long double kept = gain > 0 && w > 0 ? expl(model->v1 * zeta) * gain * w : 0;
    const long double income = expl(model->v2 * xi);
    return kept + income;
}

/* Parameters whose exponents leave the range of doubles: within the error that the exponent's size allows,
 * +inf where the formula is beyond the largest double, never NaN, never negative. */
static void test_extreme_parameters(void **unused)
{
    (void)unused;
    need_long_double();
    static const double volatilities[] = {0, 0.1, 30, 49.9, 50.1, 90, 500, 1e4, 1e17, 1e308};
    static const double rates[] = {-1 + 0x1p-53, -0.9, 0.1, 1e10, 1e300};
    static const double savings[] = {0, 5e-324, 1e-300, 0.3, 1};
    static const double wealth[] = {0, 5e-324, 1e-300, 1, 1e300, INFINITY};
    uint64_t words[WORDS];
    double w[BLOCK_SIZE];
    struct kesten_law law;
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
        for (int c = 0; c < 10 * 10 * 5 * 5 * 6; c += simd_level() == 0 ? 7 : 1) {
            const struct kesten_parameters model = {.v1 = volatilities[c % 10],
                .v2 = volatilities[c / 10 % 10],
                .r = rates[c / 100 % 5],
                .s = savings[c / 500 % 5],
                .w0 = 1};
            const double start = wealth[c / 2500];
            kesten_law_init(&law, &model);
            for (uint64_t i = 0; i < WORDS; i++)
                words[i] = hard_word(mixed((uint64_t)c * WORDS + i));
            for (int i = 0; i < BLOCK_SIZE; i++)
                w[i] = start;
            step(&law, words, w);
            for (int i = 0; i < BLOCK_SIZE; i += 17) {
                const long double exact = formula(&model, words[i], words[BLOCK_SIZE + i], start);
                const double bound = 1e-13 * (1 + model.v1 + model.v2);
                const int is_right = isinf(start) && (1 + model.r) * model.s > 0 ? w[i] == INFINITY
                                     : exact > DBL_MAX ? w[i] >= DBL_MAX * (1 - bound)
                                                       : fabsl(w[i] - exact) <= bound * exact + 1e-323L;
                if (!(w[i] >= 0) || (bound < 0.1 && !is_right))
                    fail_msg("level %s, r %g s %g v1 %g v2 %g w %g, words %016llx %016llx: %g, not %Lg",
                        simd_name(), model.r, model.s, model.v1, model.v2, start,
                        (unsigned long long)words[i], (unsigned long long)words[BLOCK_SIZE + i], w[i], exact);
            }
        }
}

/* Without saving, wealth is income to the bit, whatever wealth was: the same as with none. */
static void test_no_saving(void **unused)
{
    (void)unused;
    uint64_t words[WORDS];
    double poor[BLOCK_SIZE], rich[BLOCK_SIZE];
    struct kesten_parameters model = lecture;
    struct kesten_law law;
    model.s = 0;
    random_words(3, words, WORDS);
    kesten_law_init(&law, &model);
    for (int i = 0; i < BLOCK_SIZE; i++) {
        poor[i] = 0;
        rich[i] = i % 2 ? 1e300 : INFINITY;
    }
    step(&law, words, poor);
    step(&law, words, rich);
    assert_memory_equal(poor, rich, sizeof poor);
    for (int i = 0; i < BLOCK_SIZE; i++)
        assert_true(fabsl(poor[i] / formula(&model, words[i], words[BLOCK_SIZE + i], 0) - 1) < 1e-13L);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accuracy),
        cmocka_unit_test(test_accuracy_in_the_tails),
        cmocka_unit_test(test_zero_radius),
        cmocka_unit_test(test_levels_and_compilers_agree),
        cmocka_unit_test(test_extreme_parameters),
        cmocka_unit_test(test_no_saving),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
