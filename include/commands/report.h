/** What all commands begin and end with: timers for their threads; then the result file, what it says in words, what
 *  it took and where it is. */
#pragma once

#include "files/result_file.h"
#include "random/stream.h"

/** What the last lines on standard output say beside what the file says. */
struct report {
    const struct result_file *file;
    const char *unit;      /**< of its work: "household-periods" */
    int64_t n_streams;     /**< random streams in use over all ranks, 0 where there are none */
    double stream_seconds; /**< that their creation took on this rank */

    /** Rank 0 alone: say the answer, file->content. For report_result. */
    void (*print)(const void *content);
};

/** Timers for as many threads as --threads gives a rank, with a warning where those are more than its cores.
 *  Collective over comm->world; timers_destroy frees. @return WS_OK, or WS_FAILED on all ranks */
enum status report_timers(const struct comm *comm, const struct options *options, struct timers *timers);

/** Write the file; unless --quiet, print the answer and what it took. Collective over comm->world.
 *  @return as result_file_write */
enum status report_result(const struct comm *comm, const struct report *report);

/** Print what it took, where the file is and its hash, on rank 0. Collective over comm->world. */
void report_cost(const struct comm *comm, const struct report *report);
