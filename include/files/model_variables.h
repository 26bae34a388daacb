/** The variables of a model file, as HDF5 or netCDF-4 holds them: found by their names, their shapes held against each other,
 *  read. Not collective; one rank does it. */
#pragma once

#include "core/error.h"
#include "models/tabulated_data.h"
#include <hdf5.h>

/** A model file that is open for reading. */
struct model_source {
    const char *path;
    hid_t file;
    const char *where; /**< begins a message: the option and the file */
};

/** Read lengths and values. Coordinate variables of dimensions are left alone, and so is what lies in groups; outcomes
 *  are in the order of their names.
 *  @param[in,out] data  all zero before; the values are the caller's also after a failure (tabulated_data_free)
 *  @return WS_OK; WS_USAGE with a message (error_add) for each fault: what is missing or unknown, with the nearest name;
 *          what is no variable of numbers of the right dimensions, or lies elsewhere, or is packed, or has no value
 *          somewhere; WS_FAILED (memory) */
enum status model_variables_read(const struct model_source *source, struct tabulated_data *data);
