#include "core/error.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_BYTES = 8192, MESSAGE_LINES = 20 };

/* What the reporter needs to keep between error_set and error_report: this process's first message. */
static char message[MESSAGE_BYTES];

/* What added lines begin with. */
static const char *beginning = "";

/* What is known of this process's libraries until it ends. */
static bool finalize_would_crash;

enum status error_set(enum status status, const char *format, ...)
{
    if (message[0] == '\0') {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(message, sizeof message, format, arguments);
        va_end(arguments);
    }
    return status;
}

static int count_lines(const char *text)
{
    int n = 1;
    while ((text = strchr(text, '\n'))) {
        text++;
        n++;
    }
    return n;
}

/* Whether a line is among those before the end of the message, which is where it stands now. */
static bool is_said(const char *line)
{
    const size_t length = strlen(line);
    for (const char *at = message; (at = strstr(at, line)); at++)
        if ((at == message || at[-1] == '\n') && (at[length] == '\n' || at[length] == '\0'))
            return true;
    return false;
}

enum status error_add(enum status status, const char *format, ...)
{
    const size_t used = strlen(message);
    const size_t start = used + (used > 0);
    const size_t text = start + strlen(beginning);
    const int lines = used > 0 ? count_lines(message) : 0;
    if (lines == MESSAGE_LINES - 1) {
        snprintf(message + used, sizeof message - used, "\nthere are more faults than these");
    } else if (lines < MESSAGE_LINES && text + 1 < sizeof message) {
        va_list arguments;
        va_start(arguments, format);
        memcpy(message + start, beginning, text - start);
        vsnprintf(message + text, sizeof message - text, format, arguments);
        va_end(arguments);
        if (used > 0 && is_said(message + start))
            message[start] = '\0';
        else if (used > 0)
            message[used] = '\n';
    }
    return status;
}

void error_where(const char *text)
{
    beginning = text;
}

enum status error_memory(size_t bytes, const char *what)
{
    return error_set(
        WS_FAILED, "no memory for %s (%zu bytes): use more hosts or fewer ranks on each", what, bytes);
}

const char *error_message(void)
{
    return message;
}

void error_clear(void)
{
    message[0] = '\0';
}

/* How bad a status is: what is worse wins an agreement. */
static int severity(enum status status)
{
    return status == WS_OK ? 0 : status == WS_STOPPED ? 1 : status == WS_USAGE ? 2 : 3;
}

enum status error_agree(MPI_Comm comm, enum status status)
{
    static const enum status of_severity[] = {WS_OK, WS_STOPPED, WS_USAGE, WS_FAILED};
    int mine = severity(status), worst = 0;
    MPI_CHECK(MPI_Allreduce(&mine, &worst, 1, MPI_INT, MPI_MAX, comm));
    return of_severity[worst];
}

static void print(int rank, const char *text)
{
    while (*text) {
        const size_t length = strcspn(text, "\n");
        if (rank > 0)
            fprintf(stderr, "wealthsim: rank %d: %.*s\n", rank, (int)length, text);
        else
            fprintf(stderr, "wealthsim: %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

void error_report(MPI_Comm comm)
{
    int rank = 0, size = 0;
    MPI_CHECK(MPI_Comm_rank(comm, &rank));
    MPI_CHECK(MPI_Comm_size(comm, &size));

    char *last = calloc(1, MESSAGE_BYTES), *next = calloc(1, MESSAGE_BYTES);
    if (!last || !next)
        error_abort(__FILE__, __LINE__, "error_report", "no memory for two messages");

    /* The next message is that of the lowest rank after the last one whose message differs from the last
     * said. */
    for (int after = -1;;) {
        int mine = rank > after && message[0] != '\0' && strcmp(message, last) != 0 ? rank : size,
            first = size;
        MPI_CHECK(MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, comm));
        if (first == size)
            break;
        memcpy(next, message, MESSAGE_BYTES);
        MPI_CHECK(MPI_Bcast(next, MESSAGE_BYTES, MPI_CHAR, first, comm));
        if (rank == 0)
            print(first, next);
        memcpy(last, next, MESSAGE_BYTES);
        after = first;
    }
    free(last);
    free(next);
    error_clear();
}

void error_forbid_finalize(void)
{
    finalize_would_crash = true;
}

bool error_may_finalize(MPI_Comm comm)
{
    int mine = finalize_would_crash, any = 0;
    MPI_CHECK(MPI_Allreduce(&mine, &any, 1, MPI_INT, MPI_MAX, comm));
    return any == 0;
}

static _Noreturn void abort_all(const char *file, int line, const char *what, const char *why)
{
    int initialized = 0, finalized = 0, rank = -1;
    MPI_Initialized(&initialized);
    MPI_Finalized(&finalized);
    if (initialized && !finalized)
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    fprintf(stderr, "wealthsim: rank %d: %s:%d: %s: %s\n", rank, file, line, what, why);
    fflush(stderr);
    if (initialized && !finalized)
        MPI_Abort(MPI_COMM_WORLD, WS_FAILED);
    abort();
}

void error_abort(const char *file, int line, const char *what, const char *why)
{
    abort_all(file, line, what, why);
}

void error_abort_mpi(const char *file, int line, const char *call, int code)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    MPI_Error_string(code, text, &length);
    abort_all(file, line, call, text);
}
