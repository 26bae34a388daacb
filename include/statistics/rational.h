/** Rationals to doubles, rounded once. */
#pragma once

#include <gmp.h>

/** numerator / denominator × 2^exponent, rounded to the nearest double, ties to even, also where the result is
 *  subnormal; ±inf when it is out of range. @param[in] denominator  > 0 */
double rational_round(const mpz_t numerator, const mpz_t denominator, long exponent);
