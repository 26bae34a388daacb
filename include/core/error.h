/** Errors, in three classes.
 *
 *  Our bug: ENSURE, which prints rank, file and line and aborts all ranks.
 *  MPI: MPI_CHECK, which prints rank, place, call and MPI's own words and aborts all ranks.
 *  The user's input or the environment (files, memory, HDF5): a function sets a message with error_set,
 *  cleans up what it holds and returns the status; its caller passes the status on, and at the next point
 *  where all ranks meet, error_agree gives every rank the worst status, so that all of them leave together.
 *  Rank 0 then says what happened, once (error_report).
 *
 *  Only the message of each process's first error is kept: later ones follow from it. */
#pragma once

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

/** What functions return, and what the process exits with. */
enum status {
    WS_OK = 0,      /**< done */
    WS_FAILED = 1,  /**< failed while running */
    WS_USAGE = 2,   /**< the command line or the configuration is wrong */
    WS_STOPPED = 75 /**< stopped early, with a checkpoint in place: run again with --resume */
};

/** Set this process's message, unless one is set already. Not collective; not for use by several threads.
 *  The message says what, where, and what to do about it; it has no newline at its end, and may have several
 *  lines. @return status, so that `return error_set(...)` reads well. */
enum status error_set(enum status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Add a line to this process's message, unless it is there: for faults that are to be said all in one go. Else as error_set.
 *  After 19 lines it says that there are more. */
enum status error_add(enum status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Have each line that is added from now on begin with a text: the place in a user's file that it comes from. "" ends it.
 *  The text is the caller's and stays there until then. */
void error_where(const char *text);

/** The usual message of failed memory: error_set(WS_FAILED, ...) with the size and what it was for. */
enum status error_memory(size_t bytes, const char *what);

/** This process's message, or "" when there is none. */
const char *error_message(void);

/** Forget this process's message: the failure was dealt with. */
void error_clear(void);

/** The worst status of all ranks. Collective over comm: every rank passes its own status and gets the same
 *  one. WS_OK is the best; among failures the larger number wins only in that any failure beats WS_OK and
 *  WS_FAILED beats WS_STOPPED. */
enum status error_agree(MPI_Comm comm, enum status status);

/** Say on rank 0's standard error what the ranks have set, each different message once, with the lowest rank
 *  that set it; each line of a message stands behind the program's name. Collective over comm. Messages are then forgotten. */
void error_report(MPI_Comm comm);

/** Print a message with rank and place on standard error and abort all ranks. Not collective. Never returns.
 */
_Noreturn void error_abort(const char *file, int line, const char *what, const char *why);
_Noreturn void error_abort_mpi(const char *file, int line, const char *call, int code);

/** Remember that a library was left in a state in which it would crash within MPI_Finalize. Not collective. */
void error_forbid_finalize(void);

/** Whether all ranks may call MPI_Finalize; else they end by MPI_Abort. Collective over comm. */
bool error_may_finalize(MPI_Comm comm);

#define ENSURE(condition)                                                                                    \
    ((condition) ? (void)0 : error_abort(__FILE__, __LINE__, #condition, "this is a bug in wealthsim"))

#define MPI_CHECK(call)                                                                                      \
    do {                                                                                                     \
        const int mpi_code_ = (call);                                                                        \
        if (mpi_code_ != MPI_SUCCESS)                                                                        \
            error_abort_mpi(__FILE__, __LINE__, #call, mpi_code_);                                           \
    } while (0)
