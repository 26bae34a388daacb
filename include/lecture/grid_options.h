/** --points, --lower, --upper: the grid, as an axis. */
#pragma once

#include "core/options.h"
#include "lecture/grid.h"

extern const struct option_table grid_option_table;
