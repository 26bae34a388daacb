/** --model: the model file of a struct tabulated_parameters. */
#pragma once

#include "core/options.h"
#include "models/tabulated.h"

extern const struct option_table tabulated_option_table;
