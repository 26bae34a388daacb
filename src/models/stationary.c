/* Wealth is w = V + Y with V = A w' on the eve of income. The stationary law of v = log V comes from a
 * chain on a grid (stationary_chain.c); its distribution function is tabulated on a grid four times finer
 * and interpolated (stationary_table.c), and that of w is an integral of it over Y. */

#include "models/stationary.h"
#include "models/kesten_theory.h"
#include "models/stationary_table.h"
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

enum { STATES_MOST = 20000 };

#define EDGE         1e-14 /* a window holds the law if its outer states hold no more than this */
#define SATISFACTORY 1e-8  /* an error above this is worth a finer grid */

static const double root_2pi = 2.5066282746310005024;

struct stationary {
    struct kesten_parameters parameters;
    struct theory theory;
    double gain;
    double error;            /* NaN: there is no law, or it was not found */
    bool is_point;           /* all wealth is 1 / (1 - gain) */
    struct table table;      /* of V */
    int nodes;               /* of the integral over income */
    double *offset, *weight; /* [nodes] distance from the upper end as a share of the range; weight */
};

/* Where V lives, and on what scale its law varies: a start, since a window that proves small is widened. */
static void window_of(const struct stationary *law, double *low, double *high, double *middle, double *scale)
{
    const double v1 = law->parameters.v1, v2 = law->parameters.v2, log_gain = log(law->gain);
    const struct theory *theory = &law->theory;
    const double growth = log_gain + v1 * v1 / 2;          /* log E A */
    double wealth = -log1p(-law->gain), spread = INFINITY; /* log of typical wealth; log sd of V */
    if (theory->has_variance && isfinite(theory->variance)) {
        wealth = log(theory->mean);
        /* E V² = E A² E w² */
        spread = sqrt(v1 * v1 + log1p(theory->variance / (theory->mean * theory->mean)));
    }
    *scale = fmin(spread, 1.2);
    *middle = isfinite(spread) ? growth + wealth - fmin(spread, 1) / 2 : log_gain + wealth;
    *low = fmax(log_gain - CHAIN_SHOCKS * hypot(v1, v2), growth + wealth - spread * spread / 2 - 9 * spread);
    *high = log_gain + fmax(wealth + 9 * fmin(spread, 0.5), CHAIN_SHOCKS * v2) + 9 * fmin(spread, v1) +
            37 / theory->tail_index;
    *low -= *scale;
    *high += *scale;
}

static enum chain_outcome tabulate(struct stationary *law, const struct chain *chain)
{
    const enum chain_outcome outcome = table_create(&law->table, chain);
    if (outcome == CHAIN_FOUND)
        law->error = fabs(law->table.above[0] - 1);
    return outcome;
}

/* Find the law of V on a grid whose step is `coarseness` times the usual one. */
static enum chain_outcome find(struct stationary *law, double coarseness)
{
    const double v1 = law->parameters.v1, v2 = law->parameters.v2;
    double low, high, middle, scale;
    window_of(law, &low, &high, &middle, &scale);
    double step = coarseness * fmin(v1 / 1.4, 0.5), sigma = v1;
    if (v1 / 1.4 < scale / 12) {
        step = coarseness * scale / 12;
        sigma = 1.5 * step;
    }
    for (int attempt = 0; attempt < 6; attempt++) {
        const double width = high - low;
        if (!(width / step < (double)STATES_MOST))
            return CHAIN_NOT_FOUND;
        const struct grid grid = {low, step, (int)(width / step) + 2 * TABLE_WIDTH};
        struct chain chain;
        enum chain_outcome outcome = chain_solve(&chain, law->gain, v1, v2, sigma, &grid, middle);
        if (outcome == CHAIN_FOUND) {
            const bool low_fits = fabs(chain.share[TABLE_WIDTH]) < EDGE;
            const bool high_fits = fabs(chain.share[grid.n - TABLE_WIDTH]) < EDGE;
            if (low_fits && high_fits)
                outcome = tabulate(law, &chain);
            low -= low_fits ? 0 : 0.3 * width;
            high += high_fits ? 0 : 0.3 * width;
        }
        chain_free(&chain);
        if (outcome != CHAIN_FOUND || law->table.above)
            return outcome;
    }
    return CHAIN_NOT_FOUND;
}

/* The double exponential rule (Takahasi, Mori 1974): it minds neither the normal density's decay nor what the
 * integrand does at an end. */
static bool income_rule(struct stationary *law)
{
    const double v2 = law->parameters.v2,
                 detail = law->gain > 0 ? fmin(1, 8 * TABLE_REFINE * law->table.grid.step) : 1;
    const int half = v2 > 0 ? (int)fmin(3000, ceil(100 * fmax(1, v2 / detail / 2))) : 0;
    law->nodes = 2 * half + 1;
    law->offset = malloc((size_t)law->nodes * sizeof *law->offset);
    law->weight = malloc((size_t)law->nodes * sizeof *law->weight);
    if (!law->offset || !law->weight)
        return false;
    const double spacing = half ? 3.2 / half : 0;
    for (int k = -half; k <= half; k++) {
        const double tau = k * spacing, s = M_PI * sinh(tau), c = cosh(s / 2);
        law->offset[k + half] = 1 / (1 + exp(s));
        law->weight[k + half] = spacing * M_PI / 4 * cosh(tau) / (c * c);
    }
    return true;
}

