/* Box and Muller's pairs in single precision. For each vector of pairs two loads of words and one shuffle give both halves
 * where they are needed: 42 vector operations on AVX2, a square root among them, of twice as many pairs as in double
 * (random/normals.vec.c), from half as many words. Each of two loops keeps its coefficients in registers.
 *
 * Accuracy: largest error 2.16 · 2^-23 R over 2 · 10^6 words, half of them where errors hide, against 80-bit arithmetic;
 * tests/unit/test_kesten_single.c measures it again. Polynomials are minimax with rounded coefficients, by
 * tests/bench/single_coefficients.py. */
#include "random/normals_single.h"
#include "simd/lanes.h"

enum { WORDS = NORMALS_SINGLE_WORDS, HALF = WORDS / 2, CHAINS = 2, STRIDE = CHAINS * SINGLES };
#define EACH_CHAIN for (int u = 0; u < CHAINS; u++)

SIMD_KERNEL(void, normals_single_of, (const uint64_t *words, float *normals), (words, normals))

/* v = 2^-e (1 - z / 2) with z in [0, 1), so that both parts of R² = -2 ln v = 2 e ln 2 - 2 ln(1 - z / 2) are positive and
 * none is lost near v = 1. The polynomial is -2 ln(1 - z / 2) / z, exact at 0: largest relative error 2.4e-8. */
LANES_INLINE void make_radius(const uint64_t *words, float *radius)
{
    static const float c[9] = {0x1p0f, 0x1.fffecp-3f, 0x1.55a382p-4f, 0x1.f3144ap-6f, 0x1.0df4eap-6f,
        -0x1.72165ep-8f, 0x1.354a32p-6f, -0x1.a391a4p-7f, 0x1.6a0b5p-8f};
    const lanes_single two_ln_2 = lanes_of_single(0x1.62e43p0f);
    lanes_single e[CHAINS], z[CHAINS], sum[CHAINS];
    EACH_CHAIN
    {
        const uint64_t *of = words + u * LANES;
        const lanes_half upper = lanes_upper(lanes_load_words(of), lanes_load_words(of + HALF));
        const lanes_single k = lanes_rounded((upper & lanes_of_half(0x7fffffff)) | lanes_of_half(1));
        const lanes_half below = lanes_of_half((uint32_t)(127 + 31) << 23) - (lanes_half)k;
        const lanes_half one_to_two = (below & lanes_of_half(0x7fffff)) | lanes_of_half(0x3f800000);
        e[u] = lanes_rounded(below >> 23);
        z[u] = (lanes_single)one_to_two - lanes_of_single(1);
        sum[u] = lanes_of_single(c[8]);
    }
    for (int i = 7; i >= 0; i--)
        EACH_CHAIN sum[u] = lanes_fma_single(sum[u], z[u], lanes_of_single(c[i]));
    EACH_CHAIN
    {
        const lanes_single square = lanes_fma_single(e[u], two_ln_2, sum[u] * z[u]);
        lanes_store_singles(radius + u * SINGLES, lanes_sqrt_single(square));
    }
}

/* cos(πt/2), exact at 0, and sin(πt/2) / t by powers of t², |t| < 1: largest absolute errors 1.1e-9 and, of the sine, 7.6e-9. */
static const float cosine_by_power[6] = {
    0x1p0f, -0x1.3bd3ccp0f, 0x1.03c1d4p-2f, -0x1.55cd26p-6f, 0x1.e0a1ep-11f, -0x1.889f5ap-16f};
static const float sine_by_power[5] = {
    0x1.921fb4p0f, -0x1.4abba2p-1f, 0x1.466504p-4f, -0x1.31fbf2p-8f, 0x1.39123p-13f};

LANES_INLINE void turn(const uint64_t *words, const float *radius, float *zeta, float *xi)
{
    lanes_single t[CHAINS], square[CHAINS], cosine[CHAINS], sine[CHAINS];
    lanes_half sign[CHAINS];
    EACH_CHAIN
    {
        const lanes_word a = lanes_load_words(words + u * LANES);
        const lanes_word b = lanes_load_words(words + u * LANES + HALF);
        const lanes_half twice = (lanes_half)((lanes_integer)lanes_lower(a, b) >> 11) | lanes_of_half(1);
        sign[u] = lanes_upper(a, b) & lanes_of_half(0x80000000);
        t[u] = lanes_rounded(twice) * lanes_of_single(0x1p-20f);
        square[u] = t[u] * t[u];
        cosine[u] = lanes_fma_single(
            lanes_of_single(cosine_by_power[5]), square[u], lanes_of_single(cosine_by_power[4]));
        sine[u] = lanes_of_single(sine_by_power[4]);
    }
    for (int i = 3; i >= 0; i--) {
        EACH_CHAIN cosine[u] = lanes_fma_single(cosine[u], square[u], lanes_of_single(cosine_by_power[i]));
        EACH_CHAIN sine[u] = lanes_fma_single(sine[u], square[u], lanes_of_single(sine_by_power[i]));
    }
    EACH_CHAIN
    {
        const lanes_single r = lanes_load_singles(radius + u * SINGLES);
        lanes_store_singles(zeta + u * SINGLES, r * (lanes_single)((lanes_half)cosine[u] ^ sign[u]));
        lanes_store_singles(xi + u * SINGLES, r * t[u] * sine[u]);
    }
}

void SIMD(normals_single_of)(const uint64_t *words, float *normals)
{
    _Alignas(64) float radius[WORDS];
    for (int i = 0; i < WORDS; i += STRIDE)
        make_radius(words + i / 2, radius + i);
    for (int i = 0; i < WORDS; i += STRIDE)
        turn(words + i / 2, radius + i, normals + i, normals + WORDS + i);
}
