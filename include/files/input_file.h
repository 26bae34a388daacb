/** Files that the user names to be read, written by whatever program: looked at without waiting for anybody, and opened by
 *  HDF5. Faults are added with error_add, and begin with the option's name. None of these is collective. */
#pragma once

#include "core/error.h"
#include <hdf5.h>
#include <stdbool.h>

/** A file that a command reads or writes by an option. */
struct named_file {
    const char *option, *path; /**< path may be "" for none, and FILE:DATASET */
};

/** Look whether a path is a regular file that can be read, and that no other program has open for writing.
 *  @param[out] is_hdf5  whether it has HDF5's signature; set in any case */
enum status input_file_find(const char *option, const char *path, bool *is_hdf5);

/** Open it by HDF5, for reading. Errors of HDF5 so far are forgotten (h5_begin).
 *  @return negative after a fault was added; else to be closed with H5Fclose */
hid_t input_file_open(const char *option, const char *path);

/** Check that the filters which a dataset's values went through are here. */
enum status input_file_check_filters(
    const char *option, const char *path, const char *dataset_name, hid_t dataset);

/** Whether a dataset is netCDF's dimension without a variable: a scale that stores nothing. */
bool input_file_is_bare_dimension(hid_t dataset);

/** Whether a dataset's values lie in other files. */
bool input_file_lies_elsewhere(hid_t dataset);
