#include "files/checkpoint_lock.h"
#include "core/process.h"
#include "files/atomic_file.h"
#include "files/disk.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what locks say --------------------------------------------------------------------------------------------- */

struct holder {
    char host[128], job[64];
    long pid, restart;
    long long started;
    uint32_t space;
};

/* The space came last: earlier locks do not have it. */
static const char token_format[] = "host=%127s pid=%ld started=%lld job=%63s restart=%ld space=%" SCNx32;

static const char *environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

static void make_token(char *token, size_t bytes, const struct comm *comm)
{
    snprintf(token, bytes, "host=%s pid=%ld started=%lld job=%s restart=%s space=%08" PRIx32, comm->host_name,
        (long)getpid(), (long long)process_start(getpid()), environment("SLURM_JOB_ID", "-"),
        environment("SLURM_RESTART_COUNT", "0"), process_space());
}

static bool is_this_host(const char *host)
{
    char name[MPI_MAX_PROCESSOR_NAME];
    int length = 0;
    MPI_CHECK(MPI_Get_processor_name(name, &length));
    return strcmp(name, host) == 0;
}

/* Whether the holder's number means a process here too. */
static bool is_of_here(const struct holder *holder)
{
    return is_this_host(holder->host) && holder->space != 0 && holder->space == process_space();
}

static bool is_alive(const struct holder *holder)
{
    return process_start((pid_t)holder->pid) == holder->started;
}

