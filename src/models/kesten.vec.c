/* A block's step from its normals. For each household: exponents of base 2 of both shocks, both powers of two, and
 * w' = A w + Y. 30 vector operations; those of the normals come before (random/normals.h).
 *
 * Accuracy: the largest relative error of either shock at v1 = v2 = 1 was 3.2e-14 (144 ulp) over 10^6 pairs of words,
 * half of them where errors hide, against 80-bit arithmetic, the normals' own error included; at other volatilities the
 * part that comes from the exponent, about half, grows in proportion. tests/unit/test_kesten.c measures it again. */
#include "models/kesten.h"
#include "simd/lanes.h"

SIMD_KERNEL(
    void, kesten_step, (const struct kesten_law *law, const double *normals, double *w), (law, normals, w))

/* w' = gain 2^(growth_scale zeta) w + 2^(income_scale xi), with exponents that stay in the range of normal doubles. */
static void step_plain(const struct kesten_law *law, const double *normals, double *w)
{
    const lanes_double magic = lanes_of(round_magic);
    const lanes_double growth_scale = lanes_of(law->growth_scale), income_scale = lanes_of(law->income_scale);
    for (int i = 0; i < BLOCK_SIZE; i += GROUP) {
        lanes_double k1[TOGETHER], k2[TOGETHER], x1[TOGETHER], x2[TOGETHER], growth[TOGETHER],
            income[TOGETHER];
        EACH
        {
            const lanes_double zeta = lanes_load(normals + i + u * LANES);
            const lanes_double xi = lanes_load(normals + BLOCK_SIZE + i + u * LANES);
            k1[u] = lanes_fma(zeta, growth_scale, magic);
            k2[u] = lanes_fma(xi, income_scale, magic);
            x1[u] = lanes_fma(zeta, growth_scale, -(k1[u] - magic));
            x2[u] = lanes_fma(xi, income_scale, -(k2[u] - magic));
            growth[u] = lanes_of(law->growth[9]);
            income[u] = lanes_of(law->income[9]);
        }
        for (int j = 8; j >= 0; j--) {
            EACH growth[u] = lanes_fma(growth[u], x1[u], lanes_of(law->growth[j]));
            EACH income[u] = lanes_fma(income[u], x2[u], lanes_of(law->income[j]));
        }
        EACH
        {
            const lanes_double a = (lanes_double)((lanes_word)growth[u] + ((lanes_word)k1[u] << 52));
            const lanes_double y = (lanes_double)((lanes_word)income[u] + ((lanes_word)k2[u] << 52));
            lanes_store(w + i + u * LANES, lanes_fma(a, lanes_load(w + i + u * LANES), y));
        }
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
static void step_guarded(const struct kesten_law *law, const double *normals, double *w)
{
    const double gain = law->gain, gain_exponent = law->gain_exponent;
    const double growth_scale = law->growth_scale, income_scale = law->income_scale;
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const struct scaled g = guarded_exp2(law->growth, growth_scale * normals[i] + gain_exponent);
        const struct scaled y = guarded_exp2(law->income, income_scale * normals[BLOCK_SIZE + i]);
        const double grown = g.first * w[i] * g.rest * g.rest;
        w[i] = (gain > 0 ? grown : 0) + y.first * y.rest * y.rest;
    }
}

void SIMD(kesten_step)(const struct kesten_law *law, const double *normals, double *w)
{
    if (law->is_guarded)
        step_guarded(law, normals, w);
    else
        step_plain(law, normals, w);
}
