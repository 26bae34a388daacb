#include "files/checkpoint_history.h"
#include "files/atomic_file.h"
#include "files/checkpoint_names.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- before a run ----------------------------------------------------------------------------------------------- */

/* Files that the run reads or writes otherwise, under names that its checkpoints are given. */
static enum status check_names(const char *path, const struct named_file *others, int n)
{
    enum status status = WS_OK;
    for (int i = 0; i < n; i++) {
        char file[FIELD_TEXT];
        snprintf(file, sizeof file, "%s", others[i].path);
        bool is_named = file[0] != '\0' && checkpoint_names_file(path, file);
        char *colon = strrchr(file, ':'); /* of --initial FILE:DATASET */
        if (colon && !is_named) {
            *colon = '\0';
            is_named = checkpoint_names_file(path, file);
        }
        if (is_named)
            status = error_add(WS_USAGE,
                "--%s: '%s' has a name that --checkpoint '%s' gives its own files ('%s.NUMBER' and "
                "'%s.lock'): give one of them another name",
                others[i].option, others[i].path, path, path, path);
    }
    return status;
}

/* That a run which starts afresh leaves no checkpoints of another behind it. */
static enum status check_none(const char *path)
{
    struct checkpoint_names found;
    char name[CHECKPOINT_NAME];
    enum status status = checkpoint_names_find(path, &found);
    if (status != WS_OK) {
        status = WS_USAGE; /* the message is there */
    } else if (found.n > 0) {
        checkpoint_name(path, found.numbers[0], name);
        status =
            checkpoint_kind_of(name) == CHECKPOINT_SEALED
                ? error_add(WS_USAGE,
                      "--checkpoint: '%s' is there already: go on from it with --resume, or remove it", name)
                : error_add(WS_USAGE,
                      "--checkpoint: '%s' is there already, and is not known to be a whole checkpoint: try "
                      "--resume, move it away, or give another FILE",
                      name);
    }
    checkpoint_names_free(&found);
    return status;
}

enum status checkpoint_history_check(
    const char *path, bool is_resumed, const struct named_file *others, int n, int64_t bytes)
{
    const enum status named = check_names(path, others, n);
    enum status status = checkpoint_lock_check(path);
    if (status == WS_OK)
        status = atomic_file_check_prefix(path, ".lock", "checkpoint", (HISTORY_KEPT + 1) * bytes);
    if (status == WS_OK && !is_resumed)
        status = check_none(path);
    return status == WS_OK ? named : status;
}

enum status checkpoint_history_open(
    struct checkpoint_history *history, const struct comm *comm, const char *path, FILE *log)
{
    enum status status = WS_OK;
    *history = (struct checkpoint_history){.log = comm->rank == 0 ? log : NULL, .is_silent = !log};
    snprintf(history->path, sizeof history->path, "%s", path);
    if (comm->rank == 0)
        status = checkpoint_lock_take(&history->lock, comm, path, log);
    status = error_agree(comm->world, status);
    history->is_locked = status == WS_OK;
    return status;
}

/* ---- going on --------------------------------------------------------------------------------------------------- */

/* The checkpoints, newest first, from rank 0 to all. Collective. */
static enum status share_list(
    const struct checkpoint_history *history, const struct comm *comm, struct checkpoint_names *list)
{
    const char *path = history->path;
    enum status status = WS_OK;
    *list = (struct checkpoint_names){.n = 0};
    if (comm->rank == 0)
        status = checkpoint_names_find(path, list);
    if (status == WS_OK && history->log && list->n_foreign > 0)
        fprintf(history->log, "wealthsim: '%s.%" PRId64 "'%s no checkpoint%s: left alone\n", path,
            list->foreign, list->n_foreign > 1 ? " and others of such names are" : " is",
            list->n_foreign > 1 ? "s" : "");
    status = error_agree(comm->world, status);
    MPI_CHECK(MPI_Bcast(&list->n, 1, MPI_INT64_T, 0, comm->world));
    if (status == WS_OK && comm->rank != 0)
        list->numbers = malloc((size_t)list->n * sizeof *list->numbers + 1);
    if (status == WS_OK && !list->numbers && list->n > 0)
        status = error_memory((size_t)list->n * sizeof *list->numbers, "the list of checkpoints");
    status = error_agree(comm->world, status);
    for (int64_t i = 0; status == WS_OK && i < list->n; i++)
        MPI_CHECK(MPI_Bcast(&list->numbers[i], 1, MPI_INT64_T, 0, comm->world));
    return status;
}

/* What has been set as an error is no end: it is said, or forgotten. Collective. */
static void say_errors(const struct checkpoint_history *history, const struct comm *comm)
{
    if (history->is_silent)
        error_clear();
    else
        error_report(comm->world);
}

/* One checkpoint; what became of it is said. Collective. */
static enum status go_on_from(struct checkpoint_history *history, const struct comm *comm, int64_t number,
    struct checkpoint_state *state, enum checkpoint_fault *fault)
{
    char name[CHECKPOINT_NAME];
    const enum status status =
        checkpoint_read(comm, checkpoint_name(history->path, number, name), state, fault);
    if (status == WS_USAGE)
        return status;
    if (status == WS_OK)
        history->whole = number;
    if (history->log)
        fprintf(history->log,
            status == WS_OK ? "wealthsim: going on from '%s', period %" PRId64 "\n"
                            : "wealthsim: checkpoint '%s' is skipped:\n",
            name, state->population->period);
    if (status != WS_OK)
        say_errors(history, comm);
    return status;
}

