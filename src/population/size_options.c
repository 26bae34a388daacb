#include "population/size_options.h"
#include <limits.h>

// clang-format off
static const struct option_row households[] = {
    {.group = "Model",
     .name = "households", .letter = 'n', .argument = "N", .type = OPTION_COUNT,
     .fallback = "50000", .low = 1, .high = 0x1p38, .range = "1 to 274877906944", .resume = RESUME_SAME,
     .help = "Households of the population"},
};

static const struct option_row periods[] = {
    {.group = "Model",
     .name = "periods", .letter = 'T', .argument = "T", .type = OPTION_COUNT,
     .fallback = "1000", .low = 0, .high = INT_MAX, .range = "0 to 2147483647",
     .help = "Periods that they live"},
};
// clang-format on

const struct option_table households_option_table = OPTION_TABLE(households);
const struct option_table periods_option_table = OPTION_TABLE(periods);
