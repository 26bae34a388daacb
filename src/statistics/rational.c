#include "statistics/rational.h"
#include <math.h>

/* Shift so that the quotient has at least 64 bits, divide, and put what remains into the last bit: the
 * quotient's first 64 bits then round like the rational itself. */
double rational_round(const mpz_t numerator, const mpz_t denominator, long exponent)
{
    if (mpz_sgn(numerator) == 0)
        return 0.0;

    mpz_t quotient, remainder;
    mpz_inits(quotient, remainder, NULL);
    mpz_abs(quotient, numerator);
    const long shift = 66 + (long)mpz_sizeinbase(denominator, 2) - (long)mpz_sizeinbase(quotient, 2);
    if (shift > 0)
        mpz_mul_2exp(quotient, quotient, (mp_bitcnt_t)shift);
    mpz_tdiv_qr(quotient, remainder, quotient, denominator);
    int inexact = mpz_sgn(remainder) != 0;
    exponent -= shift > 0 ? shift : 0;

    /* Bits to keep: 53, or fewer when the result is subnormal (down to none: it may still round up). */
    const long bits = (long)mpz_sizeinbase(quotient, 2);
    long kept = bits + exponent + 1074;
    kept = kept > 53 ? 53 : kept;
    double result = 0.0;
    if (bits + exponent > 1024) {
        result = HUGE_VAL;
    } else if (kept >= 0) {
        const long dropped = bits - kept;
        const int half = mpz_tstbit(quotient, (mp_bitcnt_t)(dropped - 1));
        inexact |= (long)mpz_scan1(quotient, 0) < dropped - 1;
        mpz_tdiv_q_2exp(quotient, quotient, (mp_bitcnt_t)dropped);
        if (half && (inexact || mpz_odd_p(quotient)))
            mpz_add_ui(quotient, quotient, 1);
        result = ldexp(mpz_get_d(quotient), (int)(exponent + dropped));
    }
    const int sign = mpz_sgn(numerator);
    mpz_clears(quotient, remainder, NULL);
    return sign < 0 ? -result : result;
}
