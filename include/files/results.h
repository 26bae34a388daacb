/** The result file of `run`: statistics, final wealth, paths, as README.md lists them, in a file as files/result_file.h
 *  says. */
#pragma once

#include "core/comm.h"
#include "core/options.h"
#include "core/timers.h"
#include "files/records.h"
#include "files/result_file.h"
#include "population/population.h"
#include <stdint.h>

/** What a run found out. The same on all ranks, but for population and timers. */
struct results {
    const struct options *options;
    unsigned takes; /**< options that become attributes */
    const struct population *population;
    const struct record *records; /**< [n_records], n_records >= 1, by period */
    int64_t n_records;
    int64_t coalescence; /**< period, -1 when not reached; meant only where the option asked for it */
    uint64_t hash;
    struct timers *timers; /**< of this rank; the seconds of writing are added */
    double start;          /**< timers_now() when the run began */
};

/** Bytes that the file will have, roughly (from above). Not collective. */
int64_t results_bytes(const struct options *options);

/** Check that this HDF5 can compress. Adds a fault with error_add. */
enum status results_check_compression(void);

/** The file, to be written with result_file_write. It points to results and to rows.
 *  @param[out] rows  [ROWS_MOST] what all ranks write */
struct result_file results_file(const struct results *results, struct rows *rows);
