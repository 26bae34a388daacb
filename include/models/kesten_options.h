/** --w0, --r, --s, --v1, --v2, --precision: the parameters of the lecture's household, in a struct kesten_parameters. */
#pragma once

#include "core/options.h"
#include "models/kesten.h"

extern const struct option_table kesten_option_table;
