/** What the fuzz targets share. A target is a libFuzzer program: it calls a reader of the user's input with whatever
 *  libFuzzer makes up, and aborts where the reader breaks its promise; sanitizers abort where it breaks C's. */
#pragma once

#include "core/comm.h"
#include "core/error.h"
#include <hdf5.h>
#include <sanitizer/lsan_interface.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** The one process of the target. */
static struct comm comm;

/** The input's file, in the working folder, another one for each process. */
static char input_path[64];

static inline void target_start(int *argc, char ***argv)
{
    __lsan_disable(); /* what the libraries keep for good */
    comm_start(&comm, argc, argv);
    H5open();
    __lsan_enable();
    snprintf(input_path, sizeof input_path, "input.%d", (int)getpid());
}

/** Make the input's file hold these bytes. */
static inline void target_write(const void *bytes, size_t size)
{
    FILE *file = fopen(input_path, "w");
    ENSURE(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

/** A dataset of an HDF5 file that is being written; to be closed. rank 0: a single value. */
static inline hid_t target_create_dataset(
    hid_t file, const char *name, hid_t type, int rank, const hsize_t *lengths)
{
    const hid_t space = rank > 0 ? H5Screate_simple(rank, lengths, NULL) : H5Screate(H5S_SCALAR);
    const hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    ENSURE(dataset >= 0);
    H5Sclose(space);
    return dataset;
}

/** A number that such a file, or a dataset of it, has as an attribute. */
static inline void target_write_number(hid_t owner, const char *name, double number)
{
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(owner, name, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT);
    ENSURE(attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_DOUBLE, &number) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
}

/** A status other than WS_OK comes with a message, WS_OK without. Forgets the message. */
static inline void target_check_message(enum status status)
{
    ENSURE((status == WS_OK) == (error_message()[0] == '\0'));
    error_clear();
}

/** The input's next bytes, as a number of their own size; 0 behind its end. */
struct input {
    const uint8_t *data;
    size_t size;
};

static inline uint32_t input_next(struct input *input, size_t bytes)
{
    uint32_t value = 0;
    for (size_t i = 0; i < bytes && input->size > 0; i++, input->data++, input->size--)
        value |= (uint32_t)*input->data << (8 * i);
    return value;
}
