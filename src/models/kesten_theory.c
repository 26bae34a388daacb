#include "models/kesten_theory.h"
#include <math.h>

/* What of a run's figures means nothing. */
static const char *warning_of(const struct theory *theory)
{
    if (!theory->has_stationary_law)
        return "no stationary law exists ((1 + r) s >= 1): wealth keeps growing, every figure is of the last "
               "period alone";
    if (!theory->has_mean)
        return "the stationary law has no finite mean (E A >= 1): mean, variance, Gini and shares mean "
               "nothing";
    if (!theory->has_variance)
        return "the stationary law has no finite variance (E A^2 >= 1): the variance means nothing";
    return NULL;
}

struct theory kesten_theory(const struct kesten_parameters *parameters)
{
    const double gain = (1 + parameters->r) * parameters->s, v1 = parameters->v1, v2 = parameters->v2;
    const double a1 = gain * exp(v1 * v1 / 2), a2 = gain * gain * exp(2 * v1 * v1);
    const double y1 = exp(v2 * v2 / 2), y2 = exp(2 * v2 * v2);

    const double a4 = gain * gain * gain * gain * exp(8 * v1 * v1);
    const bool has_law = gain < 1;
    struct theory theory = {.has_stationary_law = has_law,
        .has_mean = has_law && a1 < 1,
        .has_variance = has_law && a2 < 1,
        .has_fourth_moment = has_law && a4 < 1};
    theory.mean = theory.has_mean ? y1 / (1 - a1) : theory.has_stationary_law ? INFINITY : NAN;
    const double second = (2 * a1 * y1 * theory.mean + y2) / (1 - a2);
    theory.variance = theory.has_variance         ? second - theory.mean * theory.mean
                      : theory.has_stationary_law ? INFINITY
                                                  : NAN;
    theory.tail_index = !has_law ? NAN : v1 > 0 && gain > 0 ? -2 * log(gain) / (v1 * v1) : INFINITY;
    theory.memory = !has_law ? INFINITY : gain > 0 ? ceil(log(1e-3) / log(gain)) : 1;
    theory.warning = warning_of(&theory);
    return theory;
}
