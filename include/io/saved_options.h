/** Options as attributes of a file, and the comparison of a file's with a run's. */
#pragma once

#include "runtime/options.h"
#include <hdf5.h>

/** Write the options that a command takes, by their names. */
void saved_options_write(hid_t file, const struct options *options, unsigned takes);

/** Compare the options that must be the same for a run to go on from this file: those of the model and the streams, and
 *  of what is recorded. Each difference is added with error_add.
 *  @return WS_OK, or WS_USAGE when there are differences */
enum status saved_options_compare(hid_t file, const struct options *options, unsigned takes);
