/* References in long double, which Valgrind computes as double. Include after cmocka.h. */
#pragma once

#include <float.h>

/** Skip the case where long double has no more bits than double. */
static inline void need_long_double(void)
{
    const volatile long double one = 1;
    if (one + LDBL_EPSILON == one) {
        print_message("long double is computed as double here\n");
        skip();
    }
}
