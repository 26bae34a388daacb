#include "io/generations.h"
#include "io/durable.h"
#include "runtime/process.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FOUND = 64, NAME_BYTES = OPTION_TEXT + 32 };

/* ---- names ------------------------------------------------------------------------------------------------------ */

static const char *name_of(const char *path, int64_t generation, char *name)
{
    snprintf(name, NAME_BYTES, "%s.%" PRId64, path, generation);
    return name;
}

static const char *lock_of(const char *path, char *name)
{
    snprintf(name, NAME_BYTES, "%s.lock", path);
    return name;
}

static int descending(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

/* The generations that are there, newest first. @return how many, at most MOST_FOUND */
static int find_generations(const char *path, int64_t *found)
{
    char folder_of[OPTION_TEXT], base_of[OPTION_TEXT];
    snprintf(folder_of, sizeof folder_of, "%s", path);
    snprintf(base_of, sizeof base_of, "%s", path);
    const char *base = basename(base_of);
    const size_t length = strlen(base);
    int n = 0;
    DIR *folder = opendir(dirname(folder_of));
    for (struct dirent *entry = NULL; folder && n < MOST_FOUND && (entry = readdir(folder));) {
        if (strncmp(entry->d_name, base, length) != 0 || entry->d_name[length] != '.')
            continue;
        char *end = NULL;
        const char *digits = entry->d_name + length + 1;
        const long long generation = strtoll(digits, &end, 10);
        if (*end == '\0' && *digits >= '1' && *digits <= '9' && generation < INT64_MAX)
            found[n++] = generation;
    }
    if (folder)
        closedir(folder);
    qsort(found, (size_t)n, sizeof *found, descending);
    return n;
}

/* ---- lock ------------------------------------------------------------------------------------------------------- */

struct holder {
    char host[128], job[64];
    long pid, restart;
    long long started;
};

static const char token_format[] = "host=%127s pid=%ld started=%lld job=%63s restart=%ld";

static const char *environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

static void make_token(char *token, size_t bytes, const struct comm *comm)
{
    snprintf(token, bytes, "host=%s pid=%ld started=%lld job=%s restart=%s", comm->host_name, (long)getpid(),
        (long long)process_start(getpid()), environment("SLURM_JOB_ID", "-"),
        environment("SLURM_RESTART_COUNT", "0"));
}

/* What the lock says. @return false when there is none */
static bool read_lock(const char *path, char *token, size_t bytes)
{
    char name[NAME_BYTES];
    FILE *file = fopen(lock_of(path, name), "r");
    const bool there = file && fgets(token, (int)bytes, file);
    if (file)
        fclose(file);
    if (there)
        token[strcspn(token, "\n")] = '\0';
    return there;
}

static bool read_holder(const char *path, struct holder *holder)
{
    char token[512];
    return read_lock(path, token, sizeof token) && sscanf(token, token_format, holder->host, &holder->pid,
                                                       &holder->started, holder->job, &holder->restart) == 5;
}

static bool is_this_host(const char *host)
{
    char name[MPI_MAX_PROCESSOR_NAME];
    int length = 0;
    MPI_CHECK(MPI_Get_processor_name(name, &length));
    return strcmp(name, host) == 0;
}

/* Alive, as far as can be seen from here. */
static bool is_alive(const struct holder *holder)
{
    return is_this_host(holder->host) && process_start((pid_t)holder->pid) == holder->started;
}

static bool is_same_job(const struct holder *holder)
{
    return strcmp(holder->job, "-") != 0 && strcmp(holder->job, environment("SLURM_JOB_ID", "-")) == 0;
}

static void say_takeover(const char *path, const struct holder *holder)
{
    if (is_this_host(holder->host) && !is_alive(holder))
        fprintf(stderr, "wealthsim: '%s' has a stale lock of process %ld, which is gone: taken over\n", path,
            holder->pid);
    else
        fprintf(stderr,
            "wealthsim: '%s' is taken over from process %ld on host %s (job %s, restart %ld), which ends if "
            "it still runs\n",
            path, holder->pid, holder->host, holder->job, holder->restart);
}

/* @param[out] is_taken  set when there is a lock, which is left alone then; NULL: it is overwritten */
static enum status write_lock(const char *path, const char *token, bool *is_taken)
{
    char name[NAME_BYTES], temporary[NAME_BYTES + 32];
    snprintf(temporary, sizeof temporary, "%s.part-%ld", lock_of(path, name), (long)getpid());
    FILE *file = fopen(temporary, "w");
    bool good = file && fprintf(file, "%s\n", token) > 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (file)
        good = fclose(file) == 0 && good;
    enum status status = WS_OK;
    if (good && is_taken)
        status = durable_rename_to_free(temporary, name, is_taken);
    else if (!good || rename(temporary, name) != 0)
        status = error_set(WS_FAILED, "cannot write the lock '%s': %s", name, strerror(errno));
    if (status != WS_OK || (is_taken && *is_taken))
        unlink(temporary);
    return status;
}

static bool is_lock_ours(const struct generations *generations)
{
    char token[512] = "";
    return read_lock(generations->path, token, sizeof token) && strcmp(token, generations->token) == 0;
}

/* ---- the run's checkpoints -------------------------------------------------------------------------------------- */

enum status generations_check(const char *path, bool is_resumed, int64_t bytes)
{
    struct holder holder;
    int64_t found[MOST_FOUND];
    enum status status = durable_check(path, "checkpoint", (GENERATIONS_KEPT + 1) * bytes);
    if (status == WS_OK && read_holder(path, &holder) && is_alive(&holder) && !is_same_job(&holder))
        status = error_add(WS_USAGE,
            "--checkpoint: '%s' is in use by process %ld on this host: end it, or give another FILE", path,
            holder.pid);
    if (status == WS_OK && !is_resumed && find_generations(path, found) > 0)
        status = error_add(WS_USAGE,
            "--checkpoint: '%s.%" PRId64 "' is there already: go on from it with --resume, or remove it",
            path, found[0]);
    return status;
}

enum status generations_open(struct generations *generations, const struct comm *comm, const char *path)
{
    struct holder holder;
    enum status status = WS_OK;
    *generations = (struct generations){.newest = 0};
    snprintf(generations->path, sizeof generations->path, "%s", path);
    if (comm->rank == 0) {
        make_token(generations->token, sizeof generations->token, comm);
        if (read_holder(path, &holder))
            say_takeover(path, &holder);
        status = write_lock(path, generations->token, NULL);
    }
    status = error_agree(comm->world, status);
    generations->is_locked = status == WS_OK;
    return status;
}

enum status generations_resume(
    struct generations *generations, const struct comm *comm, struct checkpoint_state *state, bool *found)
{
    int64_t numbers[MOST_FOUND];
    char name[NAME_BYTES];
    int n = 0;
    if (comm->rank == 0)
        n = find_generations(generations->path, numbers);
    MPI_CHECK(MPI_Bcast(&n, 1, MPI_INT, 0, comm->world));
    MPI_CHECK(MPI_Bcast(numbers, n, MPI_INT64_T, 0, comm->world));
    generations->newest = n > 0 ? numbers[0] : 0;
    *found = false;
    for (int i = 0; i < n && !*found; i++) {
        enum checkpoint_fault fault;
        const enum status status =
            checkpoint_read(comm, name_of(generations->path, numbers[i], name), state, &fault);
        if (status == WS_USAGE)
            return status;
        *found = status == WS_OK;
        generations->whole = *found ? numbers[i] : 0;
        if (comm->rank == 0)
            fprintf(stderr,
                *found ? "wealthsim: going on from '%s', period %" PRId64 "\n"
                       : "wealthsim: checkpoint '%s' is skipped:\n",
                name, state->population->period);
        if (!*found)
            error_report(comm->world);
    }
    if (n > 0 && !*found)
        return error_set(WS_FAILED, "none of the checkpoints of '%s' is whole: remove them to start afresh",
            generations->path);
    return WS_OK;
}

/* See that the lock is ours still. One that is gone, or empty, is made again, unless another start has had it, and has ended: it
 * left checkpoints after ours. */
static enum status keep_lock(struct generations *generations)
{
    char token[sizeof generations->token] = "", name[NAME_BYTES];
    int64_t found[MOST_FOUND];
    bool is_taken = true;
    errno = 0;
    const bool there = read_lock(generations->path, token, sizeof token);
    const int why = errno;
    if (there && strcmp(token, generations->token) == 0)
        return WS_OK;
    if (!there && why != 0 && why != ENOENT)
        return error_set(
            WS_FAILED, "cannot read the lock '%s': %s", lock_of(generations->path, name), strerror(why));
    if (!there && (find_generations(generations->path, found) == 0 || found[0] <= generations->newest)) {
        if (why == 0)
            unlink(lock_of(generations->path, name));
        const enum status status = write_lock(generations->path, generations->token, &is_taken);
        if (status != WS_OK || !is_taken)
            return status;
    }
    generations->is_superseded = true;
    return error_set(
        WS_FAILED, "another start of this run has taken '%s' over: this one ends", generations->path);
}

/* Give a complete checkpoint the next name, unless another start has taken over. Where the other does so just now, both
 * may have come to the same number: what is there is left alone, and whose the lock is takes the number after it. The
 * look at the lock after that keeps a start that was too late from removing anything, and ends it. */
static enum status give_name(struct generations *generations, const char *temporary)
{
    char name[NAME_BYTES];
    bool is_taken = true;
    enum status status = keep_lock(generations);
    while (status == WS_OK && is_taken) {
        name_of(generations->path, generations->newest + 1, name);
        status = durable_rename_to_free(temporary, name, &is_taken);
        if (status == WS_OK) {
            generations->newest++; /* it is there, ours or not */
            status = keep_lock(generations);
        }
    }
    return status;
}

/* Remove what is older than the whole generation before the newest. */
static void remove_old(const char *path, int64_t before)
{
    int64_t found[MOST_FOUND];
    char name[NAME_BYTES];
    const int n = find_generations(path, found);
    for (int i = 0; i < n; i++)
        if (found[i] < before)
            unlink(name_of(path, found[i], name));
}

enum status generations_write(
    struct generations *generations, const struct comm *comm, const struct checkpoint_state *state)
{
    char name[NAME_BYTES], temporary[DURABLE_PATH];
    const int64_t generation = generations->newest + 1;
    enum status status = durable_begin(comm, name_of(generations->path, generation, name), temporary);
    if (status == WS_OK)
        status = checkpoint_write(comm, temporary, generation, state);
    if (status == WS_OK && comm->rank == 0)
        status = give_name(generations, temporary);
    status = error_agree(comm->world, status);
    MPI_CHECK(MPI_Bcast(&generations->is_superseded, 1, MPI_C_BOOL, 0, comm->world));
    MPI_CHECK(MPI_Bcast(&generations->newest, 1, MPI_INT64_T, 0, comm->world));
    if (status == WS_OK) {
        if (comm->rank == 0)
            remove_old(generations->path, generations->whole);
        generations->whole = generations->newest;
    } else {
        durable_abandon(comm, temporary);
        if (!generations->is_superseded) {
            if (comm->rank == 0)
                fprintf(stderr, "wealthsim: warning: no checkpoint at period %" PRId64 ":\n",
                    state->population->period);
            error_report(comm->world);
        }
    }
    return status;
}

void generations_close(struct generations *generations, const struct comm *comm)
{
    char name[NAME_BYTES];
    if (comm->rank == 0 && generations->is_locked && is_lock_ours(generations))
        unlink(lock_of(generations->path, name));
    generations->is_locked = false;
}
