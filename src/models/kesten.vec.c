/* A block's step. For each household: radius R = sqrt(-2 ln v) with v = 1 - u in (0, 1], so that u = 0 is no
 * shock at all; angle 2πt, t in [-1/4, 1/4), and a sign, which together cover the circle; exponents of base 2
 * of both shocks, with the volatilities folded into the polynomials; both powers of two; w' = A w + Y.
 * 68 vector operations on AVX-512, 71 on AVX2, a division and a square root among them.
 *
 * Accuracy: the largest relative error of either shock at v1 = v2 = 1 was 3.2e-14 (144 ulp) over 10^6 pairs
 * of words, half of them where errors hide, against 80-bit arithmetic; at other volatilities the part that
 * comes from the exponent, about half, grows in proportion. tests/unit/test_household.c measures it again. */
#include "models/kesten.h"
#include "random/box_muller.h"
#include "simd/lanes.h"

SIMD_KERNEL(
    void, kesten_step, (const struct kesten_law *law, const uint64_t *words, double *w), (law, words, w))

/* w' = gain 2^(R cosine) w + 2^(R sine), with exponents that stay in the range of normal doubles. */
LANES_INLINE void stage_wealth(const struct kesten_law *law, const double *radius, const lanes_double *cosine,
    const lanes_double *sine, double *w)
{
    const lanes_double magic = lanes_of(round_magic);
    lanes_double k1[TOGETHER], k2[TOGETHER], x1[TOGETHER], x2[TOGETHER], growth[TOGETHER], income[TOGETHER];
    EACH
    {
        const lanes_double r = lanes_load(radius + u * LANES);
        k1[u] = lanes_fma(r, cosine[u], magic);
        k2[u] = lanes_fma(r, sine[u], magic);
        x1[u] = lanes_fma(r, cosine[u], -(k1[u] - magic));
        x2[u] = lanes_fma(r, sine[u], -(k2[u] - magic));
        growth[u] = lanes_of(law->growth[9]);
        income[u] = lanes_of(law->income[9]);
    }
    for (int i = 8; i >= 0; i--) {
        EACH growth[u] = lanes_fma(growth[u], x1[u], lanes_of(law->growth[i]));
        EACH income[u] = lanes_fma(income[u], x2[u], lanes_of(law->income[i]));
    }
    EACH
    {
        const lanes_double a = (lanes_double)((lanes_word)growth[u] + ((lanes_word)k1[u] << 52));
        const lanes_double y = (lanes_double)((lanes_word)income[u] + ((lanes_word)k2[u] << 52));
        lanes_store(w + u * LANES, lanes_fma(a, lanes_load(w + u * LANES), y));
    }
}

/* A pipeline: while one group's division and the next one's square root take their time, the arithmetic of a
 * third one goes on. The radius words end two groups early: the quotients then made of angle words are not
 * used. */
static void step_plain(const struct kesten_law *law, const uint64_t *words, double *w)
{
    double q[BLOCK_SIZE + 2 * GROUP], e[BLOCK_SIZE + 2 * GROUP], radius[BLOCK_SIZE + GROUP];
    stage_quotient(words, q, e);
    stage_quotient(words + GROUP, q + GROUP, e + GROUP);
    stage_radius(q, e, radius);
    for (int i = 0; i < BLOCK_SIZE; i += GROUP) {
        lanes_double cosine[TOGETHER], sine[TOGETHER];
        stage_angle(law->cosine, law->sine, words + BLOCK_SIZE + i, cosine, sine);
        stage_quotient(words + i + 2 * GROUP, q + i + 2 * GROUP, e + i + 2 * GROUP);
        stage_radius(q + i + GROUP, e + i + GROUP, radius + i + GROUP);
        stage_wealth(law, radius + i, cosine, sine, w + i);
    }
}

LANES_INLINE double as_double(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

LANES_INLINE uint64_t as_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

LANES_INLINE double clamp(double x, double limit)
{
    return x < -limit ? -limit : x > limit ? limit : x;
}

/* 2^x = first · rest · rest, with x cut off where this takes any positive double to 0 or infinity. As much
 * of the exponent as a normal double can hold stands in the first factor. */
struct scaled {
    double first, rest;
};

LANES_INLINE struct scaled guarded_exp2(const double *c, double x)
{
    const double within = clamp(x, 2200);
    const double n = (within + round_magic) - round_magic;
    const double k_rest = 0.5 * (n - clamp(n, 1000)) + round_magic;
    const double k_first = n - 2 * (k_rest - round_magic) + round_magic;
    double sum = c[9];
    for (int i = 8; i >= 0; i--)
        sum = fma(sum, within - n, c[i]);
    return (struct scaled){as_double(as_bits(sum) + (as_bits(k_first) << 52)),
        as_double((as_bits(k_rest) << 52) + 0x3ff0000000000000)};
}

/* Wealth comes between the factors, which keeps what is finite in the end from overflow on the way. */
static void step_guarded(const struct kesten_law *law, const uint64_t *words, double *w)
{
    double x1[BLOCK_SIZE], x2[BLOCK_SIZE];
    for (int i = 0; i < BLOCK_SIZE; i += GROUP) {
        double q[GROUP], e[GROUP], radius[GROUP];
        lanes_double cosine[TOGETHER], sine[TOGETHER];
        stage_quotient(words + i, q, e);
        stage_radius(q, e, radius);
        stage_angle(law->cosine, law->sine, words + BLOCK_SIZE + i, cosine, sine);
        EACH lanes_store(x1 + i + u * LANES, lanes_load(radius + u * LANES) * cosine[u]);
        EACH lanes_store(x2 + i + u * LANES, lanes_load(radius + u * LANES) * sine[u]);
    }
    const double gain = law->gain, gain_exponent = law->gain_exponent;
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const struct scaled g = guarded_exp2(law->growth, x1[i] + gain_exponent);
        const struct scaled y = guarded_exp2(law->income, x2[i]);
        const double grown = g.first * w[i] * g.rest * g.rest;
        w[i] = (gain > 0 ? grown : 0) + y.first * y.rest * y.rest;
    }
}

void SIMD(kesten_step)(const struct kesten_law *law, const uint64_t *words, double *w)
{
    if (law->is_guarded)
        step_guarded(law, words, w);
    else
        step_plain(law, words, w);
}
