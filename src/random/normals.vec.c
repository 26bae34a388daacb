/* Box and Muller's pairs of normals: radius R = sqrt(-2 ln v) with v = 1 - u in (0, 1], so that u = 0 is no shock at
 * all; angle 2πt, t in [-1/4, 1/4), and a sign, which together cover the circle. 42 vector operations on AVX2 per vector
 * of pairs, 39 on AVX-512, a division and a square root among them. */
#include "random/normals.h"
#include "simd/lanes.h"

enum { PAIRS = NORMALS / 2 };

SIMD_KERNEL(void, normals_of, (const uint64_t *words, double *normals), (words, normals))

/* v = 2^e m with m in [sqrt(1/2), sqrt(2)), and q = (m - 1) / (m + 1). */
LANES_INLINE void stage_quotient(const uint64_t *radius_words, double *q, double *e)
{
    const lanes_word exponent_bits = lanes_of_word(0xfff0000000000000);
    const lanes_word sqrt_half = lanes_of_word(0x3fe6a09e667f3bcd);
    EACH
    {
        const lanes_word word = lanes_load_words(radius_words + u * LANES);
        const lanes_double one_to_two = (lanes_double)(word >> 12 | lanes_of_word(0x3ff0000000000000));
        const lanes_word v = (lanes_word)(lanes_of(2) - one_to_two);
        const lanes_word above = v + lanes_of_word(0x3ff0000000000000 - 0x3fe6a09e667f3bcd);
        const lanes_double m = (lanes_double)((above & ~exponent_bits) + sqrt_half);
        lanes_store(q + u * LANES, (m - lanes_of(1)) / (m + lanes_of(1)));
        lanes_store(e + u * LANES, lanes_exponent((lanes_double)above));
    }
}

/* R² = -2 ln v = -2 e ln 2 - 4 (q + q³/3 + q^5/5 + …): minimax in q², largest relative error 2.7e-14. */
LANES_INLINE void stage_radius(const double *q, const double *e, double *radius)
{
    static const double c[6] = {-0x1.fffffffffff1p1, -0x1.5555555672f46p0, -0x1.9999962885e53p-1,
        -0x1.2494396a1f5fcp-1, -0x1.c6208a3b72be5p-2, -0x1.919833e7fae0bp-2};
    lanes_double square[TOGETHER], sum[TOGETHER];
    EACH square[u] = lanes_load(q + u * LANES) * lanes_load(q + u * LANES);
    EACH sum[u] = lanes_of(c[5]);
    for (int i = 4; i >= 0; i--) {
        const lanes_double coefficient = lanes_held(c[i]);
        EACH sum[u] = lanes_fma(sum[u], square[u], coefficient);
    }
    EACH
    {
        const lanes_double part = lanes_load(q + u * LANES) * sum[u];
        const lanes_double minus_two_ln_2 = lanes_of(-0x1.62e42fefa39efp0);
        lanes_store(
            radius + u * LANES, lanes_sqrt(lanes_fma(lanes_load(e + u * LANES), minus_two_ln_2, part)));
    }
}

/* cos(2πt) and sin(2πt) = t times the other polynomial, |t| <= 1/4, and the half of the circle.
 * Minimax with rounded coefficients, by tests/bench/kernel.sollya: largest absolute errors 1.9e-15 and 1.7e-16. */
static const double cosine_by_power[8] = {0x1.fffffffffffefp-1, -0x1.3bd3cc9be418bp4, 0x1.03c1f0819eddp6,
    -0x1.55d3c7d85c9d4p6, 0x1.e1f500e830a5dp5, -0x1.a6d0715e17809p4, 0x1.f961487d1b8p2, -0x1.a52f6101e0d48p0};
static const double sine_by_power[8] = {0x1.921fb54442d17p2, -0x1.4abbce625bd61p5, 0x1.466bc6775174p6,
    -0x1.32d2cce1b3c2fp6, 0x1.5078325fc6072p5, -0x1.e3062c5df2f4p3, 0x1.e89e8b79accf4p1,
    -0x1.62811015f2827p-1};

LANES_INLINE void stage_angle(const uint64_t *angle_words, lanes_double *cosine, lanes_double *sine)
{
    lanes_double t[TOGETHER], square[TOGETHER];
    lanes_word word[TOGETHER];
    EACH
    {
        word[u] = lanes_load_words(angle_words + u * LANES);
        t[u] = (lanes_double)(word[u] >> 12 | lanes_of_word(0x3ff8000000000000)) - lanes_of(1.75);
        square[u] = t[u] * t[u];
        cosine[u] = lanes_of(cosine_by_power[7]);
        sine[u] = lanes_of(sine_by_power[7]);
    }
    for (int i = 6; i >= 0; i--) {
        const lanes_double of_cosine = lanes_held(cosine_by_power[i]), of_sine = lanes_held(sine_by_power[i]);
        EACH cosine[u] = lanes_fma(cosine[u], square[u], of_cosine);
        EACH sine[u] = lanes_fma(sine[u], square[u], of_sine);
    }
    EACH
    {
        cosine[u] = (lanes_double)((lanes_word)cosine[u] ^ (word[u] & lanes_of_word(0x8000000000000000)));
        sine[u] = sine[u] * t[u];
    }
}

/* A pipeline: while one group's division and the next one's square root take their time, the arithmetic of a third one
 * goes on. The radius words end two groups early: the quotients then made of angle words are not used. */
void SIMD(normals_of)(const uint64_t *words, double *normals)
{
    double q[PAIRS + 2 * GROUP], e[PAIRS + 2 * GROUP], radius[PAIRS + GROUP];
    stage_quotient(words, q, e);
    stage_quotient(words + GROUP, q + GROUP, e + GROUP);
    stage_radius(q, e, radius);
    for (int i = 0; i < PAIRS; i += GROUP) {
        lanes_double cosine[TOGETHER], sine[TOGETHER];
        stage_angle(words + PAIRS + i, cosine, sine);
        stage_quotient(words + i + 2 * GROUP, q + i + 2 * GROUP, e + i + 2 * GROUP);
        stage_radius(q + i + GROUP, e + i + GROUP, radius + i + GROUP);
        EACH lanes_store(normals + i + u * LANES, lanes_load(radius + i + u * LANES) * cosine[u]);
        EACH lanes_store(normals + PAIRS + i + u * LANES, lanes_load(radius + i + u * LANES) * sine[u]);
    }
}
