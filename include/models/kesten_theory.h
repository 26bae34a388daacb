/** What theory says of the model w' = A w + Y with A = (1 + r) s exp(v1 ζ), Y = exp(v2 ξ), without simulation.
 *
 *  The moments follow from taking expectations on both sides of the recursion and of its square; the conditions are
 *  Kesten's. Source: Kesten, "Random difference equations and renewal theory for products of random matrices",
 *  Acta Mathematica 131 (1973); Gabaix, "Power laws in economics and finance", Annual Review of Economics 1 (2009). */
#pragma once

#include "models/kesten.h"
#include <stdbool.h>

struct theory {
    bool has_stationary_law; /**< E log A < 0 */
    bool has_mean;           /**< E A < 1 */
    bool has_variance;       /**< E A² < 1 */
    bool has_fourth_moment;  /**< E A⁴ < 1 */
    double mean;             /**< of the stationary law; +inf or NaN where there is none */
    double variance;
    double
        tail_index; /**< κ with E A^κ = 1; +inf where v1 = 0 or s = 0 (no Pareto tail); NaN without a law */
};

struct theory theory_of(const struct kesten_parameters *model);
