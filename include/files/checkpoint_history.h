/** A run's checkpoints: FILE.1, FILE.2, … of which the newest two are kept, and the lock FILE.lock that says whose they
 *  are.
 *
 *  A checkpoint gets its name only when it is complete and has been read back; the oldest is removed only after that.
 *  So there is a whole checkpoint at every moment from the first one on.
 *
 *  The newer of two starts takes the lock over, and the older finds that out before it gives a checkpoint its name, and
 *  ends. Should it find that out a moment too late, no harm is done: a name that is taken is never given again, and it
 *  removes nothing.
 *
 *  Other files may have such names (FILE.12345, a log): what does not look like a checkpoint is never counted, overwritten
 *  or removed. */
#pragma once

#include "files/checkpoint.h"
#include "files/checkpoint_lock.h"
#include "files/input_file.h"
#include <stdio.h>

enum { HISTORY_KEPT = 2 };

struct checkpoint_history {
    char path[FIELD_TEXT]; /**< FILE */
    struct checkpoint_lock lock;
    int64_t newest;     /**< number of the newest number, 0 for none */
    int64_t whole;      /**< number of the newest that is known to be whole, 0 for none */
    bool is_superseded; /**< another start has taken over: this one is to end */
    bool is_locked;     /**< we have taken the lock */
    bool is_silent;     /**< nothing is said */
    FILE *log;          /**< on rank 0, where it is said; else NULL */
};

/** Check that a run can have its checkpoints under this name: the folder; nobody alive has the lock; the run's other files
 *  have other names; without --resume, that there are no checkpoints yet, which would be lost. Adds faults with error_add.
 *  Not collective. @param[in] others  [n] @param[in] bytes  of a checkpoint, from above */
enum status checkpoint_history_check(
    const char *path, bool is_resumed, const struct named_file *others, int n, int64_t bytes);

/** Take the lock. Collective over comm->world. @param[in] log  where rank 0 says what happens, NULL for silence
 *  @return WS_OK, or WS_FAILED on all ranks. */
enum status checkpoint_history_open(
    struct checkpoint_history *history, const struct comm *comm, const char *path, FILE *log);

/** Go on from the newest checkpoint that is whole; each one that is skipped is said, with its reason. Collective over
 *  comm->world; state as for checkpoint_read.
 *  @param[out] found  false when there is no checkpoint at all: the run starts afresh
 *  @return WS_OK; WS_FAILED when there are some and none can be gone on from; WS_USAGE when they are of another run */
enum status checkpoint_history_resume(
    struct checkpoint_history *history, const struct comm *comm, struct checkpoint_state *state, bool *found);

/** Write the next checkpoint. Collective over comm->world. A failure is said as a warning,
 *  and leaves those before it.
 *  @return WS_OK; WS_FAILED on all ranks: the run may go on, unless history->is_superseded */
enum status checkpoint_history_write(
    struct checkpoint_history *history, const struct comm *comm, const struct checkpoint_state *state);

/** Give the lock back. Collective over comm->world. */
void checkpoint_history_close(struct checkpoint_history *history, const struct comm *comm);
