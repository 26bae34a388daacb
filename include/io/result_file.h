/** What the result files of all commands have in common: written by all ranks, complete or not there; the options, the
 *  versions and the layout as attributes; where the seconds went. What a command found out comes in through two
 *  functions of its own.
 *
 *  Rank 0 lays the file out alone, all ranks then write collectively what each of them holds, and the file gets its
 *  name. It is valid netCDF-4. */
#pragma once

#include "runtime/comm.h"
#include "runtime/options.h"
#include "runtime/timers.h"
#include <hdf5.h>
#include <stdint.h>

enum { RESULT_FORMAT_MAJOR = 1, RESULT_FORMAT_MINOR = 2 };

/** The same on all ranks, but for timers and content. */
struct result_file {
    const struct options *options;
    unsigned takes;      /**< options that become attributes */
    const char *command; /**< the command's name */
    const char *title;
    uint64_t hash;         /**< of the answer: result_hash */
    const char *rate_name; /**< attribute for work by elapsed second */
    double work;
    const char *const
        *later; /**< names of the variables that write_together writes, but for compressed ones; up to a
                                   NULL; or NULL for none */
    int64_t bytes_later;   /**< that write_together adds, from above; 0 where that cannot be told */
    struct timers *timers; /**< of this rank; the seconds of writing are added */
    double start;          /**< timers_now() when the command began */
    const void *content;   /**< handed to both functions */

    /** Rank 0 alone: the command's attributes and variables, with room for those that write_together writes.
     *  @return WS_OK, or what went wrong beside HDF5, whose errors are in h5_status */
    enum status (*lay_out)(hid_t file, const void *content);

    /** All ranks: what each of them holds. Collective over comm; its errors are in h5_status. NULL for nothing. */
    void (*write_together)(MPI_Comm comm, hid_t file, const void *content);
};

/** Write the file options->output. Collective over comm->world.
 *  @return WS_OK, or WS_FAILED on all ranks: an earlier file of that name is then as it was. */
enum status result_file_write(const struct comm *comm, const struct result_file *result);
