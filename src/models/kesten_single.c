#include "models/kesten_single.h"

/* Of a normal that ends at 6.56, E exp(2 v ξ) is 0.35 % low at v = 2 and 4.6 % at 2.5 (summed over all radii that there are);
 * with gains within these bounds, growth is a normal number of single precision wherever |v1 ζ| is below 2 · 6.56. */
static const double largest_volatility = 2, largest_gain = 0x1p64;

static enum status check_volatility(const char *name, double v)
{
    if (v <= largest_volatility)
        return WS_OK;
    return error_add(WS_USAGE,
        "--precision: %s is %.10g: single precision has no normals beyond 6.56, so that the second moment of "
        "exp(%s times a normal) would be too low, by 0.35 %% at 2 and 4.6 %% at 2.5: give --%s 2 or less, or "
        "--precision double",
        name, v, name, name);
}

enum status kesten_single_check(const void *parameters)
{
    const struct kesten_parameters *kesten = parameters;
    const double gain = (1 + kesten->r) * kesten->s;
    const enum status v1 = check_volatility("v1", kesten->v1), v2 = check_volatility("v2", kesten->v2);
    if (gain != 0 && !(gain >= 1 / largest_gain && gain <= largest_gain))
        return error_add(WS_USAGE,
            "--precision: (1 + r) s is %.10g: single precision takes 0, and %.2g to %.2g: give other --r and "
            "--s, or --precision double",
            gain, 1 / largest_gain, largest_gain);
    return v1 != WS_OK ? v1 : v2;
}

void kesten_single_law_init(struct kesten_single_law *law, const struct kesten_parameters *parameters)
{
    /* 2^x for |x| <= 1/2, exact at 0: largest relative error 3.0e-9. Minimax with rounded coefficients, by
     * tests/bench/single_coefficients.py. */
    static const float exponential_single[7] = {0x1p0f, 0x1.62e43p-1f, 0x1.ebfbdcp-3f, 0x1.c6af7cp-5f,
        0x1.3b2dep-7f, 0x1.5f083p-10f, 0x1.416b46p-13f};
    *law = (struct kesten_single_law){.growth_scale = 0};
    kesten_law_init(&law->exact, parameters);
    law->growth_scale = (float)law->exact.growth_scale;
    law->income_scale = (float)law->exact.income_scale;
    for (int i = 0; i < 7; i++) {
        law->income[i] = exponential_single[i];
        law->growth[i] = (float)(law->exact.gain * exponential_single[i]);
    }
}
