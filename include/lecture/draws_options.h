/** --draws, an int64_t: points of pi. */
#pragma once

#include "core/options.h"

extern const struct option_table draws_option_table;
