/** The lecture's function f(x, y) = cos(x² + y²) / (1 + x² + y²) on a grid of evenly spaced points.
 *
 *  Its arithmetic is the project's own, so that all layouts and vector levels agree to the bit: squares and sums each
 *  rounded, 1 + x² + y² from the left as NumPy evaluates it, the cosine as grid.vec.c makes it. The cosine's largest
 *  absolute error, against libm's in long double over |x|, |y| <= 10,000, is 2.7e-16 (tests/unit/test_grid.c measures
 *  it again); for x² + y² < 1e-3, where f is largest, f is libm's to the bit. */
#pragma once

#include <stdint.h>

/** Ends and number of points of an axis. */
struct axis {
    double lower, upper; /**< finite, |.| <= 10,000; upper may be the less */
    int64_t points;      /**< 1 … 2^31 - 1 */
};

/** Point i of an axis, to the bit as numpy.linspace(lower, upper, points)[i] has it. */
double axis_point(const struct axis *axis, int64_t i);

/** The largest f over points of a row that have the same y.
 *  @param[in] y_square  0 … 10^8
 *  @param[in] x_square  [n] 0 … 10^8 each; any alignment
 *  @param[in] n         >= 1 */
double grid_row_maximum(double y_square, const double *x_square, int n);
