#include "files/atomic_file.h"
#include "files/disk.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { MOST_LINKS = 40 };

static const char *folder_of(const char *path, char *folder)
{
    char copy[ATOMIC_FILE_PATH];
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(folder, ATOMIC_FILE_PATH, "%s", dirname(copy));
    return folder;
}

/* ---- symbolic links ---------------------------------------------------------------------------------------------- */

/* Whether a link may be followed: not where anybody could have put it there. */
static bool is_trusted(const char *path, const struct stat *link)
{
    char folder[ATOMIC_FILE_PATH];
    struct stat found;
    if (stat(folder_of(path, folder), &found) != 0)
        return false;
    return !(found.st_mode & S_IWOTH) || link->st_uid == geteuid() || link->st_uid == found.st_uid;
}

const char *atomic_file_resolve(const char *path, char *target)
{
    struct stat found;
    snprintf(target, ATOMIC_FILE_PATH, "%s", path);
    for (int i = 0; i < MOST_LINKS; i++) {
        char text[ATOMIC_FILE_PATH], folder[ATOMIC_FILE_PATH];
        if (lstat(target, &found) != 0 || !S_ISLNK(found.st_mode))
            return NULL;
        if (!is_trusted(target, &found))
            return "is a link that another user has put into a folder which everybody may write to";
        const ssize_t n = readlink(target, text, sizeof text - 1);
        if (n < 0)
            return strerror(errno);
        text[n] = '\0';
        const bool is_beside = text[0] != '/' && strchr(target, '/');
        folder_of(target, folder);
        const int length =
            snprintf(target, ATOMIC_FILE_PATH, "%s%s%s", is_beside ? folder : "", is_beside ? "/" : "", text);
        if (length >= ATOMIC_FILE_PATH)
            return strerror(ENAMETOOLONG);
    }
    return strerror(ELOOP);
}

/* ---- before the simulation --------------------------------------------------------------------------------------- */

static enum status check_folder(const char *folder, const char *option)
{
    struct stat found;
    if (stat(folder, &found) != 0)
        return error_add(
            WS_USAGE, "--%s: the folder '%s' cannot be used: %s", option, folder, strerror(errno));
    if (!S_ISDIR(found.st_mode))
        return error_add(WS_USAGE, "--%s: '%s' is not a folder", option, folder);
    if (access(folder, W_OK | X_OK) != 0)
        return error_add(
            WS_USAGE, "--%s: the folder '%s' cannot be written to: %s", option, folder, strerror(errno));
    return WS_OK;
}

/* What is there, if anything: a file, which this user may replace. */
static enum status check_earlier(const char *target, const char *folder, const char *option)
{
    struct stat found, around;
    if (stat(target, &found) != 0)
        return errno == ENOENT
                   ? WS_OK
                   : error_add(WS_USAGE, "--%s: '%s' cannot be written: %s", option, target, strerror(errno));
    if (!S_ISREG(found.st_mode))
        return error_add(WS_USAGE, "--%s: '%s' is there and is not a file", option, target);
    if (stat(folder, &around) == 0 && (around.st_mode & S_ISVTX) && geteuid() != 0 &&
        found.st_uid != geteuid() && around.st_uid != geteuid())
        return error_add(WS_USAGE,
            "--%s: '%s' is another user's, and in its folder only its owner may replace it: give another "
            "name",
            option, target);
    return WS_OK;
}

/* Make, rename and remove a temporary, as at the end. */
static enum status try_temporary(const char *target, const char *option)
{
    static const char text[] = "wealthsim tries whether a file can be made here\n";
    char temporary[ATOMIC_FILE_PATH], renamed[ATOMIC_FILE_PATH];
    const int file = temporary_create(target, temporary);
    if (file < 0)
        return error_add(
            WS_USAGE, "--%s: no file can be made beside '%s': %s", option, target, strerror(errno));
    enum status status = disk_write(file, temporary, text, sizeof text - 1, 0);
    if (disk_close(file) != 0 && status == WS_OK)
        status = error_set(WS_FAILED, "cannot write '%s': %s", temporary, strerror(errno));
    if (status != WS_OK)
        error_add(WS_USAGE, "--%s: no file can be written beside '%s'", option, target);
    const bool is_renamed = temporary_rename(temporary, renamed);
    if (!is_renamed)
        error_add(WS_USAGE, "--%s: no file can be renamed beside '%s': %s", option, target, strerror(errno));
    unlink(is_renamed ? renamed : temporary);
    return status == WS_OK && is_renamed ? WS_OK : WS_USAGE;
}

