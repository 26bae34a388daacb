/** Files that are complete or not there: written under a temporary name in the same folder (files/temporary.h), flushed to
 *  disk, renamed.
 *
 *  The order is: write and close on all ranks; fsync on one rank of each host, since each host has pages of its own;
 *  rename on rank 0; fsync of the folder. Whatever fails before the rename leaves an earlier file as it was; from the
 *  rename on nobody says so.
 *
 *  A path that is a symbolic link stands for what it points to, as for any program that opens it. A link that another
 *  user has put into a folder which everybody may write to is refused, as the kernel does (protected_symlinks). */
#pragma once

#include "core/comm.h"
#include "core/error.h"
#include "files/temporary.h"
#include <stdbool.h>
#include <stdint.h>

enum { ATOMIC_FILE_PATH = TEMPORARY_PATH };

/** Check that a file of this name and size could be written: its folder is there and has room, the name is not a folder's,
 *  what is there may be replaced; and a temporary is made, renamed and removed, as at the end. Adds a fault with
 *  error_add. Not collective.
 *  @param[in] option  named in the message */
enum status atomic_file_check(const char *path, const char *option, int64_t bytes);

/** The same for files whose names begin with a prefix, which is not followed if it is a link. @param[in] suffix  the longest
 *  @param[in] bytes  of all of them */
enum status atomic_file_check_prefix(
    const char *prefix, const char *suffix, const char *option, int64_t bytes);

/** The file that a path stands for, which need not be there. Not collective. @param[out] target  [ATOMIC_FILE_PATH]
 *  @return NULL, or in words why the path may not be written to */
const char *atomic_file_resolve(const char *path, char *target);

/** Make the temporary for a file, empty; left-overs of this path are removed before. Collective over comm->world.
 *  @param[out] temporary  [ATOMIC_FILE_PATH] its name, "" after a failure; the same on all ranks
 *  @return WS_OK, or WS_FAILED on all ranks */
enum status atomic_file_begin(const struct comm *comm, const char *path, char *temporary);

/** Flush a closed file to disk, from one rank of each host. Collective over comm->world.
 *  @return WS_OK, or WS_FAILED on all ranks */
enum status atomic_file_sync(const struct comm *comm, const char *path);

/** Flush the closed temporary to disk and give it its name. Collective over comm->world.
 *  @param[out] is_replaced  the temporary has its name: an earlier file is no more; the same on all ranks
 *  @return WS_OK, or WS_FAILED on all ranks. A temporary that could not be flushed is removed. A whole one that could not
 *          be renamed is kept, and the message says under which name. With is_replaced only the folder could not be
 *          flushed, which the message says. */
enum status atomic_file_commit(
    const struct comm *comm, const char *temporary, const char *path, bool *is_replaced);

/** Give a file on disk its name, unless there is one of that name, and flush the folder. Nothing is ever overwritten,
 *  whatever other hosts do at the same time. Not collective.
 *  @param[out] is_taken  there is such a file: nothing was done
 *  @return WS_OK, also when the name is taken; WS_FAILED: it has not got the name, or its folder could not be flushed;
 *          the message says which */
enum status atomic_file_rename_to_free(const char *temporary, const char *path, bool *is_taken);

/** Remove the temporary after a failure; "" is none. Collective over comm->world. */
void atomic_file_abandon(const struct comm *comm, const char *temporary);
