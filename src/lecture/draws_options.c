#include "lecture/draws_options.h"

// clang-format off
static const struct option_row rows[] = {
    {.group = "Monte Carlo",
     .name = "draws", .argument = "N", .type = OPTION_COUNT,
     .fallback = "100000000", .low = 1, .high = 0x1p47 - 0x1p16, .range = "1 to 140737488289792",
     .help = "Points drawn in the unit square"},
};
// clang-format on

const struct option_table draws_option_table = OPTION_TABLE(rows);