/* Folder, what is there, disk; shown is what messages about the disk call it. */
static enum status check_place(const char *target, const char *shown, const char *option, int64_t bytes)
{
    char folder[ATOMIC_FILE_PATH];
    struct statvfs disk;
    enum status status = check_folder(folder_of(target, folder), option);
    if (status == WS_OK)
        status = check_earlier(target, folder, option);
    if (status == WS_OK && statvfs(folder, &disk) == 0 &&
        (double)disk.f_bavail * (double)disk.f_frsize < (double)bytes)
        return error_add(WS_USAGE, "--%s: '%s' will have about %.3g GB, and its disk has %.3g GB left",
            option, shown, (double)bytes * 1e-9, (double)disk.f_bavail * (double)disk.f_frsize * 1e-9);
    return status == WS_OK ? try_temporary(target, option) : status;
}

static enum status check_name(const char *path, const char *option)
{
    if (path[0] == '\0')
        return error_add(WS_USAGE, "--%s: the file's name is empty", option);
    if (path[strlen(path) - 1] == '/')
        return error_add(WS_USAGE, "--%s: '%s' is the name of a folder, not of a file", option, path);
    return WS_OK;
}

enum status atomic_file_check(const char *path, const char *option, int64_t bytes)
{
    char target[ATOMIC_FILE_PATH];
    if (check_name(path, option) != WS_OK)
        return WS_USAGE;
    const char *const why = atomic_file_resolve(path, target);
    if (why)
        return error_add(WS_USAGE, "--%s: '%s' cannot be written: %s", option, path, why);
    return check_place(target, target, option, bytes);
}

enum status atomic_file_check_prefix(
    const char *prefix, const char *suffix, const char *option, int64_t bytes)
{
    char longest[ATOMIC_FILE_PATH];
    if (check_name(prefix, option) != WS_OK)
        return WS_USAGE;
    snprintf(longest, sizeof longest, "%s%s", prefix, suffix);
    return check_place(longest, prefix, option, bytes);
}

/* ---- at the end -------------------------------------------------------------------------------------------------- */

enum status atomic_file_begin(const struct comm *comm, const char *path, char *temporary)
{
    enum status status = WS_OK;
    temporary[0] = '\0';
    if (comm->rank == 0) {
        char target[ATOMIC_FILE_PATH];
        const char *why = atomic_file_resolve(path, target);
        int file = -1;
        if (!why) {
            temporary_remove_left_overs(target);
            file = temporary_create(target, temporary);
        }
        if (file < 0)
            status =
                error_set(WS_FAILED, "cannot make a file beside '%s': %s", path, why ? why : strerror(errno));
        else
            disk_close(file);
    }
    MPI_CHECK(MPI_Bcast(temporary, ATOMIC_FILE_PATH, MPI_CHAR, 0, comm->world));
    return error_agree(comm->world, status);
}

static enum status cannot_flush(const char *path)
{
    return error_set(WS_FAILED, "cannot flush '%s' to disk: %s", path, strerror(errno));
}

static enum status sync_file(const char *path)
{
    const int file = disk_open_own(path, O_RDWR);
    if (file < 0)
        return cannot_flush(path);
    enum status status = disk_sync(file) == 0 ? WS_OK : cannot_flush(path);
    if (disk_close(file) != 0 && status == WS_OK)
        status = cannot_flush(path);
    return status;
}

