/** Starting from a distribution: the values of an HDF5 dataset or of a text file, dealt out to the households.
 *
 *  A source is FILE or FILE:DATASET. A file in HDF5's format is read at DATASET, or at "wealth" without it, which must be
 *  one-dimensional, or have one column or one row; packed values are unpacked, missing ones refused (files/packing.h). Any
 *  other file is text with a number on each line: blank lines and lines that begin with # are skipped, the first other
 *  line may be a header. Of M values, household i of N starts at value floor((2i + 1) M / (2N)) (files/initial_points.h). */
#pragma once

#include "core/comm.h"
#include "core/error.h"
#include <stdint.h>
#include <stdio.h>

enum { INITIAL_PATH = 4096 };

/** The file of a source. Not collective. */
void initial_path(const char *text, char path[INITIAL_PATH]);

/** What wealth may be: in [low, high], finite. */
struct initial_range {
    double low, high;
};

/** 0 and more. */
extern const struct initial_range initial_range_positive;

/** Households of a population: first … first + n - 1 of n_global; n may be 0. */
struct initial_households {
    int64_t n_global, first, n;
};

/** Check that the source can be read and has values. Adds a fault that says what is there instead; a line that is taken
 *  for a header is said in the log. Not collective. */
enum status initial_check(const char *text, struct initial_range range, FILE *log);

/** Set households from the source. Each rank reads what it needs and no more, in pieces.
 *  Collective over comm->world; text, range and n_global are the same on all ranks.
 *  @param[out] wealth  [households.n]
 *  @return WS_OK on all ranks, or on all ranks the worst of: WS_USAGE where a value is missing or not in range (the message
 *          names its position); WS_FAILED where reading failed. */
enum status initial_read(const struct comm *comm, const char *text, struct initial_range range,
    struct initial_households households, double *wealth);
