/** The inner loop of mobility.h, by vectors. */
#pragma once

#include <stdint.h>

enum { GROUP_BLOCK = 1024 };

/** The group of each value: how many of the bounds are below it. n <= GROUP_BLOCK, n_bounds < 256.
 *  @param[out] group  [n] */
void group_find(const double *x, int n, const double *bound, int n_bounds, uint8_t *group);