/* P(w > e^t) and, where asked for, E[w; w <= e^t]. */
static double survival(const struct stationary *law, double t, double *wealth)
{
    const double v2 = law->parameters.v2;
    double held = 0;
    if (wealth)
        *wealth = 0;
    if (v2 == 0) {
        if (!(t > 0))
            return 1;
        const double p = table_above(&law->table, log(expm1(t)), wealth ? &held : NULL);
        if (wealth)
            *wealth = 1 - p + held;
        return p;
    }
    const double low = -CHAIN_SHOCKS, high = fmin(CHAIN_SHOCKS, t / v2);
    if (!(high > low))
        return 1;
    double sum = erfc(high * M_SQRT1_2) / 2, sum_wealth = 0;
    for (int k = 0; k < law->nodes; k++) {
        const double back = (high - low) * law->offset[k], xi = high - back;
        const double weight = (high - low) * law->weight[k] * exp(-xi * xi / 2) / root_2pi;
        /* log(e^t - Y), exact where Y is nearly all of it */
        const double p =
            table_above(&law->table, t + log(-expm1(v2 * high - t - v2 * back)), wealth ? &held : NULL);
        sum += weight * p;
        sum_wealth += weight * (held + exp(v2 * xi) * (1 - p));
    }
    if (wealth)
        *wealth = sum_wealth;
    return sum;
}

static void range(const struct stationary *law, double *low, double *high)
{
    const double most = CHAIN_SHOCKS * law->parameters.v2;
    *low = law->gain > 0 ? chain_log_sum(law->table.grid.start, -most) : -most;
    *high = law->gain > 0
                ? chain_log_sum(law->table.grid.start + (law->table.grid.n - 1) * law->table.grid.step, most)
                : most;
}

/* The root of survival = above_it by inverse quadratic interpolation where the last three points allow it, else by bisection:
 * Chandrupatla, Advances in Engineering Software 28 (1997). */
static double log_quantile(const struct stationary *law, double above_it)
{
    double low, high;
    range(law, &low, &high);
    double a = high, b = low, c, fa = -above_it, fb = 1 - above_it, fc, share = 0.5;
    for (;;) {
        const double t = a + share * (b - a), ft = survival(law, t, NULL) - above_it;
        if ((ft > 0) == (fa > 0)) {
            c = a, fc = fa;
        } else {
            c = b, fc = fb;
            b = a, fb = fa;
        }
        a = t, fa = ft;
        const double best = fabs(fa) < fabs(fb) ? a : b;
        const double least = 1.2e-16 * fmax(fabs(best), 1) / fabs(b - a);
        if (!(least < 0.5) || fa == 0)
            return best;
        const double xi = (a - b) / (c - b), phi = (fa - fb) / (fc - fb);
        share = 0.5;
        if (phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi)
            share = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb);
        share = fmin(fmax(share, least), 1 - least);
    }
}

static void tables_free(struct stationary *law)
{
    table_free(&law->table);
    free(law->offset);
    free(law->weight);
    law->offset = law->weight = NULL;
}

/* How far apart two laws are: as probabilities, at the finer one's quantiles. */
static double distance(const struct stationary *fine, const struct stationary *coarse)
{
    static const double p[] = {0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999};
    double most = 0;
    for (size_t i = 0; i < sizeof p / sizeof *p; i++) {
        const double apart = fabs(survival(coarse, log_quantile(fine, p[i]), NULL) - p[i]);
        most = apart <= most ? most : apart; /* a NaN, too, is the most */
        if (isnan(most))
            break;
    }
    return most;
}

static enum chain_outcome make(struct stationary *law, double coarseness)
{
    const enum chain_outcome outcome = law->gain > 0 ? find(law, coarseness) : CHAIN_FOUND;
    if (outcome != CHAIN_FOUND)
        return outcome;
    return income_rule(law) ? CHAIN_FOUND : CHAIN_NO_MEMORY;
}

/* Make the law on a grid and on a coarser one, and put it in the place of the present one if it is closer. */
static enum chain_outcome improve(struct stationary *law, double coarseness)
{
    struct stationary fine = *law, coarse = *law;
    fine.error = coarse.error = 0;
    fine.table = coarse.table = (struct table){.above = NULL};
    fine.offset = coarse.offset = fine.weight = coarse.weight = NULL;
    enum chain_outcome outcome = make(&fine, coarseness);
    if (outcome == CHAIN_FOUND)
        outcome = make(&coarse, 1.25 * coarseness);
    fine.error = outcome == CHAIN_FOUND ? fine.error + distance(&fine, &coarse) : NAN;
    tables_free(&coarse);
    if (fine.error <= fmin(law->error, 1)) { /* fmin ignores NaN: there was none */
        tables_free(law);
        *law = fine;
    } else {
        tables_free(&fine);
    }
    return outcome;
}

