/** Whether a file is one of HDF5's, by its signature alone: without a lock, and without waiting for a pipe. */
#pragma once

#include <stdbool.h>

/** @param[in] descriptor  of a file that is open for reading; its position stays */
bool signature_is_hdf5(int descriptor);
