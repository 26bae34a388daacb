/** Standard output: that what was printed there has arrived. */
#pragma once

#include "core/comm.h"
#include "core/error.h"

/** Before anything is opened: standard streams that whoever started this process has closed are made ones that cannot be
 *  written to, for no other file to get their numbers and what is printed. Not collective. */
void output_start(void);

/** Where there is no command, nor MPI: write out what is still kept, and say on standard error where that cannot be.
 *  @return WS_OK or WS_FAILED */
enum status output_flush(void);

/** After a command: write out what is still kept, and see whether all of it could be written.
 *  @param[in] status  of the command, the same on all ranks; it is kept unless it is WS_OK
 *  @return on all ranks the same status, or WS_FAILED. Collective over comm->world. */
enum status output_end(const struct comm *comm, enum status status);
