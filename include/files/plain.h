/** What a checkpoint's HDF5 file is made of: attributes of one number, of a list of numbers and of a text in a fixed number
 *  of bytes, and datasets of numbers in one piece.
 *
 *  They are read only as such, since a checkpoint may come from anybody: what has another type or shape, is reached through
 *  a link, or lies in another file is refused with a message that names the file. HDF5's types of variable length are none
 *  of them: HDF5 1.10 believes what the file says of their place and length, and may read it for ever. None of these
 *  functions is collective. Those that read return whether they did; what they were to fill is left alone otherwise. */
#pragma once

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A file or group that is open for reading, and the file's name for messages. */
struct plain {
    hid_t id;
    const char *path;
    bool *is_damaged; /**< set when something is refused for what it is, and not when it could not be read */
};

/** Write to a file of h5_create_file. Numbers are attributes as of h5_attribute_int, _real and _reals. type: H5T_NATIVE_INT64 or H5T_NATIVE_DOUBLE;
 *  n may be 0. What HDF5 has to say is in h5_status. */
void plain_write_text(hid_t object, const char *name, const char *text);
void plain_write_values(hid_t group, const char *name, hid_t type, int64_t n, const void *values);

/** Open a file for reading, without a lock; h5_begin comes before. To be closed with plain_close, also after a failure. */
struct plain plain_open(const char *path, bool *is_damaged);
void plain_close(struct plain file);

/** A group in it, to be closed with H5Gclose where its id is not negative. */
struct plain plain_open_group(struct plain file, const char *name);

/** Whether there is an attribute of the name. */
bool plain_has(struct plain from, const char *name);

bool plain_read_int(struct plain from, const char *name, int64_t *value);
bool plain_read_real(struct plain from, const char *name, double *value);

/** @param[out] values  [capacity], of which n are set */
bool plain_read_reals(struct plain from, const char *name, double *values, int64_t capacity, int64_t *n);

/** @param[out] text  [bytes], with a NUL at its end */
bool plain_read_text(struct plain from, const char *name, char *text, size_t bytes);

/** A dataset of n numbers. type: H5T_NATIVE_INT64 or H5T_NATIVE_DOUBLE. @param[out] values  [n] */
bool plain_read_values(struct plain from, const char *name, hid_t type, int64_t n, void *values);

/** Refuse: set is_damaged, and the message that what the name stands for is not what it should be. @return false */
bool plain_refuse(struct plain from, const char *name, const char *what);

/** Whether a dataset of n rows of so many bytes lies at this place of the file, n > 0. Says nothing. */
bool plain_has_rows(struct plain file, const char *name, int64_t n, int64_t row_bytes, int64_t place);
