/** A model file: HDF5 or netCDF-4, with the variables of models/tabulated_data.h by their names. */
#pragma once

#include "core/comm.h"
#include "models/tabulated_data.h"

/** Read a model file on rank 0, check it completely, and give it to all ranks. Collective over comm->world.
 *  @param[in]  path  the same on all ranks
 *  @param[out] data  owned by the caller: tabulated_data_free, after a failure too (all zero then)
 *  @return on all ranks: WS_OK; WS_USAGE with a message on rank 0 for each fault: what is wrong with the file, or with
 *          a variable, and where; WS_FAILED (memory) */
enum status model_file_read(const struct comm *comm, const char *path, struct tabulated_data *data);
