/** What the result files of all commands have in common: complete or not there; the options, the versions and the layout as
 *  attributes; where the seconds went. What a command found out comes in through a function of its own, and as rows.
 *
 *  Rank 0 lays the file out, each rank then writes the rows that it holds, rank 0 adds the seconds, and the file gets its
 *  name. It is valid netCDF-4. */
#pragma once

#include "core/comm.h"
#include "core/options.h"
#include "core/timers.h"
#include "files/rows.h"
#include <hdf5.h>
#include <stdint.h>

enum { RESULT_FORMAT_MAJOR = 1, RESULT_FORMAT_MINOR = 2 };

/** The same on all ranks, but for timers, content and where rows are. */
struct result_file {
    const struct options *options;
    unsigned takes;      /**< options that become attributes */
    const char *command; /**< the command's name */
    const char *title;
    uint64_t hash;         /**< of the answer: result_hash */
    const char *rate_name; /**< attribute for work by elapsed second */
    double work;
    const struct rows
        *rows; /**< [n_rows] the variables that all ranks write, for which lay_out leaves room */
    int n_rows;
    int64_t bytes_later;   /**< that the rows add, from above; 0 where that cannot be told */
    struct timers *timers; /**< of this rank; the seconds of writing are added */
    double start;          /**< timers_now() when the command began */
    const void *content;   /**< handed to lay_out */

    /** Rank 0 alone: the command's attributes and variables, with room for rows.
     *  @return WS_OK, or what went wrong beside HDF5, whose errors are in h5_status */
    enum status (*lay_out)(hid_t file, const void *content);
};

/** Write the file options->output. Collective over comm->world.
 *  @return WS_OK, or WS_FAILED on all ranks: the message then says what became of an earlier file of that name, and of this
 *          one */
enum status result_file_write(const struct comm *comm, const struct result_file *result);
