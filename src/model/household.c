#include "model/household.h"
#include <math.h>
#include <string.h>

typedef void step_function(const struct household_law *law, const uint64_t *words, double *w);

VECTOR_DECLARE(
    void, household_step_plain, (const struct household_law *law, const uint64_t *words, double *w));
VECTOR_DECLARE(
    void, household_step_guarded, (const struct household_law *law, const uint64_t *words, double *w));

static step_function *const plain[VECTOR_LEVELS] = VECTOR_TABLE(household_step_plain);
static step_function *const guarded[VECTOR_LEVELS] = VECTOR_TABLE(household_step_guarded);

/* cos(2πt) = Σ c_i t^2i and sin(2πt) = t Σ s_i t^2i for |t| <= 1/4, largest absolute errors 1.9e-15 and
 * 1.7e-16; 2^x = Σ e_i x^i for |x| <= 1/2, largest relative error 1.5e-14, exact at 0. Minimax with rounded
 * coefficients, by tests/bench/kernel.sollya. */
static const double cosine[8] = {0x1.fffffffffffefp-1, -0x1.3bd3cc9be418bp4, 0x1.03c1f0819eddp6,
    -0x1.55d3c7d85c9d4p6, 0x1.e1f500e830a5dp5, -0x1.a6d0715e17809p4, 0x1.f961487d1b8p2, -0x1.a52f6101e0d48p0};
static const double sine[8] = {0x1.921fb54442d17p2, -0x1.4abbce625bd61p5, 0x1.466bc6775174p6,
    -0x1.32d2cce1b3c2fp6, 0x1.5078325fc6072p5, -0x1.e3062c5df2f4p3, 0x1.e89e8b79accf4p1,
    -0x1.62811015f2827p-1};
static const double exponential[10] = {0x1p0, 0x1.62e42fefa37d1p-1, 0x1.ebfbdff81be07p-3,
    0x1.c6b08d70c8932p-5, 0x1.3b2ab7241203p-7, 0x1.5d87fd936cdeap-10, 0x1.430897f36703ap-13,
    0x1.ffce3002fdfd6p-17, 0x1.63e6962e9ab21p-20, 0x1.b3ddfa9e944aep-24};

/* Beyond these the plain step's exponents might leave the range of normal doubles: |ζ|, |ξ| < 8.5, so
 * exp(50 ζ) lies within 2^±614. Beyond the last any shock but exp(0) has long saturated. */
static const double largest_plain_volatility = 50, largest_plain_gain = 0x1p+256, largest_volatility = 1e200;

void household_law_init(struct household_law *law, const struct model *model, enum vector_level level)
{
    static const double log2_e = 0x1.71547652b82fep0;
    const double gain = (1 + model->r) * model->s;
    const double v1 = model->v1 < largest_volatility ? model->v1 : largest_volatility;
    const double v2 = model->v2 < largest_volatility ? model->v2 : largest_volatility;

    memset(law, 0, sizeof *law);
    law->level = level;
    law->gain = gain;
    law->is_guarded = !(v1 <= largest_plain_volatility && v2 <= largest_plain_volatility &&
                        gain >= 1 / largest_plain_gain && gain <= largest_plain_gain);
    for (int i = 0; i < 8; i++) {
        law->cosine[i] = v1 * log2_e * cosine[i];
        law->sine[i] = v2 * log2_e * sine[i];
    }
    int exponent = 0;
    const double significand = law->is_guarded ? frexp(gain, &exponent) : gain;
    law->gain_exponent = exponent;
    for (int i = 0; i < 10; i++) {
        law->income[i] = exponential[i];
        law->growth[i] = significand * exponential[i];
    }
}

void household_step(const struct household_law *law, const uint64_t *words, double *w)
{
    (law->is_guarded ? guarded : plain)[law->level](law, words, w);
}
