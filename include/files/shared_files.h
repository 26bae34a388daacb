/** What all ranks have to see alike before a run begins: the folders that it writes to, the files that each rank reads by
 *  itself. A rank that sees others (another host's own disk, another current folder) would fail, or compute something else,
 *  only after the simulation. */
#pragma once

#include "core/comm.h"
#include "core/error.h"

/** Check that every rank sees what rank 0 makes in the folder of a path: a temporary with random content, which is removed.
 *  Adds a fault on each rank that does not. Collective over comm->world; path is rank 0's, the others' is for messages.
 *  @param[in] option  named in the message
 *  @return WS_OK, or WS_USAGE on all ranks */
enum status shared_check_folder(const struct comm *comm, const char *path, const char *option);

/** Check that every rank reads the same bytes in a file as rank 0. Each host reads it once, unless its ranks see several.
 *  Collective over comm->world; path is rank 0's, the others' is not used.
 *  @param[in] option  named in the message
 *  @return WS_OK, or WS_USAGE on all ranks */
enum status shared_check_file(const struct comm *comm, const char *path, const char *option);
