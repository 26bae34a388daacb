/** --households and --periods, each an int64_t: N and T. */
#pragma once

#include "core/options.h"

extern const struct option_table households_option_table, periods_option_table;
