#include "statistics/group_block.h"
#include "simd/lanes.h"

SIMD_KERNEL(void, group_find, (const double *x, int n, const double *bound, int n_bounds, uint8_t *group),
    (x, n, bound, n_bounds, group))

void SIMD(group_find)(const double *x, int n, const double *bound, int n_bounds, uint8_t *group)
{
    int64_t found[GROUP_BLOCK];
    for (int i = 0; i < n; i++)
        found[i] = 0;
    for (int j = 0; j < n_bounds; j++)
        for (int i = 0; i < n; i++)
            found[i] += x[i] > bound[j];
    for (int i = 0; i < n; i++)
        group[i] = (uint8_t)found[i];
}
