/** HDF5 is loaded by the process that first calls a function of it: on some systems it brings forty libraries along, and of many
 *  ranks one writes the file. Calls are written as ever, with <hdf5.h>; this is for who has to know beforehand whether they
 *  can be made. Where the library is an archive, or the architecture is not one that core/hdf5.c knows, it is linked
 *  as others are. */
#pragma once

/** Load HDF5, if this process has not yet.
 *  @return NULL, or why it cannot be loaded, which stays valid: then all of its functions fail, with -1. Not collective, and
 *          not thread-safe, as HDF5 itself. */
const char *hdf5_fault(void);
