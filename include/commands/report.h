/** What a command took and where its result is: the last lines on standard output, the same for all commands. */
#pragma once

#include "io/result_file.h"
#include "random/stream.h"

/** What the lines say beside what the file says. */
struct report {
    const struct result_file *file; /**< as it was written */
    const char *unit;               /**< of its work: "household-periods" */
    int64_t n_streams;              /**< random streams in use over all ranks, 0 where there are none */
    double stream_seconds;          /**< that their creation took on this rank */
};

/** Print on rank 0. Collective over comm->world. */
void report_cost(const struct comm *comm, const struct report *report);
