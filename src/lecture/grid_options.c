#include "lecture/grid_options.h"
#include <limits.h>

#define MEMBER(name) offsetof(struct axis, name)

// clang-format off
static const struct option_row rows[] = {
    {.group = "Grid",
     .name = "points", .argument = "N", .type = OPTION_COUNT, .offset = MEMBER(points),
     .fallback = "5000", .low = 1, .high = INT_MAX, .range = "1 to 2147483647",
     .help = "Points per side of the grid"},
    {.name = "lower", .argument = "X", .type = OPTION_REAL, .offset = MEMBER(lower),
     .fallback = "-3", .low = -1e4, .high = 1e4, .range = "-10000 to 10000",
     .help = "First point of a side"},
    {.name = "upper", .argument = "X", .type = OPTION_REAL, .offset = MEMBER(upper),
     .fallback = "3", .low = -1e4, .high = 1e4, .range = "-10000 to 10000",
     .help = "Last point of a side"},
};
// clang-format on

const struct option_table grid_option_table = OPTION_TABLE(rows);
