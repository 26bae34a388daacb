/** Options as attributes of a file, and the comparison of a file's with a run's. */
#pragma once

#include "core/options.h"
#include "files/plain.h"

/** Write the options that a command takes, by their names; texts as HDF5's strings, or plainly, for saved_options_compare. */
void saved_options_write(hid_t file, const struct options *options, unsigned takes);
void saved_options_write_plain(hid_t file, const struct options *options, unsigned takes);

/** Compare the options that must be the same for a run to go on from this file: those of the model and the streams, and
 *  of what is recorded. Each difference is added with error_add.
 *  @return WS_OK; WS_USAGE when there are differences; WS_FAILED when the file does not have an option as it was written */
enum status saved_options_compare(struct plain file, const struct options *options, unsigned takes);
