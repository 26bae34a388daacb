#include "lecture/gridmax.h"
#include "lecture/pi.h"
#include "verify/checks.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* π from draws whose count is known. Broken: one point more. */
bool check_pi(struct verification *verification)
{
    static const struct pi_draws draws = {.n = 10000019, .family = RNG_MLFG, .seed = 1};
    enum { INSIDE = 7853069 };
    struct pi pi;
    if (pi_compute(verification->comm, &draws, &verification->timers, true, &pi) != WS_OK)
        return false;
    if (verification_breaks(verification, "pi"))
        pi.inside++;
    const double z = (pi.value - M_PI) / pi.error;
    snprintf(verification->said, sizeof verification->said,
        "%" PRId64 " of %" PRId64 " points within the circle, known to be %d; %+.2f standard errors from pi",
        pi.inside, draws.n, INSIDE, z);
    return pi.inside == INSIDE && fabs(z) < 5;
}

/* The lecture's grid, whose largest value NumPy gives as well. Broken: the last bit. */
bool check_gridmax(struct verification *verification)
{
    static const struct axis axis = {.lower = -3, .upper = 3, .points = 5000};
    static const double known = 0.9999992797121728;
    struct gridmax found;
    gridmax_compute(verification->comm, &axis, &verification->timers, true, &found);
    if (verification_breaks(verification, "gridmax"))
        found.value = nextafter(found.value, 0);
    snprintf(verification->said, sizeof verification->said,
        "%.16g at row %" PRId64 ", column %" PRId64 ", known to be %.16g at 2499, 2499", found.value,
        found.row, found.column, known);
    return found.value == known && found.row == 2499 && found.column == 2499;
}
