/** HDF5 with every call checked, and netCDF-4's conventions on top of it.
 *
 *  H5(call) evaluates the call once and hands its value on; where it failed, it sets this process's message from
 *  the call, the place and HDF5's own words. Calls that follow a failed one fail too and harmlessly, so code may
 *  run on and ask h5_status() once at its end. None of these is collective: HDF5 never has a file open on several ranks
 *  for writing, and takes no locks.
 *
 *  netCDF-4 reads a file whose dimensions are dimension scales and whose groups track the order of creation. */
#pragma once

#include "core/error.h"
#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#define H5(call) h5_checked((int64_t)(call), #call, __FILE__, __LINE__)

/** Begin a sequence of calls: HDF5's own printing is turned off, and errors so far are forgotten. */
void h5_begin(void);
int64_t h5_checked(int64_t value, const char *call, const char *file, int line);

/** What HDF5 says of its last call, which failed: the innermost entry of its error stack.
 *  @param[out] why  [H5_REASON] @return why */
enum { H5_REASON = 512 };
const char *h5_reason(char *why);

/** WS_OK, or WS_FAILED when any H5() since h5_begin failed (the message is then set). */
enum status h5_status(void);

/** Attributes of a file, group or dataset: UTF-8 text of variable length, and numbers. */
void h5_attribute_text(hid_t object, const char *name, const char *text);
void h5_attribute_int(hid_t object, const char *name, int64_t value);
void h5_attribute_real(hid_t object, const char *name, double value);
void h5_attribute_ints(hid_t object, const char *name, const int64_t *values, int64_t n);
void h5_attribute_reals(hid_t object, const char *name, const double *values, int64_t n);

/** A new file in memory, and a group, that netCDF-4 can read. Space for variables that are written later is not
 *  taken. To be closed by h5_save, H5Gclose. */
hid_t h5_create_file(void);
hid_t h5_create_group(hid_t parent, const char *name);

/** Write the file in memory to a temporary, in place of what is in it, make room behind it on the disk where the file
 *  system can promise that, and close it. What goes wrong on a disk goes wrong here, in plain writes, and not within HDF5, which does not get
 *  over a failed close. @param[in] room  bytes that are going to be written later */
enum status h5_save(hid_t file, const char *path, int64_t room);

/** A dimension: its name, length, and its scale, to be closed with H5Dclose. */
struct h5_dimension {
    const char *name;
    int64_t length;
    hid_t scale;
};

/** A dimension without values: netCDF's own form, a scale that stores nothing. */
struct h5_dimension h5_create_dimension(hid_t group, const char *name, int64_t length);

/** A dimension with values, which are a variable of the dimension's name. type: of values in memory and file. */
struct h5_dimension h5_create_coordinate(hid_t group, const char *name, int64_t length, hid_t type,
    const void *values, const char *long_name, const char *units);

/** A variable over dimensions [n], n may be 0. values: row-major, or NULL to leave the data to be written later.
 *  @return the dataset, to be closed with H5Dclose. */
hid_t h5_create_variable(hid_t group, const char *name, hid_t type, const struct h5_dimension *dimensions,
    int n, const void *values, const char *long_name, const char *units);

/** The same, closed. */
void h5_write_variable(hid_t group, const char *name, hid_t type, const struct h5_dimension *dimensions,
    int n, const void *values, const char *long_name, const char *units);

/** The type of complex numbers, {r, i}, which h5py and Julia read as such: made in a file, under this name, so that
 *  netCDF-4 knows it. To be closed with H5Tclose. */
#define H5_COMPLEX_TYPE "complex"
hid_t h5_create_complex_type(hid_t file);

/** A variable of texts: dimension->length of them, in UTF-8, each in so many bytes of which those behind it are 0. Stored
 *  in netCDF's form, as characters over the dimension and another, NAME_length. */
void h5_write_texts(hid_t group, const char *name, const struct h5_dimension *dimension, const char *texts,
    size_t bytes, const char *long_name);

/** How a variable is compressed, a property list for creating it: in chunks of H5_CHUNK_VALUES of its last dimension, or
 *  of its length where that is less. lengths: of its n dimensions, n <= H5_CHUNK_DIMENSIONS. level: deflate's, 1 … 9.
 *  To be closed with H5Pclose. */
enum { H5_CHUNK_VALUES = 1 << 17, H5_CHUNK_DIMENSIONS = 2 };
hid_t h5_create_compression(const hsize_t *lengths, int n, int level);

/** A variable whose data is written later, in compressed chunks along its last dimension. level: deflate's, 1 … 9. */
hid_t h5_create_compressed(hid_t group, const char *name, hid_t type, const struct h5_dimension *dimensions,
    int n, int level, const char *long_name, const char *units);

/** A variable of n > 0 rows of so many columns, without dimension scales, for which space is taken at once: its data is
 *  written later by other means. To a file opened by h5_open_alone.
 *  @return the place of the first row in the file, HADDR_UNDEF after a failure */
haddr_t h5_create_rows(hid_t file, const char *name, hid_t type, int64_t n, int64_t columns);

/** Write all values of a variable of doubles, or of an attribute with one number, that are there already. Not
 *  collective: the file was opened by this rank alone. */
void h5_overwrite_variable(hid_t group, const char *name, const double *values);
void h5_overwrite_attribute(hid_t object, const char *name, double value);

/** Where a variable's rows lie in the file. */
struct h5_place {
    int64_t first, plane_bytes, row_bytes; /**< of the first row; of each plane, and of each row */
};

/** Have a variable that is not compressed take its space in the file: ranks then write their rows there by themselves. To a
 *  file opened by h5_open_alone. A row is what has one index of the first dimension or, where that is one of planes, of the
 *  second. */
struct h5_place h5_take_space(hid_t group, const char *name, bool has_planes);

/** Open a temporary of this run for reading and writing, by this rank alone. To be closed with h5_close_written. */
hid_t h5_open_alone(const char *path);

/** Close it. HDF5 1.10 crashes within MPI_Finalize over a file whose close has failed, as it does after a failed write:
 *  error_forbid_finalize then sees to another end. */
void h5_close_written(hid_t file);
