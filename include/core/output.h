/** Standard output: that what was printed there has arrived. */
#pragma once

#include "core/comm.h"
#include "core/error.h"

/** Before anything is opened: standard streams that whoever started this process has closed are made ones that cannot be
 *  written to, for no other file to get their numbers and what is printed. Not collective. */
void output_start(void);

/** After an answer without a command, nor MPI: as output_end; on standard error it says this process's message, as
 *  error_report would, where the status is not WS_OK. Not collective. */
enum status output_end_alone(enum status status);

/** After a command: write out what is still kept, and see whether all of it could be written.
 *  @param[in] status  of the command, the same on all ranks; it is kept unless it is WS_OK
 *  @return on all ranks the same status, or WS_FAILED. Collective over comm->world. */
enum status output_end(const struct comm *comm, enum status status);
