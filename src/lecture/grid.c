#include "lecture/grid.h"

typedef double maximum_function(double y_square, const double *x_square, int n);

VECTOR_DECLARE(double, grid_row_maximum, (double y_square, const double *x_square, int n));

static maximum_function *const maximum[VECTOR_LEVELS] = VECTOR_TABLE(grid_row_maximum);

double axis_point(const struct axis *axis, int64_t i)
{
    if (i > 0 && i == axis->points - 1)
        return axis->upper;
    const double step = axis->points > 1 ? (axis->upper - axis->lower) / (double)(axis->points - 1) : 0;
    return (double)i * step + axis->lower;
}

double grid_row_maximum(enum vector_level level, double y_square, const double *x_square, int n)
{
    return maximum[level](y_square, x_square, n);
}
