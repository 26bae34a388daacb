#include "files/disk.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Bytes that are handed to the disk together. */
static const int64_t piece_bytes = (int64_t)8 << 20;

/* Whether a call that gave this value is to be made again. */
static bool again(int64_t value)
{
    return value < 0 && errno == EINTR;
}

int disk_open(const char *path, int flags)
{
    int file;
    do
        file = open(path, flags | O_CLOEXEC, 0666);
    while (again(file));
    return file;
}

int disk_open_own(const char *path, int flags)
{
    struct stat found;
    const int file = disk_open(path, flags | O_NOFOLLOW | O_NONBLOCK);
    if (file >= 0 && (fstat(file, &found) != 0 || !S_ISREG(found.st_mode) || found.st_nlink > 1)) {
        close(file);
        errno = EEXIST;
        return -1;
    }
    return file;
}

enum status disk_write(int file, const char *path, const void *bytes, int64_t n, int64_t place)
{
    for (int64_t done = 0; done < n;) {
        const ssize_t put =
            pwrite(file, (const char *)bytes + done, (size_t)(n - done), (off_t)(place + done));
        if (again(put))
            continue;
        if (put <= 0)
            return error_set(WS_FAILED, "cannot write '%s': %s", path,
                put < 0 ? strerror(errno) : "the disk takes no more");
        done += put;
    }
    return WS_OK;
}

enum status disk_read(int file, const char *path, void *bytes, int64_t n, int64_t place)
{
    for (int64_t done = 0; done < n;) {
        const ssize_t got = pread(file, (char *)bytes + done, (size_t)(n - done), (off_t)(place + done));
        if (again(got))
            continue;
        if (got < 0)
            return error_set(WS_FAILED, "cannot read '%s': %s", path, strerror(errno));
        if (got == 0)
            return error_set(WS_FAILED, "'%s' is cut short", path);
        done += got;
    }
    return WS_OK;
}

enum status disk_write_long(int file, const char *path, const void *bytes, int64_t n, int64_t place)
{
    enum status status = WS_OK;
    for (int64_t done = 0; status == WS_OK && done < n; done += piece_bytes) {
        const int64_t now = n - done < piece_bytes ? n - done : piece_bytes;
        status = disk_write(file, path, (const char *)bytes + done, now, place + done);
        if (status == WS_OK) /* a hint: what goes wrong is seen when the file is flushed */
            sync_file_range(file, (off_t)(place + done), (off_t)now, SYNC_FILE_RANGE_WRITE);
    }
    return status;
}

int disk_reserve(int file, int64_t place, int64_t n)
{
    int value;
    do
        value = n > 0 ? fallocate(file, 0, (off_t)place, (off_t)n) : 0;
    while (again(value));
    return value < 0 && (errno == EOPNOTSUPP || errno == ENOSYS) ? 0 : value;
}

int disk_resize(int file, int64_t n)
{
    int value;
    do
        value = ftruncate(file, (off_t)n);
    while (again(value));
    return value;
}

int disk_sync(int file)
{
    int value;
    do
        value = fsync(file);
    while (again(value));
    return value < 0 && (errno == EINVAL || errno == ENOTSUP || errno == ENOSYS) ? 0 : value;
}

int disk_close(int file)
{
    const int value = close(file);
    return again(value) ? 0 : value;
}

int disk_rename(const char *from, const char *to)
{
    struct stat ours, there;
    const bool is_known = lstat(from, &ours) == 0;
    int value;
    do
        value = rename(from, to);
    while (again(value));
    const int why = errno;
    if (value < 0 && is_known && lstat(from, &there) != 0 && lstat(to, &there) == 0 &&
        there.st_ino == ours.st_ino && there.st_dev == ours.st_dev)
        return 0;
    errno = why;
    return value;
}

void disk_random(void *bytes, size_t n)
{
    ssize_t got;
    do
        got = getrandom(bytes, n, 0);
    while (again(got));
    if (got == (ssize_t)n)
        return;
    /* an old kernel: what differs from call to call will do, since nothing is believed to be ours by its name alone */
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t state = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec + (uint64_t)getpid();
    for (size_t i = 0; i < n; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        ((unsigned char *)bytes)[i] = (unsigned char)(state >> 56);
    }
}