static bool is_same_job(const struct holder *holder)
{
    return strcmp(holder->job, "-") != 0 && strcmp(holder->job, environment("SLURM_JOB_ID", "-")) == 0;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

enum content { NONE, BLANK, TOKEN, FOREIGN, UNREADABLE };

/* A token without the newline behind it. What a crash may leave of a file, nothing or zeros, is blank. */
static enum content classify(char *text, size_t n)
{
    static const char beginning[] = "host=";
    size_t blanks = 0;
    while (blanks < n && (text[blanks] == '\0' || isspace((unsigned char)text[blanks])))
        blanks++;
    text[n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return blanks == n ? BLANK : strncmp(text, beginning, sizeof beginning - 1) == 0 ? TOKEN : FOREIGN;
}

/* @param[out] text  [bytes]; errno is set with UNREADABLE */
static enum content read_lock(const char *path, char *text, size_t bytes)
{
    struct stat found;
    text[0] = '\0';
    const int file = disk_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return errno == ENOENT ? NONE : errno == ELOOP ? FOREIGN : UNREADABLE;
    enum content content = FOREIGN;
    if (fstat(file, &found) == 0 && S_ISREG(found.st_mode)) {
        const ssize_t got = pread(file, text, bytes - 1, 0);
        content = got < 0 ? UNREADABLE : classify(text, (size_t)got);
    }
    const int why = errno;
    disk_close(file);
    errno = why;
    return content;
}

/* Whom a token names. @return false where it was cut short */
static bool is_holder(const char *token, struct holder *holder)
{
    *holder = (struct holder){.space = 0};
    return sscanf(token, token_format, holder->host, &holder->pid, &holder->started, holder->job,
               &holder->restart, &holder->space) >= 5;
}

/* What to do about a lock that is none, or cannot be read. */
static enum status complain(enum status (*say)(enum status status, const char *format, ...),
    enum status status, const char *path, enum content content)
{
    if (content == UNREADABLE)
        return say(status,
            "--checkpoint: the lock '%s' cannot be read (%s): another run may have it. See to it that it can "
            "be "
            "read, or give another FILE",
            path, strerror(errno));
    return say(status,
        "--checkpoint: '%s' is there, where the lock is to be, and is no lock of wealthsim: move it away, or "
        "give another FILE",
        path);
}

enum status checkpoint_lock_check(const char *file)
{
    char path[CHECKPOINT_LOCK_PATH], text[512];
    struct holder holder;
    snprintf(path, sizeof path, "%s.lock", file);
    const enum content content = read_lock(path, text, sizeof text);
    if (content == UNREADABLE || content == FOREIGN)
        return complain(error_add, WS_USAGE, path, content);
    if (content == TOKEN && is_holder(text, &holder) && is_of_here(&holder) && is_alive(&holder) &&
        !is_same_job(&holder))
        return error_add(WS_USAGE,
            "--checkpoint: '%s' is in use by process %ld on this host: end it, or give another FILE", file,
            holder.pid);
    return WS_OK;
}

/* ---- taking ----------------------------------------------------------------------------------------------------- */

static void say_takeover(FILE *log, const char *file, const struct holder *holder)
{
    if (is_of_here(holder) && !is_alive(holder))
        fprintf(log, "wealthsim: '%s' has a stale lock of process %ld, which is gone: taken over\n", file,
            holder->pid);
    else
        fprintf(log,
            "wealthsim: '%s' is taken over from process %ld on host %s (job %s, restart %ld), which ends if "
            "it still runs\n",
            file, holder->pid, holder->host, holder->job, holder->restart);
}

/* @param[out] is_taken  set when there is a lock, which is left alone then; NULL: it is overwritten */
static enum status write_lock(const struct checkpoint_lock *lock, bool *is_taken)
{
    char temporary[TEMPORARY_PATH], line[sizeof lock->token + 2];
    const int file = temporary_create(lock->path, temporary);
    const int n = snprintf(line, sizeof line, "%s\n", lock->token);
    if (file < 0)
        return error_set(WS_FAILED, "cannot write the lock '%s': %s", lock->path, strerror(errno));
    enum status status = disk_write(file, temporary, line, n, 0);
    const bool is_flushed = disk_sync(file) == 0;
    if ((disk_close(file) != 0 || !is_flushed) && status == WS_OK)
        status = error_set(WS_FAILED, "cannot write the lock '%s': %s", lock->path, strerror(errno));
    if (status == WS_OK && is_taken)
        status = atomic_file_rename_to_free(temporary, lock->path, is_taken);
    else if (status == WS_OK && disk_rename(temporary, lock->path) != 0)
        status = error_set(WS_FAILED, "cannot write the lock '%s': %s", lock->path, strerror(errno));
    if (status != WS_OK || (is_taken && *is_taken))
        unlink(temporary);
    return status;
}

enum status checkpoint_lock_take(
    struct checkpoint_lock *lock, const struct comm *comm, const char *file, FILE *log)
{
    char text[sizeof lock->token];
    struct holder holder;
    snprintf(lock->path, sizeof lock->path, "%s.lock", file);
    make_token(lock->token, sizeof lock->token, comm);
    const enum content content = read_lock(lock->path, text, sizeof text);
    if (content == UNREADABLE || content == FOREIGN)
        return complain(error_set, WS_FAILED, lock->path, content);
    if (log && content == TOKEN && is_holder(text, &holder))
        say_takeover(log, file, &holder);
    temporary_remove_left_overs(lock->path);
    return write_lock(lock, NULL);
}

enum status checkpoint_lock_look(const struct checkpoint_lock *lock, enum checkpoint_lock_state *state)
{
    char text[sizeof lock->token];
    const enum content content = read_lock(lock->path, text, sizeof text);
    *state = LOCK_OF_ANOTHER;
    if (content == UNREADABLE || content == FOREIGN)
        return complain(error_set, WS_FAILED, lock->path, content);
    if (content == NONE || content == BLANK)
        *state = LOCK_GONE;
    else if (strcmp(text, lock->token) == 0)
        *state = LOCK_OURS;
    return WS_OK;
}

enum status checkpoint_lock_take_again(const struct checkpoint_lock *lock, bool *is_taken)
{
    char text[sizeof lock->token];
    if (read_lock(lock->path, text, sizeof text) == BLANK)
        unlink(lock->path);
    return write_lock(lock, is_taken);
}

void checkpoint_lock_release(const struct checkpoint_lock *lock)
{
    char text[sizeof lock->token];
    if (read_lock(lock->path, text, sizeof text) == TOKEN && strcmp(text, lock->token) == 0)
        unlink(lock->path);
}
