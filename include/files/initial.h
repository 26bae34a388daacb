/** Starting from a distribution: the values of an HDF5 dataset or of a text file, dealt out to the households.
 *
 *  A source is FILE or FILE:DATASET. A file in HDF5's format is read at DATASET, or at "wealth" without it, which must be
 *  one-dimensional, or have one column or one row; packed values are unpacked, missing ones refused (files/packing.h). Any
 *  other file is text with a number on each line: blank lines and lines that begin with # are skipped, the first other
 *  line may be a header. Of M values, household i starts at value i mod M. */
#pragma once

#include "core/comm.h"
#include "core/error.h"
#include <stdint.h>
#include <stdio.h>

enum { INITIAL_PATH = 4096 };

/** The file of a source. Not collective. */
void initial_path(const char *text, char path[INITIAL_PATH]);

/** Check that the source can be read and has values. Adds a fault that says what is there instead; a line that is taken
 *  for a header is said in the log. Not collective. */
enum status initial_check(const char *text, FILE *log);

/** Set the households first … first + n - 1 from the source. Each rank reads what it needs and no more.
 *  Collective over comm->world; text is the same on all ranks.
 *  @param[out] wealth  [n], n may be 0
 *  @return WS_OK on all ranks, or on all ranks the worst of: WS_USAGE where a value is missing or not a finite number,
 *          0 or more (the message names its position); WS_FAILED where reading failed. */
enum status initial_read(const struct comm *comm, const char *text, int64_t first, int64_t n, double *wealth);
