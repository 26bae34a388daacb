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
