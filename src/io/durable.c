#include "io/durable.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char mark[] = ".part-";

/* The folder of a path, and the name in it. */
struct place {
    char folder[DURABLE_PATH], name[DURABLE_PATH];
};

static struct place place_of(const char *path)
{
    struct place place;
    char copy[DURABLE_PATH];
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(place.folder, sizeof place.folder, "%s", dirname(copy));
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(place.name, sizeof place.name, "%s", basename(copy));
    return place;
}

enum status durable_check(const char *path, const char *option, int64_t bytes)
{
    const struct place place = place_of(path);
    struct stat found;
    struct statvfs disk;
    if (path[0] == '\0')
        return error_add(WS_USAGE, "--%s: the file's name is empty", option);
    if (stat(place.folder, &found) != 0)
        return error_add(
            WS_USAGE, "--%s: the folder '%s' cannot be used: %s", option, place.folder, strerror(errno));
    if (!S_ISDIR(found.st_mode))
        return error_add(WS_USAGE, "--%s: '%s' is not a folder", option, place.folder);
    if (access(place.folder, W_OK | X_OK) != 0)
        return error_add(WS_USAGE, "--%s: the folder '%s' cannot be written to: %s", option, place.folder,
            strerror(errno));
    if (stat(path, &found) == 0 && !S_ISREG(found.st_mode))
        return error_add(WS_USAGE, "--%s: '%s' is there and is not a file", option, path);
    if (statvfs(place.folder, &disk) == 0 && (double)disk.f_bavail * (double)disk.f_frsize < (double)bytes)
        return error_add(WS_USAGE, "--%s: '%s' will have about %.3g GB, and its disk has %.3g GB left",
            option, path, (double)bytes * 1e-9, (double)disk.f_bavail * (double)disk.f_frsize * 1e-9);
    return WS_OK;
}

long long durable_process_start(pid_t pid)
{
    char path[64], line[1024] = "", state = 'Z';
    long long start = -1;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "r");
    const char *after_name = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    /* the 3rd field is the state, the 22nd the start */
    if (!after_name ||
        sscanf(after_name + 1,
            " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %lld", &state,
            &start) != 2 ||
        state == 'Z')
        start = -1;
    if (file)
        fclose(file);
    return start;
}

/* Whether name is a temporary of base, made on host by a process that is gone, or what the MPI library made beside one:
 * Open MPI tries locks on a file NAME.locktest.RANK. */
static bool is_left_over(const char *name, const char *base, const char *host)
{
    const size_t n = strlen(base), h = strlen(host);
    if (strncmp(name, base, n) != 0 || strncmp(name + n, mark, sizeof mark - 1) != 0)
        return false;
    name += n + sizeof mark - 1;
    if (strncmp(name, host, h) != 0 || name[h] != '-')
        return false;
    char *end = NULL;
    const long pid = strtol(name + h + 1, &end, 10);
    return (*end == '\0' || *end == '.') && pid > 0 && durable_process_start((pid_t)pid) < 0;
}

static void remove_left_overs(const char *path, const char *host)
{
    const struct place place = place_of(path);
    DIR *folder = opendir(place.folder);
    for (struct dirent *entry = NULL; folder && (entry = readdir(folder));)
        if (is_left_over(entry->d_name, place.name, host))
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
}

void durable_begin(const struct comm *comm, const char *path, char *temporary)
{
    if (comm->rank == 0) {
        remove_left_overs(path, comm->host_name);
        snprintf(temporary, DURABLE_PATH, "%s%s%s-%ld", path, mark, comm->host_name, (long)getpid());
    }
    MPI_CHECK(MPI_Bcast(temporary, DURABLE_PATH, MPI_CHAR, 0, comm->world));
}

static enum status sync_path(const char *path, int flags)
{
    const int descriptor = open(path, flags);
    int failed = descriptor < 0 || fsync(descriptor) != 0;
    const int why = errno;
    if (descriptor >= 0)
        failed |= close(descriptor) != 0;
    return failed ? error_set(WS_FAILED, "cannot bring '%s' to disk: %s", path, strerror(why)) : WS_OK;
}

static enum status sync_folder_of(const char *path)
{
    const struct place place = place_of(path);
    return sync_path(place.folder, O_RDONLY | O_DIRECTORY);
}

/* NFS and Lustre do not know the call: there the file gets a second name, which only a free one can be, and loses the first. */
static bool rename_to_free(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    return (errno == EINVAL || errno == ENOSYS) && link(from, to) == 0 && unlink(from) == 0;
}

enum status durable_rename_to_free(const char *temporary, const char *path, bool *is_taken)
{
    const bool is_renamed = rename_to_free(temporary, path);
    const int why = errno;
    *is_taken = !is_renamed && why == EEXIST;
    if (is_renamed)
        return sync_folder_of(path);
    return *is_taken ? WS_OK
                     : error_set(WS_FAILED, "cannot rename '%s' to '%s': %s", temporary, path, strerror(why));
}

enum status durable_sync(const struct comm *comm, const char *path)
{
    return error_agree(comm->world, comm->host_rank == 0 ? sync_path(path, O_RDWR) : WS_OK);
}

enum status durable_commit(const struct comm *comm, const char *temporary, const char *path)
{
    enum status status = durable_sync(comm, temporary);
    if (status != WS_OK) {
        durable_abandon(comm, temporary);
        return status;
    }
    if (comm->rank == 0 && rename(temporary, path) != 0)
        status = error_set(WS_FAILED, "cannot rename '%s' to '%s': %s", temporary, path, strerror(errno));
    else if (comm->rank == 0)
        status = sync_folder_of(path);
    status = error_agree(comm->world, status);
    if (status != WS_OK)
        durable_abandon(comm, temporary);
    return status;
}

void durable_abandon(const struct comm *comm, const char *temporary)
{
    MPI_CHECK(MPI_Barrier(comm->world)); /* nobody is still writing to it */
    if (comm->rank == 0)
        unlink(temporary);
}
