/** A run's checkpoints: numbered generations FILE.1, FILE.2, … of which the newest two are kept, and the lock FILE.lock
 *  that says whose they are.
 *
 *  A generation gets its name only when it is complete and has been read back; the oldest is removed only after that.
 *  So there is a whole checkpoint at every moment from the first one on.
 *
 *  The lock has host, process, job and restart count. A process that is gone leaves a stale lock, which is taken over. A
 *  run on another host, or an earlier start of the same job, cannot be asked whether it is still alive: the newer start
 *  takes over, and the older finds that out before it gives a checkpoint its name, and ends. Should it find that out a
 *  moment too late, no harm is done: a name that is taken is never given again, and it removes nothing. */
#pragma once

#include "io/checkpoint.h"

enum { GENERATIONS_KEPT = 2 };

struct generations {
    char path[OPTION_TEXT]; /**< FILE */
    char token[512];        /**< what our lock says */
    int64_t newest;         /**< number of the newest generation, 0 for none */
    int64_t whole;          /**< number of the newest that is known to be whole, 0 for none */
    bool is_superseded;     /**< another start has taken over: this one is to end */
    bool is_locked;         /**< the lock is ours */
};

/** Check that the file's checkpoints can be used: the folder; nobody alive has the lock; without --resume, that there
 *  are none yet, which would be lost. Adds faults with error_add. Not collective. */
enum status generations_check(const char *path, bool is_resumed, int64_t bytes);

/** Take the lock. Collective over comm->world. @return WS_OK, or WS_FAILED on all ranks. */
enum status generations_open(struct generations *generations, const struct comm *comm, const char *path);

/** Go on from the newest generation that is whole; each one that is skipped is said, with its reason, on rank 0's
 *  standard error. Collective over comm->world; state as for checkpoint_read.
 *  @param[out] found  false when there is no generation at all: the run starts afresh
 *  @return WS_OK; WS_FAILED when there are some and none is whole; WS_USAGE when they are of another run */
enum status generations_resume(
    struct generations *generations, const struct comm *comm, struct checkpoint_state *state, bool *found);

/** Write the next generation. Collective over comm->world. A failure is said as a warning on rank 0's standard error,
 *  and leaves the generations before it.
 *  @return WS_OK; WS_FAILED on all ranks: the run may go on, unless generations->is_superseded */
enum status generations_write(
    struct generations *generations, const struct comm *comm, const struct checkpoint_state *state);

/** Give the lock back. Collective over comm->world. */
void generations_close(struct generations *generations, const struct comm *comm);
