/** Everything that is looked at before a command begins, so that whatever is wrong is found before the simulation, and all of
 *  it in one go. */
#pragma once

#include "commands/commands.h"
#include "files/input_file.h"

/** Look at the environment, the command's own checks, and at last, where all is well so far, at the folders that all ranks
 *  have to see alike. Collective over comm->world.
 *  @param[in] status  of reading the options; where those have faults the others are said too
 *  @return WS_OK, or the worst status on all ranks */
enum status preflight(
    const struct command *command, struct options *options, const struct comm *comm, enum status status);

/** The worst of several statuses, for checks that are all made. */
enum status worst_of(const enum status *statuses, int n);

/** Check that the result can be written to --output: folder, disk, and no input of this run, nor a file that is not HDF5's,
 *  is there. Adds faults with error_add. Not collective; for rank 0.
 *  @param[in] inputs  [n] that the command reads, besides --config
 *  @param[in] bytes   of the result, from above */
enum status preflight_output(
    const struct common_options *common, const struct named_file *inputs, int n, int64_t bytes);

/** Hold what a host's ranks will take together against what it has. Adds a fault with error_add on the host's first rank.
 *  Collective over comm->host.
 *  @param[in] bytes   of this rank
 *  @param[in] what    takes it: "--households: the run"
 *  @param[in] advice  what to do */
enum status preflight_memory(const struct comm *comm, int64_t bytes, const char *what, const char *advice);

/** How many of n > 1 things all hosts have memory for, 0 … n, where one takes so many bytes of this rank, and all so many.
 *  Collective over comm->host and comm->world; the same on all ranks. */
int64_t preflight_memory_fits(const struct comm *comm, int64_t n, int64_t bytes_of_one, int64_t bytes_of_all);
