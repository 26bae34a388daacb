#include "core/output.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void output_start(void)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != descriptor)
            _exit(WS_FAILED); /* there is nowhere to say why */
}

/* @return NULL, or what to say of standard output, in a place that stays. */
static const char *fault_of_output(void)
{
    static char said[256];
    errno = 0;
    const bool failed_before = ferror(stdout), fails_now = fflush(stdout) != 0;
    const int why = errno;
    if (!failed_before && !fails_now)
        return NULL;
    snprintf(said, sizeof said,
        "standard output could not be written whole%s%s: what was printed is not all of it",
        why != 0 ? ": " : "", why != 0 ? strerror(why) : "");
    return said;
}

/* What a status becomes with what is known of the output. */
static enum status with_output(enum status status)
{
    const char *fault = fault_of_output();
    return status == WS_OK && fault ? error_set(WS_FAILED, "%s", fault) : status;
}

enum status output_end_alone(enum status status)
{
    status = with_output(status);
    if (status != WS_OK)
        fprintf(stderr, "wealthsim: %s\n", error_message());
    return status;
}

enum status output_end(const struct comm *comm, enum status status)
{
    return error_agree(comm->world, with_output(status));
}
