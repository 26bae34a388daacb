/** What the result files of all commands have in common: complete or not there; options, versions and layout as attributes;
 *  where the seconds went. What a command found out comes in as tables of fields and variables, and as rows.
 *
 *  Rank 0 lays the file out, each rank then writes the rows that it holds, rank 0 adds the seconds, and the file gets its
 *  name. It is valid netCDF-4. */
#pragma once

#include "core/comm.h"
#include "core/timers.h"
#include "files/fields.h"
#include "files/rows.h"
#include "files/variables.h"
#include <stdint.h>

enum { RESULT_FORMAT_MAJOR = 2, RESULT_FORMAT_MINOR = 0 };

/** The same on all ranks, but for timers and where values and rows are. */
struct result_file {
    const char *path;
    const char *command; /**< the command's name */
    const char *title;
    const char *history;              /**< the command line */
    uint64_t hash;                    /**< of the answer: result_hash */
    const struct fields *attributes;  /**< the options, and single numbers of the answer */
    const struct variable *variables; /**< [n_variables]; used by rank 0 alone */
    int n_variables;
    const struct rows
        *rows; /**< [n_rows] what all ranks write of the variables that have neither values nor fill */
    int n_rows;
    int64_t bytes_later;   /**< that the rows add, from above; 0 where that cannot be told */
    const char *rate_name; /**< attribute for work by elapsed second */
    double work;
    struct timers *timers; /**< of this rank; the seconds of writing are added */
    double start;          /**< timers_now() when the command began */
};

/** Write the file. Collective over comm->world.
 *  @return WS_OK, or WS_FAILED on all ranks: the message then says what became of an earlier file of that name, and of this
 *          one */
enum status result_file_write(const struct comm *comm, const struct result_file *result);
