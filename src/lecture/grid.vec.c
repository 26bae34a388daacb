/* cos a = (-1)^k cos r with r = a - k π, |r| <= π/2: π in two parts, of which the first has 27 bits, so that its product
 * with k <= 2^26 is exact. cos r = 1 + r² P(r²), minimax, largest absolute error 4.3e-18, by tests/bench/kernel.sollya:
 * near its largest values the sum's rounding is all that is lost. 22 vector operations, a division among them. */
#include "lecture/grid.h"
#include "simd/lanes.h"

SIMD_KERNEL(
    double, grid_row_maximum, (double y_square, const double *x_square, int n), (y_square, x_square, n))

LANES_INLINE lanes_double cosine(lanes_double a)
{
    static const double c[8] = {-0x1.ffffffffffffdp-2, 0x1.5555555555414p-5, -0x1.6c16c16c0b5c6p-10,
        0x1.a01a0199dede8p-16, -0x1.27e4f995cb656p-22, 0x1.1eece58bfc916p-29, -0x1.93521ed3d6e1ep-37,
        0x1.9f482b670de16p-45};
    /* adding it rounds to an integer, which then stands in the lowest bits */
    const lanes_double magic = lanes_of(0x1.8p52);
    const lanes_double shifted = lanes_fma(a, lanes_of(0x1.45f306dc9c883p-2), magic), k = shifted - magic;
    const lanes_double first = lanes_fma(-k, lanes_of(0x1.921fb54p1), a);
    const lanes_double r = lanes_fma(-k, lanes_of(0x1.10b4611a62633p-29), first), square = r * r;
    lanes_double sum = lanes_of(c[7]);
    for (int i = 6; i >= 0; i--)
        sum = lanes_fma(sum, square, lanes_of(c[i]));
    const lanes_word sign = (lanes_word)shifted << 63;
    return (lanes_double)((lanes_word)lanes_fma(sum, square, lanes_of(1)) ^ sign);
}

LANES_INLINE lanes_double value(lanes_double x_square, lanes_double y_square)
{
    return cosine(x_square + y_square) / ((lanes_of(1) + x_square) + y_square);
}

double SIMD(grid_row_maximum)(double y_square, const double *x_square, int n)
{
    const lanes_double y = lanes_of(y_square);
    lanes_double largest = lanes_of(-2);
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        largest = lanes_max(largest, value(lanes_load(x_square + i), y));
    if (i < n) {
        double last[LANES];
        for (int lane = 0; lane < LANES; lane++)
            last[lane] = x_square[i + lane < n ? i + lane : n - 1];
        largest = lanes_max(largest, value(lanes_load(last), y));
    }
    double of_all = largest[0];
    for (int lane = 1; lane < LANES; lane++)
        of_all = largest[lane] > of_all ? largest[lane] : of_all;
    return of_all;
}
