/** The lock FILE.lock, which says whose the checkpoints FILE.1, FILE.2, … are: host, process, job, restart count, and the
 *  space in which the process has its number (core/process.h).
 *
 *  A process of this host and space that is gone leaves a stale lock, which is taken over. One on another host, in another
 *  container, or from before the host's last start cannot be asked whether it is alive: it is taken over too, without a
 *  word of its being gone, and finds that out before its next checkpoint. What cannot be read, or is no lock, is never
 *  taken over. None of these functions is collective; those of a run are for rank 0. */
#pragma once

#include "core/comm.h"
#include "core/error.h"
#include <stdbool.h>
#include <stdio.h>

enum { CHECKPOINT_LOCK_PATH = 4096 + 32 };

struct checkpoint_lock {
    char path[CHECKPOINT_LOCK_PATH]; /**< FILE.lock */
    char token[512];                 /**< what our lock says */
};

/** Check that the lock may be taken: it is not there, is left over, or is of a run that gives way. Adds a fault with
 *  error_add otherwise. */
enum status checkpoint_lock_check(const char *file);

/** Take the lock. @param[in] log  where it is said from whom, or NULL. @return WS_OK, or WS_FAILED with a message. */
enum status checkpoint_lock_take(
    struct checkpoint_lock *lock, const struct comm *comm, const char *file, FILE *log);

/** Whose it is now. */
enum checkpoint_lock_state { LOCK_OURS, LOCK_OF_ANOTHER, LOCK_GONE };

/** @return WS_OK; WS_FAILED with a message where that cannot be told */
enum status checkpoint_lock_look(const struct checkpoint_lock *lock, enum checkpoint_lock_state *state);

/** Take a lock that is gone again. @param[out] is_taken  another has come first */
enum status checkpoint_lock_take_again(const struct checkpoint_lock *lock, bool *is_taken);

/** Give the lock back, if it is ours. */
void checkpoint_lock_release(const struct checkpoint_lock *lock);
