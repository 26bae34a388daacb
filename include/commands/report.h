/** What all commands begin and end with: timers for their threads; then the result file, what it says in words, what it took
 *  and where it is. */
#pragma once

#include "commands/commands.h"
#include "core/timers.h"
#include "files/fields.h"
#include "files/rows.h"
#include "files/variables.h"
#include "random/stream_options.h"

/** A command's result. The same on all ranks, but for timers and where values and rows are. */
struct report {
    const struct command *command;
    const struct options *options;
    const char *title;
    uint64_t hash; /**< of the answer */

    const struct fields *attributes;  /**< NULL, or single numbers of the answer */
    const struct variable *variables; /**< [n_variables] */
    int n_variables;
    const char *const *meaningless; /**< NULL, or names of options that mean nothing in this run, then NULL */
    const struct rows *rows;        /**< [n_rows] */
    int n_rows;
    int64_t bytes_later; /**< that the rows add, from above; 0 where that cannot be told */

    const char *rate_name; /**< attribute for work by elapsed second */
    const char *unit;      /**< of work: "household-periods" */
    double work;
    const struct stream_options *streams; /**< NULL where none are used */
    int64_t n_streams;                    /**< over all ranks */
    double stream_seconds;                /**< that their creation took on this rank */
    struct timers *timers;                /**< of this rank; the seconds of writing are added */
    double start;                         /**< timers_now() when the command began */

    /** Rank 0 alone: say the answer. */
    void (*print)(const void *content);
    const void *content;
};

/** Timers for as many threads as --threads gives a rank, with a warning where those are more than its cores.
 *  Collective over comm->world; timers_destroy frees. @return WS_OK, or WS_FAILED on all ranks */
enum status report_timers(
    const struct comm *comm, const struct common_options *common, struct timers *timers);

/** Write the file; unless it is quiet, print the answer and what it took. Collective over comm->world.
 *  @return as result_file_write */
enum status report_result(const struct comm *comm, const struct report *report, bool is_quiet);

/** The options of a command as fields. They point into values.
 *  @param[in]  is_recorded  there are records from the beginning on, so that a checkpoint's must be of the same kind
 *  @param[out] fields       to which they are added */
void option_fields(
    const struct command *command, const void *values, bool is_recorded, struct fields *fields);
