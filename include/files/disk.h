/** The system's calls for plain files: begun again where a signal interrupted them, gone on with where they did less than
 *  was asked. None of these is collective. */
#pragma once

#include "core/error.h"
#include <stdbool.h>
#include <stdint.h>

/** Open a file. flags: as for open(2), to which O_CLOEXEC is added; a new file has the mode 0666 without the umask.
 *  @return the descriptor, to be closed with disk_close; -1 with errno */
int disk_open(const char *path, int flags);

/** The same for a temporary of this run: what is no regular file, a link, or a file that has another name too was put
 *  there by somebody else, and is refused. */
int disk_open_own(const char *path, int flags);

/** Write or read n bytes at a place. @return WS_OK; WS_FAILED with a message that names path */
enum status disk_write(int file, const char *path, const void *bytes, int64_t n, int64_t place);
enum status disk_read(int file, const char *path, void *bytes, int64_t n, int64_t place);

/** The same for large arrays: the disk begins with each piece while the next one is copied. */
enum status disk_write_long(int file, const char *path, const void *bytes, int64_t n, int64_t place);

/** Have room for n bytes from a place on, where the file system can promise it; the file grows by them.
 *  @return 0; -1 with errno */
int disk_reserve(int file, int64_t place, int64_t n);

/** Set the length of a file. @return 0; -1 with errno */
int disk_resize(int file, int64_t n);

/** Flush a file, or a folder, to disk. A file system that cannot be asked for it (EINVAL, ENOTSUP: CIFS, vboxsf) has
 *  been asked. @return 0; -1 with errno */
int disk_sync(int file);

/** @return 0, also where a signal interrupted it: the descriptor is closed then; -1 with errno */
int disk_close(int file);

/** Rename, replacing what is there. @return 0, also where the system says otherwise but has done it (NFS, whose answer
 *  was lost); -1 with errno */
int disk_rename(const char *from, const char *to);

/** Fill bytes with random ones, from the system where it has some. */
void disk_random(void *bytes, size_t n);
