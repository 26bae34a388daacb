#include "core/arithmetic.h"
#include <fenv.h>
#include <float.h>
#include <stdbool.h>
#include <stddef.h>

/* Each value passes through memory, so that the processor and not the compiler computes. */
static bool rounds_to_nearest(void)
{
    volatile double one = 1, half_step = 0x1p-53, more = 0x1.8p-53;
    volatile double up = one + half_step, down = -one - half_step, next = one + more;
    return fegetround() == FE_TONEAREST && up == 1 && down == -1 && next == 1 + 0x1p-52;
}

const char *arithmetic_fault(void)
{
    volatile double least = DBL_MIN, subnormal = 0x1p-1074, large = 0x1p1000;
    volatile double half = least / 2, grown = subnormal * large;
    if (grown != 0x1p-74)
        return "subnormal numbers count as zero";
    if (half == 0)
        return "results that are subnormal numbers become zero";
    return rounds_to_nearest() ? NULL : "results are not rounded to the nearest number";
}