enum status stationary_create(struct stationary **out, const struct kesten_parameters *parameters)
{
    struct stationary *law = calloc(1, sizeof *law);
    *out = NULL;
    if (!law)
        return WS_FAILED;
    *law = (struct stationary){.parameters = *parameters,
        .theory = kesten_theory(parameters),
        .gain = (1 + parameters->r) * parameters->s,
        .error = NAN};
    *out = law;
    if (!law->theory.has_stationary_law)
        return WS_OK;
    law->is_point = parameters->v2 == 0 && (parameters->v1 == 0 || law->gain == 0);
    if (law->is_point) {
        law->error = 0;
        return WS_OK;
    }
    enum chain_outcome outcome = CHAIN_NOT_FOUND;
    for (double coarseness = 1; outcome != CHAIN_NO_MEMORY && coarseness > 0.2; coarseness *= 0.6) {
        outcome = improve(law, coarseness);
        if (law->error < SATISFACTORY)
            break;
    }
    if (outcome != CHAIN_NO_MEMORY)
        return WS_OK;
    stationary_destroy(law);
    *out = NULL;
    return WS_FAILED;
}

void stationary_destroy(struct stationary *law)
{
    if (law)
        tables_free(law);
    free(law);
}

static bool is_known(const struct stationary *law)
{
    return law->error <= STATIONARY_ERROR_MOST;
}

static bool has_shares(const struct stationary *law)
{
    return is_known(law) && law->theory.has_mean && isfinite(law->theory.mean);
}

double stationary_error(const struct stationary *law)
{
    return is_known(law) ? law->error : NAN;
}

double stationary_cdf(const struct stationary *law, double w)
{
    if (!is_known(law) || isnan(w))
        return NAN;
    if (law->is_point)
        return w >= 1 / (1 - law->gain);
    if (!(w > 0) || isinf(w))
        return w > 0;
    return fmin(fmax(1 - survival(law, log(w), NULL), 0), 1);
}

double stationary_quantile(const struct stationary *law, double p)
{
    if (!is_known(law) || !(p > 0 && p < 1))
        return NAN;
    return law->is_point ? 1 / (1 - law->gain) : exp(log_quantile(law, 1 - p));
}

double stationary_lorenz(const struct stationary *law, double p)
{
    if (!has_shares(law) || !(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1 || law->is_point)
        return p;
    const double t = log_quantile(law, 1 - p);
    double wealth;
    const double reached = 1 - survival(law, t, &wealth);
    return (wealth + (p - reached) * exp(t)) / law->theory.mean;
}

double stationary_share_top(const struct stationary *law, double p)
{
    return 1 - stationary_lorenz(law, 1 - p);
}

/* The integral of (1 - F)² over e^t, t from a to b: Gauss's rule, halved until two levels agree. */
static double survivors(const struct stationary *law, double a, double b)
{
    double sum = 0;
    for (int q = 0; q < GAUSS; q++) {
        const double t = a + (b - a) * gauss_x[q], s = survival(law, t, NULL);
        sum += (b - a) * gauss_w[q] * s * s * exp(t);
    }
    return sum;
}

static double survivors_within(
    const struct stationary *law, double a, double b, double whole, double tolerance, int depth)
{
    const double c = (a + b) / 2, left = survivors(law, a, c), right = survivors(law, c, b);
    if (depth == 0 || fabs(left + right - whole) < tolerance)
        return left + right;
    return survivors_within(law, a, c, left, tolerance, depth - 1) +
           survivors_within(law, c, b, right, tolerance, depth - 1);
}

/* Gini = 1 - ∫ (1 - F)² dw / mean: the square makes the integral converge fast in a heavy tail. */
double stationary_gini(const struct stationary *law)
{
    if (!has_shares(law))
        return NAN;
    if (law->is_point)
        return 0;
    double low, high;
    range(law, &low, &high);
    const double tolerance = 1e-10 * law->theory.mean;
    const double sum = exp(low) + survivors_within(law, low, high, survivors(law, low, high), tolerance, 14);
    return 1 - sum / law->theory.mean;
}

/* E V */
static double held_before_income(const struct stationary *law)
{
    return law->gain > 0 ? law->table.wealth[law->table.grid.n - 1] : 0;
}

double stationary_mean(const struct stationary *law)
{
    if (!is_known(law) || !law->theory.has_mean)
        return is_known(law) ? INFINITY : NAN;
    if (law->is_point)
        return 1 / (1 - law->gain);
    return held_before_income(law) + exp(law->parameters.v2 * law->parameters.v2 / 2);
}

double stationary_variance(const struct stationary *law)
{
    if (!is_known(law) || !law->theory.has_variance)
        return is_known(law) ? INFINITY : NAN;
    if (law->is_point)
        return 0;
    const double v = held_before_income(law), y = law->parameters.v2 * law->parameters.v2;
    return law->table.second - v * v + exp(y) * expm1(y);
}
