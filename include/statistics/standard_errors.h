/** Standard errors from independent sub-populations: a statistic's values in n parts of the population tell how precise it is.
 *
 *  Blocks are independent, so that those whose numbers are the same modulo n are a sub-population by themselves, and the
 *  statistic of each, t_g of n_g values, is a draw of its own. With their weighted mean t = Σ n_g t_g / N, the standard error
 *  of the statistic of all is sqrt(Σ n_g (t_g - t)² / ((n - 1) N)): where all n_g are the same, the spread of the t_g over
 *  sqrt(n). An interval takes Student's t with n - 1 degrees of freedom. This asks for no moments and for no formula:
 *  sectioning, of Asmussen and Glynn, Stochastic Simulation (2007), section III.5. Where the variance is infinite, the spread
 *  still tells how far samples of that size are apart, but it shrinks slower than by sqrt(n), so that the error is too
 *  small for a mean, and an interval's confidence is not Student's.
 *
 *  None of these functions is collective. */
#pragma once

#include "core/error.h"
#include "statistics/summary.h"

/** The standard errors of all statistics that have an error_name (statistics/statistic.h), in the places of the statistics
 *  themselves. NaN in all other places, and where a sub-population's statistic is not finite.
 *  @param[in]  of      [n] of the sub-populations, n >= 2
 *  @param[in]  minus   NULL; or [n] of other values of the same households: the standard errors are then those of the
 *                      differences between the statistics, which what both have met alike does not enter
 *  @param[out] errors  of summaries_create */
void standard_errors(const struct summary *of, const struct summary *minus, int n, struct summary *errors);