/* A folder that may not be read cannot be opened, and so not be flushed either: that is no fault of the file in it. */
static enum status sync_folder_of(const char *path)
{
    char folder[ATOMIC_FILE_PATH];
    const int file = disk_open(folder_of(path, folder), O_RDONLY | O_DIRECTORY);
    if (file < 0 && errno == EACCES)
        return WS_OK;
    const bool is_flushed = file >= 0 && disk_sync(file) == 0;
    const int why = errno;
    if (file >= 0)
        disk_close(file);
    if (is_flushed)
        return WS_OK;
    return error_set(WS_FAILED,
        "'%s' is in place, but its folder cannot be flushed to disk (%s): should the machine fail now, it "
        "may be gone",
        path, strerror(why));
}

enum status atomic_file_sync(const struct comm *comm, const char *path)
{
    return error_agree(comm->world, comm->host_rank == 0 ? sync_file(path) : WS_OK);
}

/* On rank 0: give the temporary its name, or another one under which its user finds it. */
static enum status put_in_place(const char *temporary, const char *path, bool *is_replaced)
{
    char target[ATOMIC_FILE_PATH], kept[ATOMIC_FILE_PATH];
    const char *why = atomic_file_resolve(path, target);
    if (!why && disk_rename(temporary, target) != 0)
        why = strerror(errno);
    *is_replaced = !why;
    if (!why)
        return sync_folder_of(target);
    const enum status status = error_set(WS_FAILED, "cannot give '%s' its name: %s", path, why);
    temporary_keep(temporary, kept);
    return error_add(status, "the whole file is kept as '%s': rename it", kept);
}

enum status atomic_file_commit(
    const struct comm *comm, const char *temporary, const char *path, bool *is_replaced)
{
    enum status status = atomic_file_sync(comm, temporary);
    *is_replaced = false;
    if (status != WS_OK) {
        atomic_file_abandon(comm, temporary);
        return status;
    }
    if (comm->rank == 0)
        status = put_in_place(temporary, path, is_replaced);
    MPI_CHECK(MPI_Bcast(is_replaced, 1, MPI_C_BOOL, 0, comm->world));
    return error_agree(comm->world, status);
}

void atomic_file_abandon(const struct comm *comm, const char *temporary)
{
    MPI_CHECK(MPI_Barrier(comm->world)); /* nobody is still writing to it */
    if (comm->rank == 0 && temporary[0])
        unlink(temporary);
}

/* ---- names that are free ----------------------------------------------------------------------------------------- */

static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;
    return lstat(a, &one) == 0 && lstat(b, &other) == 0 && one.st_ino == other.st_ino &&
           one.st_dev == other.st_dev;
}

/* Where there are no second names either (FAT, some FUSE): an empty file claims the name, which only one can do, and is then
 * replaced by ours. */
static int claim_and_rename(const char *from, const char *to)
{
    const int file = disk_open(to, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY);
    if (file < 0)
        return -1;
    disk_close(file);
    if (disk_rename(from, to) == 0)
        return 0;
    const int why = errno;
    unlink(to);
    errno = why;
    return -1;
}

/* NFS and Lustre do not know the renaming: there the file gets a second name, which only a free one can be, and loses the
 * first. An answer that was lost on the way makes NFS say that the name is taken, by the file itself. */
static int link_and_unlink(const char *from, const char *to)
{
    if (link(from, to) == 0 || (errno == EEXIST && is_same_file(from, to))) {
        unlink(from);
        return 0;
    }
    const bool is_unknown = errno == EPERM || errno == EACCES || errno == EINVAL || errno == ENOSYS ||
                            errno == ENOTSUP || errno == EMLINK;
    return is_unknown ? claim_and_rename(from, to) : -1;
}

static int rename_to_free(const char *from, const char *to)
{
    int value;
    do
        value = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
    while (value < 0 && errno == EINTR);
    const bool is_unknown = value < 0 && (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP);
    return is_unknown ? link_and_unlink(from, to) : value;
}

enum status atomic_file_rename_to_free(const char *temporary, const char *path, bool *is_taken)
{
    const bool is_renamed = rename_to_free(temporary, path) == 0;
    const int why = errno;
    *is_taken = !is_renamed && why == EEXIST;
    if (is_renamed)
        return sync_folder_of(path);
    return *is_taken ? WS_OK
                     : error_set(WS_FAILED, "cannot rename '%s' to '%s': %s", temporary, path, strerror(why));
}
