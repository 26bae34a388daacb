/* A library for LD_PRELOAD that makes chosen calls of the C library fail: for what no file system here does by itself.
 *
 *     WEALTHSIM_FAULTS='CALL FIRST COUNT WHAT RANK PATH;…'
 *
 * From the FIRST-th such call on (1, 2, …), COUNT calls are given the errno WHAT, a number, or do half of what was asked
 * (WHAT = short); with a COUNT of 0 every other call is. Calls are counted on each rank, those of rank RANK (-1: all) for
 * files whose path has PATH in it. A folder's fsync is named fsync_folder; for calloc, PATH is "large" (64 KiB or more) or
 * "small". Each fault that was met is a line "RANK CALL PATH" in the file WEALTHSIM_FAULTS_LOG. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef open64 /* the names are wanted, whatever the headers make of them */
    #undef open64
    #undef pwrite64
    #undef pread64
    #undef fallocate64
    #undef ftruncate64
#endif

void *__libc_calloc(size_t n, size_t bytes); /* glibc's own: dlsym may need memory itself */

enum { MOST_FAULTS = 8, WORD = 32, SHORT = -1, PATH_BYTES = 4352 };

static struct fault {
    char call[WORD], path[256];
    long first, count, seen;
    int what, rank;
} faults[MOST_FAULTS];
static int n_faults, own_rank;

__attribute__((constructor)) static void read_faults(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
    for (int i = 2; i >= 0; i--)
        own_rank = getenv(names[i]) ? atoi(getenv(names[i])) : own_rank;
    const char *text = getenv("WEALTHSIM_FAULTS");
    while (text && *text && n_faults < MOST_FAULTS) {
        struct fault *fault = &faults[n_faults];
        char what[WORD];
        if (sscanf(text, "%31s %ld %ld %31s %d %255[^;]", fault->call, &fault->first, &fault->count, what,
                &fault->rank, fault->path) != 6)
            abort();
        fault->what = strcmp(what, "short") == 0 ? SHORT : atoi(what);
        n_faults++;
        text += strcspn(text, ";");
        text += *text == ';';
    }
}

static void say(const struct fault *fault, const char *path)
{
    const char *log = getenv("WEALTHSIM_FAULTS_LOG");
    char line[PATH_BYTES + 2 * WORD];
    const int n = snprintf(line, sizeof line, "%d %s %s\n", own_rank, fault->call, path);
    const long file = log ? syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0666) : -1;
    if (file >= 0) {
        syscall(SYS_write, file, line, (size_t)n);
        syscall(SYS_close, file);
    }
}

/* What is to become of a call: 0 as it is, SHORT, or an errno. */
static int fate(const char *call, const char *path)
{
    for (int i = 0; i < n_faults; i++) {
        struct fault *fault = &faults[i];
        if (strcmp(fault->call, call) != 0 || (fault->rank >= 0 && fault->rank != own_rank) ||
            !strstr(path, fault->path))
            continue;
        fault->seen++;
        const long since = fault->seen - fault->first;
        if (since < 0 || (fault->count > 0 && since >= fault->count) || (fault->count == 0 && since % 2 != 0))
            continue;
        say(fault, path);
        return fault->what;
    }
    return 0;
}

static int fate_of_file(const char *call, int file)
{
    const int before = errno;
    char name[64], path[PATH_BYTES] = "";
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    const long n = n_faults > 0 ? syscall(SYS_readlinkat, AT_FDCWD, name, path, sizeof path - 1) : -1;
    errno = before;
    return n > 0 ? fate(call, path) : 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* The call as it is, unless it is to fail. */
#define RETURN_UNLESS(fate_, real_call)                                                                      \
    do {                                                                                                     \
        const int fate__ = (fate_);                                                                          \
        if (fate__ > 0) {                                                                                    \
            errno = fate__;                                                                                  \
            return -1;                                                                                       \
        }                                                                                                    \
        return real_call;                                                                                    \
    } while (0)

#define OPENING(name)                                                                                        \
    int name(const char *path, int flags, ...);                                                              \
    int name(const char *path, int flags, ...)                                                               \
    {                                                                                                        \
        va_list rest;                                                                                        \
        va_start(rest, flags);                                                                               \
        const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                        \
        va_end(rest);                                                                                        \
        RETURN_UNLESS(fate("open", path), REAL(name)(path, flags, mode));                                    \
    }
OPENING(open)
OPENING(open64)

#define TRANSFERRING(name, counted, bytes_type)                                                              \
    ssize_t name(int file, bytes_type bytes, size_t n, off_t place);                                         \
    ssize_t name(int file, bytes_type bytes, size_t n, off_t place)                                          \
    {                                                                                                        \
        const int what = fate_of_file(counted, file);                                                        \
        RETURN_UNLESS(what, REAL(name)(file, bytes, what == SHORT ? (n + 1) / 2 : n, place));                \
    }
TRANSFERRING(pwrite, "pwrite", const void *)
TRANSFERRING(pwrite64, "pwrite", const void *)
TRANSFERRING(pread, "pread", void *)
TRANSFERRING(pread64, "pread", void *)

ssize_t write(int file, const void *bytes, size_t n)
{
    const int what = fate_of_file("write", file);
    RETURN_UNLESS(what, REAL(write)(file, bytes, what == SHORT ? (n + 1) / 2 : n));
}

#define RESERVING(name)                                                                                      \
    int name(int file, int mode, off_t place, off_t n);                                                      \
    int name(int file, int mode, off_t place, off_t n)                                                       \
    {                                                                                                        \
        RETURN_UNLESS(fate_of_file("fallocate", file), REAL(name)(file, mode, place, n));                    \
    }
RESERVING(fallocate)
RESERVING(fallocate64)

#define RESIZING(name)                                                                                       \
    int name(int file, off_t n);                                                                             \
    int name(int file, off_t n)                                                                              \
    {                                                                                                        \
        RETURN_UNLESS(fate_of_file("ftruncate", file), REAL(name)(file, n));                                 \
    }
RESIZING(ftruncate)
RESIZING(ftruncate64)

int fsync(int file)
{
    struct stat found;
    const int is_folder = fstat(file, &found) == 0 && S_ISDIR(found.st_mode);
    RETURN_UNLESS(fate_of_file(is_folder ? "fsync_folder" : "fsync", file), REAL(fsync)(file));
}

int flock(int file, int operation);
int flock(int file, int operation)
{
    RETURN_UNLESS(fate_of_file("flock", file), REAL(flock)(file, operation));
}

/* It is closed all the same. */
int close(int file)
{
    const int what = fate_of_file("close", file);
    const int value = REAL(close)(file);
    RETURN_UNLESS(what, value);
}

int rename(const char *from, const char *to)
{
    RETURN_UNLESS(fate("rename", from), REAL(rename)(from, to));
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    RETURN_UNLESS(fate("renameat2", from), REAL(renameat2)(from_folder, from, to_folder, to, flags));
}

int link(const char *from, const char *to)
{
    RETURN_UNLESS(fate("link", from), REAL(link)(from, to));
}

int unlink(const char *path)
{
    RETURN_UNLESS(fate("unlink", path), REAL(unlink)(path));
}

void *calloc(size_t n, size_t bytes)
{
    const int what = n_faults > 0 ? fate("calloc", n * bytes < 65536 ? "small" : "large") : 0;
    if (what > 0)
        errno = what;
    return what > 0 ? NULL : __libc_calloc(n, bytes);
}
