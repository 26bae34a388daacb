#include "models/kesten.h"
#include "random/normals.h"
#include <math.h>
#include <string.h>

/* 2^x = Σ e_i x^i for |x| <= 1/2, largest relative error 1.5e-14, exact at 0. Minimax with rounded coefficients, by
 * tests/bench/kernel.sollya. */
static const double exponential[10] = {0x1p0, 0x1.62e42fefa37d1p-1, 0x1.ebfbdff81be07p-3,
    0x1.c6b08d70c8932p-5, 0x1.3b2ab7241203p-7, 0x1.5d87fd936cdeap-10, 0x1.430897f36703ap-13,
    0x1.ffce3002fdfd6p-17, 0x1.63e6962e9ab21p-20, 0x1.b3ddfa9e944aep-24};

/* Beyond these the plain step's exponents might leave the range of normal doubles: |ζ|, |ξ| < 8.5, so
 * exp(50 ζ) lies within 2^±614. Beyond the last any shock but exp(0) has long saturated. */
static const double largest_plain_volatility = 50, largest_plain_gain = 0x1p+256, largest_volatility = 1e200;

void kesten_law_init(struct kesten_law *law, const struct kesten_parameters *model)
{
    static const double log2_e = 0x1.71547652b82fep0;
    const double gain = (1 + model->r) * model->s;
    const double v1 = model->v1 < largest_volatility ? model->v1 : largest_volatility;
    const double v2 = model->v2 < largest_volatility ? model->v2 : largest_volatility;

    memset(law, 0, sizeof *law);
    law->gain = gain;
    law->is_guarded = !(v1 <= largest_plain_volatility && v2 <= largest_plain_volatility &&
                        gain >= 1 / largest_plain_gain && gain <= largest_plain_gain);
    for (int i = 0; i < 8; i++) {
        law->cosine[i] = v1 * log2_e * box_muller_cosine[i];
        law->sine[i] = v2 * log2_e * box_muller_sine[i];
    }
    int exponent = 0;
    const double significand = law->is_guarded ? frexp(gain, &exponent) : gain;
    law->gain_exponent = exponent;
    for (int i = 0; i < 10; i++) {
        law->income[i] = exponential[i];
        law->growth[i] = significand * exponential[i];
    }
}
