/** Households' paths as a variable of a result file: path_wealth over path and step. */
#pragma once

#include "files/rows.h"
#include "population/population.h"
#include <hdf5.h>
#include <stdint.h>

/** Room for so many paths from period 0 to the last one, and the steps' values. Rank 0 alone.
 *  @return WS_OK, or WS_FAILED (memory); what HDF5 has to say is in h5_status */
enum status paths_lay_out(hid_t file, int64_t n_paths, int64_t periods);

/** The paths that this rank has kept, to be written. @param[in] first  number, among all paths, of this rank's first */
struct rows paths_rows(const struct population *population, int64_t first);
