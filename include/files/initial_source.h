/** Where start values come from: a dataset of an HDF5 file or a text file, looked at and read. What a file holds is
 *  found out by one rank; then each rank may read its part of the values by itself. None of these is collective. */
#pragma once

#include "core/error.h"
#include "files/initial.h"
#include <stdbool.h>
#include <stdint.h>

enum { INITIAL_HEADER = 64, INITIAL_WHY = 96 };

/** A file, found. Plain data: it may be sent to other ranks. */
struct initial_source {
    char path[INITIAL_PATH], dataset[INITIAL_PATH];
    bool is_hdf5;
    int64_t count;               /**< values that it has, once they were counted: at least 1 */
    char header[INITIAL_HEADER]; /**< beginning of a text's line that was taken for a header, or "" */
    int64_t header_line;
};

/** The value that is no wealth and comes first among those that were read. */
struct initial_refusal {
    int64_t position;      /**< from 0; INT64_MAX where all values are wealth */
    char why[INITIAL_WHY]; /**< what is wrong with it, in words */
};

/** Say why a value that is not in range is no wealth. @param[out] why  [INITIAL_WHY] @return why */
const char *initial_refuse(struct initial_range range, double value, char *why);

/** Whether a value is in range. */
bool initial_is_wealth(struct initial_range range, double value);

/** Look whether all lines are numbers in range, one on each, and count them. The first line may be a header.
 *  @return WS_OK, or WS_USAGE with a message added */
enum status initial_text_count(struct initial_source *source, struct initial_range range);

/** Set wealth [households.n] to the values of the text.
 *  @return WS_OK, or WS_FAILED with a message where reading failed or the file is no longer what was counted */
enum status initial_text_read(const struct initial_source *source, struct initial_range range,
    struct initial_households households, double *wealth);

/** Look whether the dataset is there, one column or row of numbers, and can be read here; take its length for the count.
 *  @return WS_OK, or WS_USAGE with a message added */
enum status initial_dataset_count(struct initial_source *source);

/** Set wealth [households.n] to the values of the dataset, unpacked where it has scale_factor or add_offset.
 *  @param[out] refused  the first of them that is missing or not in range
 *  @return WS_OK, or WS_FAILED with a message where reading failed (memory) */
enum status initial_dataset_read(const struct initial_source *source, struct initial_range range,
    struct initial_households households, double *wealth, struct initial_refusal *refused);
