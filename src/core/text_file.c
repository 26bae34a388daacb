#include "core/text_file.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char mark[] = "\xef\xbb\xbf";

/* How long a pipe may be silent before nobody writes to it. */
enum { PIPE_MILLISECONDS = 10000 };

/* Opening a pipe would wait for a writer: it is opened without, and then awaited for some time. */
static const char *open_descriptor(const char *path, int *descriptor)
{
    struct stat found;
    *descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (*descriptor < 0 || fstat(*descriptor, &found) != 0)
        return strerror(errno);
    if (S_ISDIR(found.st_mode))
        return strerror(EISDIR);
    if (S_ISFIFO(found.st_mode)) {
        struct pollfd pipe = {.fd = *descriptor, .events = POLLIN};
        if (poll(&pipe, 1, PIPE_MILLISECONDS) == 0)
            return "it is a pipe, and nobody writes to it";
    }
    const int flags = fcntl(*descriptor, F_GETFL);
    return fcntl(*descriptor, F_SETFL, flags & ~O_NONBLOCK) != 0 ? strerror(errno) : NULL;
}

const char *text_file_open(struct text_file *text, const char *path)
{
    int descriptor = -1;
    *text = (struct text_file){.file = NULL};
    const char *why = open_descriptor(path, &descriptor);
    if (!why && !(text->file = fdopen(descriptor, "r")))
        why = strerror(errno);
    if (!text->file && descriptor >= 0)
        close(descriptor);
    return why;
}

enum text_line text_file_next(struct text_file *text)
{
    errno = 0;
    ssize_t length = getline(&text->line, &text->room, text->file);
    if (ferror(text->file) || (length < 0 && errno != 0)) /* a line may have begun before */
        return TEXT_FAILED;
    if (length < 0)
        return TEXT_END;
    text->number++;
    if (strlen(text->line) != (size_t)length)
        return TEXT_BINARY;
    while (length > 0 && (text->line[length - 1] == '\n' || text->line[length - 1] == '\r'))
        text->line[--length] = '\0';
    if (text->number == 1 && strncmp(text->line, mark, sizeof mark - 1) == 0)
        memmove(text->line, text->line + sizeof mark - 1, (size_t)length - (sizeof mark - 1) + 1);
    return TEXT_LINE;
}

void text_file_close(struct text_file *text)
{
    free(text->line);
    if (text->file)
        fclose(text->file);
    *text = (struct text_file){.file = NULL};
}