/* Only what was read, and is damaged, is of no use to anybody. */
static enum status refuse_all(const char *path, enum checkpoint_fault worst)
{
    if (worst == CHECKPOINT_DAMAGED)
        return error_set(
            WS_FAILED, "none of the checkpoints of '%s' is whole: remove them to start afresh", path);
    return error_set(WS_FAILED,
        "none of the checkpoints of '%s' can be gone on from, but not all of them are known to be damaged: "
        "mend "
        "what is said above and try --resume again, or start afresh with another --checkpoint FILE",
        path);
}

enum status checkpoint_history_resume(
    struct checkpoint_history *history, const struct comm *comm, struct checkpoint_state *state, bool *found)
{
    struct checkpoint_names list;
    enum checkpoint_fault worst = CHECKPOINT_FINE;
    enum status status = share_list(history, comm, &list);
    history->newest = status == WS_OK && list.n > 0 ? list.numbers[0] : 0;
    *found = false;
    for (int64_t i = 0; i < list.n && !*found && status == WS_OK; i++) {
        enum checkpoint_fault fault;
        const enum status went = go_on_from(history, comm, list.numbers[i], state, &fault);
        *found = went == WS_OK;
        worst = fault > worst ? fault : worst;
        if (went == WS_USAGE)
            status = went;
    }
    if (status == WS_OK && list.n > 0 && !*found)
        status = refuse_all(history->path, worst);
    checkpoint_names_free(&list);
    return status;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* Whether there is no checkpoint of a later start. */
static enum status look_for_later(const struct checkpoint_history *history, bool *is_last)
{
    struct checkpoint_names found;
    const enum status status = checkpoint_names_find(history->path, &found);
    *is_last = status == WS_OK && (found.n == 0 || found.numbers[0] <= history->newest);
    checkpoint_names_free(&found);
    return status;
}

/* See that the lock is ours still. One that is gone, or empty, is made again, unless another start has had it, and has
 * ended: it left checkpoints after ours. */
static enum status keep_lock(struct checkpoint_history *history)
{
    enum checkpoint_lock_state state;
    bool is_last = false, is_taken = true;
    enum status status = checkpoint_lock_look(&history->lock, &state);
    if (status != WS_OK || state == LOCK_OURS)
        return status;
    if (state == LOCK_GONE)
        status = look_for_later(history, &is_last);
    if (status == WS_OK && is_last)
        status = checkpoint_lock_take_again(&history->lock, &is_taken);
    if (status != WS_OK || !is_taken)
        return status;
    history->is_superseded = true;
    return error_set(
        WS_FAILED, "another start of this run has taken '%s' over: this one ends", history->path);
}

/* Give a complete checkpoint the next name, unless another start has taken over. Where the other does so just now, both
 * may have come to the same number: what is there is left alone, and whose the lock is takes the number after it. The
 * look at the lock after that keeps a start that was too late from removing anything, and ends it. */
static enum status give_name(struct checkpoint_history *history, const char *temporary)
{
    char name[CHECKPOINT_NAME];
    bool is_taken = true;
    enum status status = keep_lock(history);
    while (status == WS_OK && is_taken) {
        checkpoint_name(history->path, history->newest + 1, name);
        status = atomic_file_rename_to_free(temporary, name, &is_taken);
        if (status == WS_OK) {
            history->newest++; /* it is there, ours or not */
            status = keep_lock(history);
        }
    }
    return status;
}

/* Remove what is older than the whole one before the newest. */
static void remove_old(const char *path, int64_t before)
{
    struct checkpoint_names found;
    if (checkpoint_names_find(path, &found) != WS_OK)
        error_clear(); /* they are removed another time */
    for (int64_t i = 0; i < found.n; i++)
        if (found.numbers[i] < before)
            checkpoint_remove(path, found.numbers[i]);
    checkpoint_names_free(&found);
}

enum status checkpoint_history_write(
    struct checkpoint_history *history, const struct comm *comm, const struct checkpoint_state *state)
{
    char name[CHECKPOINT_NAME], temporary[ATOMIC_FILE_PATH];
    const int64_t number = history->newest + 1;
    enum status status = atomic_file_begin(comm, checkpoint_name(history->path, number, name), temporary);
    if (status == WS_OK)
        status = checkpoint_write(comm, temporary, number, state);
    if (status == WS_OK && comm->rank == 0)
        status = give_name(history, temporary);
    status = error_agree(comm->world, status);
    MPI_CHECK(MPI_Bcast(&history->is_superseded, 1, MPI_C_BOOL, 0, comm->world));
    MPI_CHECK(MPI_Bcast(&history->newest, 1, MPI_INT64_T, 0, comm->world));
    if (status == WS_OK) {
        if (comm->rank == 0)
            remove_old(history->path, history->whole);
        history->whole = history->newest;
    } else {
        atomic_file_abandon(comm, temporary);
        if (!history->is_superseded) {
            if (history->log)
                fprintf(history->log, "wealthsim: warning: no checkpoint at period %" PRId64 ":\n",
                    state->population->period);
            say_errors(history, comm);
        }
    }
    return status;
}

void checkpoint_history_close(struct checkpoint_history *history, const struct comm *comm)
{
    if (comm->rank == 0 && history->is_locked)
        checkpoint_lock_release(&history->lock);
    history->is_locked = false;
}
