/** Where a result is going to be: that it can be written there, and that nothing of the user's is lost by it. */
#pragma once

#include "core/options.h"
#include <stdint.h>

/** Adds a fault where the folder or its disk will not do (atomic_file_check), and where the result would replace a file that
 *  the run reads (--initial, --config, under whatever name) or one that is not in HDF5's format. An empty file may be
 *  replaced. Not collective. @param[in] bytes  that the result will have, about */
enum status result_place_check(const struct options *options, int64_t bytes);
