/** The result file: one HDF5 file, valid netCDF-4, whose variables and attributes README.md lists.
 *
 *  Rank 0 lays the file out alone (attributes, statistics, room for what comes), all ranks then write their
 *  households and seconds collectively, and the file gets its name. */
#pragma once

#include "io/records.h"
#include "population/population.h"
#include "runtime/comm.h"
#include "runtime/options.h"
#include "runtime/timers.h"
#include <stdint.h>

enum { RESULTS_FORMAT_MAJOR = 1, RESULTS_FORMAT_MINOR = 0 };

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

/** Write the file options->output. Collective over comm->world.
 *  @return WS_OK, or WS_FAILED on all ranks: an earlier file of that name is then as it was. */
enum status results_write(const struct comm *comm, const struct results *results);
