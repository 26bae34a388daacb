/** The stationary law of w' = A w + Y with A = (1 + r) s exp(v1 ζ), Y = exp(v2 ξ), without simulation: the
 *  cross-section of infinitely many households after infinitely many periods.
 *
 *  It is the fixed point of the distribution function, computed on a grid; src/models/stationary_chain.c
 *  says how. Serial. The same at every call in one build, but its last digits may differ between compilers
 *  and C libraries: nothing that must be the same to the bit may rest on it.
 *
 *  Accuracy: stationary_error bounds it for each law. Measured at five parameter sets (the lecture's; tail
 *  indices 2.7, 1.8 and 0.84; a constant return) against another method,
 *  tests/bench/stationary_reference.py: quantiles from 1 % to 99 %, Gini and shares agree in 9 digits,
 *  which is as far as the other method's own grids do. Against the lognormal where s = 0: 1e-10. Against
 *  kesten_theory.h's moments at ten sets: mean 3e-11, variance 1e-7, relative.
 *
 *  Cost, one core: at the lecture's parameters 25 ms, 15 µs for the distribution function at a point, 0.7
 *  ms for a quantile, 4 ms for Gini. With v2 <= 2 up to 0.2 s where (1 + r) s is up to 0.9, 0.5 s at 0.99;
 *  up to 3 s with v2 or v1 above 10 or (1 + r) s above 0.999, where a question may cost 20 times as much.
 *  Memory: up to 100 MB while it is created, then a few MB. */
#pragma once

#include "core/error.h"
#include "models/kesten.h"

struct stationary;

/** A law is given if its error, as a probability, is at most this: far below what a run can see. */
#define STATIONARY_ERROR_MOST 1e-5

/** Compute the law.
 *  @param[out] out    owned by the caller: stationary_destroy; NULL on failure
 *  @param[in]  parameters  valid; of r and s only (1 + r) s matters, and w0 does not
 *  @return WS_OK, also where there is no law ((1 + r) s >= 1) and where this method does not find it to
 *          STATIONARY_ERROR_MOST (v2 above about 13; v1 above about 15; a tail index below about 0.004; v1
 *          near 0 and 1 - (1 + r) s below 1e-5, or 1e-4 with v2 = 3): then the functions below return NaN,
 *          and kesten_theory tells which of the two it is. WS_FAILED for want of memory, without a message. */
enum status stationary_create(struct stationary **out, const struct kesten_parameters *parameters);
void stationary_destroy(struct stationary *law); /**< law may be NULL */

/** By how much stationary_cdf may err: the largest difference, at nine quantiles from 0.001 to 0.999, from
 *  the law on a grid 1.25 times coarser. That is the coarser one's error; as the method converges
 *  exponentially, the law's own is far smaller. NaN: nothing is known of the law. */
double stationary_error(const struct stationary *law);

/** P(wealth <= w), with an absolute error. For a sample's quantile q of probability p in N households,
 *  (stationary_cdf(law, q) - p) / sqrt(p (1 - p) / N) is close to a standard normal. */
double stationary_cdf(const struct stationary *law, double w);

/** The wealth w with stationary_cdf(law, w) = p; NaN unless 0 < p < 1. */
double stationary_quantile(const struct stationary *law, double p);

/** Share of all wealth held by the poorest p, 0 <= p <= 1, and by the richest p; the Gini coefficient. NaN
 *  where the mean is infinite. */
double stationary_lorenz(const struct stationary *law, double p);
double stationary_share_top(const struct stationary *law, double p);
double stationary_gini(const struct stationary *law);

/** The law's own integrals, for comparison with kesten_theory, which has them exactly; +inf where theory says
 *  so. They leave out what lies beyond the grid: little where the tail index is above 4 and v2 below 2,
 *  much otherwise. */
double stationary_mean(const struct stationary *law);
double stationary_variance(const struct stationary *law);
