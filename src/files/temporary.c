#include "files/temporary.h"
#include "core/process.h"
#include "files/disk.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOST_BYTES = 64, SUFFIX_BYTES = 128, TRIES = 16 };

static const char mark[] = ".part-", mark_of_kept[] = ".kept-";
_Static_assert(sizeof mark == sizeof mark_of_kept, "both names are of the same length");

/* A path's folder and the name in it, cut to leave room for a suffix. */
struct place {
    char folder[TEMPORARY_PATH], name[NAME_MAX + 1];
};

static struct place place_of(const char *path, size_t suffix_bytes)
{
    struct place place;
    char copy[TEMPORARY_PATH];
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(place.folder, sizeof place.folder, "%s", dirname(copy));
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(place.name, sizeof place.name, "%.*s", (int)(NAME_MAX - suffix_bytes), basename(copy));
    return place;
}

/* What all suffixes of this host, in this space, begin and go on with; the process and the random part differ. */
static void make_suffix(char *suffix, pid_t pid, uint64_t random)
{
    char host[HOST_BYTES] = "host";
    gethostname(host, sizeof host);
    host[sizeof host - 1] = '\0';
    snprintf(suffix, SUFFIX_BYTES, "%s%s-%ld-%08" PRIx32 "-%016" PRIx64, mark, host, (long)pid,
        process_space(), random);
}

int temporary_create(const char *path, char *temporary)
{
    int file = -1;
    errno = EEXIST;
    for (int i = 0; i < TRIES && file < 0 && errno == EEXIST; i++) {
        char suffix[SUFFIX_BYTES];
        uint64_t random;
        disk_random(&random, sizeof random);
        make_suffix(suffix, getpid(), random);
        const struct place place = place_of(path, strlen(suffix));
        const char *const slash = strchr(path, '/') ? "/" : "";
        const int n = snprintf(
            temporary, TEMPORARY_PATH, "%s%s%s%s", *slash ? place.folder : "", slash, place.name, suffix);
        errno = ENAMETOOLONG;
        if (n < TEMPORARY_PATH)
            file = disk_open(temporary, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR);
    }
    if (file < 0)
        temporary[0] = '\0';
    return file;
}

bool temporary_rename(const char *temporary, char *renamed)
{
    snprintf(renamed, TEMPORARY_PATH, "%s", temporary);
    char *last = renamed + strlen(renamed) - 1; /* of the random digits */
    *last = *last == '0' ? '1' : '0';
    return disk_rename(temporary, renamed) == 0;
}

bool temporary_keep(const char *temporary, char *kept)
{
    char *found = NULL;
    snprintf(kept, TEMPORARY_PATH, "%s", temporary);
    for (char *next = kept; (next = strstr(next, mark)); next++)
        found = next;
    if (found)
        memcpy(found, mark_of_kept, sizeof mark_of_kept - 1);
    if (found && disk_rename(temporary, kept) == 0)
        return true;
    snprintf(kept, TEMPORARY_PATH, "%s", temporary);
    return false;
}

/* ---- left-overs -------------------------------------------------------------------------------------------------- */

/* Whether a name is that of a temporary for path, made in this space by a process that is gone: it is put together anew
 * from what it says, and has to be the same. */
static bool is_named_left_over(const char *name, const char *path)
{
    char suffix[SUFFIX_BYTES];
    long pid = 0;
    uint64_t random = 0;
    const char *last = strrchr(name, '-'), *first = NULL;
    for (const char *next = name; (next = strstr(next, mark)); next++)
        first = next;
    if (!first || !last || sscanf(last, "-%16" SCNx64, &random) != 1)
        return false;
    int dashes = 0; /* the process stands before the last two; a host's name may have dashes too */
    while (last > first && dashes < 2)
        dashes += *--last == '-';
    if (dashes < 2 || sscanf(last, "-%ld-", &pid) != 1 || pid <= 0)
        return false;
    make_suffix(suffix, (pid_t)pid, random);
    const struct place place = place_of(path, strlen(suffix));
    const size_t n = strlen(place.name);
    return strncmp(name, place.name, n) == 0 && strcmp(name + n, suffix) == 0 &&
           process_start((pid_t)pid) < 0;
}

/* Whether a file is this user's, and empty or begun as wealthsim begins files: HDF5, a lock, what is tried out at the start. */
static bool is_ours(int folder, const char *name)
{
    static const char beginnings[][9] = {"\211HDF\r\n\032\n", "host=", "wealthsi"};
    char bytes[8] = "";
    struct stat found;
    const int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return false;
    bool ours = fstat(file, &found) == 0 && S_ISREG(found.st_mode) && found.st_uid == geteuid();
    if (ours && found.st_size > 0) {
        ours = false;
        const ssize_t got = pread(file, bytes, sizeof bytes, 0);
        for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
            const size_t n = strlen(beginnings[i]);
            ours = ours || (got >= (ssize_t)n && memcmp(bytes, beginnings[i], n) == 0);
        }
    }
    close(file);
    return ours;
}

void temporary_remove_left_overs(const char *path)
{
    const struct place place = place_of(path, 0);
    DIR *folder = process_space() != 0 ? opendir(place.folder) : NULL;
    for (struct dirent *entry = NULL; folder && (entry = readdir(folder));)
        if (is_named_left_over(entry->d_name, path) && is_ours(dirfd(folder), entry->d_name))
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
}
