/** What theory says of the lecture's household, w' = A w + Y with A = (1 + r) s exp(v1 ζ), Y = exp(v2 ξ): a stationary
 *  law where E log A < 0, its mean where E A < 1, its variance where E A² < 1, its fourth moment where E A⁴ < 1; the tail
 *  index is κ with E A^κ = 1, +inf where v1 = 0 or s = 0.
 *
 *  The moments follow from taking expectations on both sides of the recursion and of its square; the conditions are
 *  Kesten's. Source: Kesten, "Random difference equations and renewal theory for products of random matrices",
 *  Acta Mathematica 131 (1973); Gabaix, "Power laws in economics and finance", Annual Review of Economics 1 (2009). */
#pragma once

#include "models/kesten.h"

struct theory kesten_theory(const struct kesten_parameters *parameters);
