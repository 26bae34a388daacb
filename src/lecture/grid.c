#include "lecture/grid.h"

double axis_point(const struct axis *axis, int64_t i)
{
    if (i > 0 && i == axis->points - 1)
        return axis->upper;
    const double step = axis->points > 1 ? (axis->upper - axis->lower) / (double)(axis->points - 1) : 0;
    return (double)i * step + axis->lower;
}
