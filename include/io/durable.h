/** Files that are complete or not there: written under a temporary name in the same folder, flushed to disk, renamed.
 *
 *  The order is: write and close on all ranks; fsync on one rank of each host, since each host has pages of its own;
 *  rename on rank 0; fsync of the folder. Whatever fails before the rename leaves an earlier file as it was. */
#pragma once

#include "runtime/comm.h"
#include "runtime/error.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { DURABLE_PATH = 4352 };

/** Check that a file of this name and size could be written: its folder is there, may be written to and has room,
 *  the name is not a folder's. Adds a fault with error_add. Not collective.
 *  @param[in] option  named in the message */
enum status durable_check(const char *path, const char *option, int64_t bytes);

/** The temporary name for a file: path, ".part-", host and process of rank 0. Left-over temporaries of this path
 *  whose process on this host is gone are removed, and what MPI-IO made beside them. Collective over comm->world; the
 *  same on all ranks.
 *  @param[out] temporary  [DURABLE_PATH] */
void durable_begin(const struct comm *comm, const char *path, char *temporary);

/** Bring a closed file to disk, from one rank of each host. Collective over comm->world.
 *  @return WS_OK, or WS_FAILED on all ranks */
enum status durable_sync(const struct comm *comm, const char *path);

/** Bring the closed temporary to disk and give it its name. Collective over comm->world.
 *  @return WS_OK, or WS_FAILED on all ranks; the temporary is then removed. */
enum status durable_commit(const struct comm *comm, const char *temporary, const char *path);

/** Give a file on disk its name, unless there is one of that name, and bring the folder to disk. Nothing is ever overwritten, whatever
 *  other hosts do at the same time. Not collective.
 *  @param[out] is_taken  there is such a file: nothing was done
 *  @return WS_OK, also when the name is taken; WS_FAILED */
enum status durable_rename_to_free(const char *temporary, const char *path, bool *is_taken);

/** When a process of this host began, in clock ticks since the host did; -1 when there is none of that number, or it
 *  has ended and only waits for its parent to ask. */
long long durable_process_start(pid_t pid);

/** Remove the temporary after a failure. Collective over comm->world. */
void durable_abandon(const struct comm *comm, const char *temporary);
