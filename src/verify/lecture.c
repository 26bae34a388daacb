#include "lecture/eigvals.h"
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

/* A cyclic shift has the roots of unity for eigenvalues: the largest distance of one from the nearest that was found.
 * Broken: an entry is off by a millionth. */
bool check_eigenvalues(struct verification *verification)
{
    enum { ORDER = 64 };
    static const double most = 1e-13;
    double matrix[ORDER * ORDER] = {0}, largest = 0;
    double complex value[ORDER];
    struct lapack lapack;
    for (int i = 0; i < ORDER; i++)
        matrix[i * ORDER + (i + 1) % ORDER] = 1;
    if (verification_breaks(verification, "eigenvalues"))
        matrix[1] += 1e-6;
    const enum status status = lapack_open(&lapack, verification->comm->host_name);
    if (error_agree(verification->comm->world, status) != WS_OK) {
        snprintf(verification->said, sizeof verification->said, "not looked for: LAPACK cannot be used");
        return status == WS_OK;
    }
    const int info = eigvals_of_matrix(&lapack, matrix, ORDER, value);
    for (int k = 0; k < ORDER; k++) {
        double nearest = INFINITY;
        for (int i = 0; i < ORDER && info == 0; i++)
            nearest = fmin(nearest, cabs(value[i] - cexp(2 * M_PI * I * k / (double)ORDER)));
        largest = fmax(largest, nearest);
    }
    snprintf(verification->said, sizeof verification->said,
        "of a cyclic shift, by LAPACK: at most %.2g from the roots of unity (at most %.0e)", largest, most);
    return largest <= most;
}
