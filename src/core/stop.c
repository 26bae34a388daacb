#include "core/stop.h"
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t wants_checkpoint, wants_stop; /* the latter: which signal */
static volatile sig_atomic_t ends_at_once, is_speaker;

static const struct {
    int number;
    const char *ended; /* said where there is nothing to go on from */
} signals[] = {
#define ENDED(name) "wealthsim: ended by " name ": only a run with --checkpoint FILE can be gone on with\n"
    {SIGUSR1, "wealthsim: SIGUSR1 asks for a checkpoint, which only a run with --checkpoint FILE writes: "
              "going on\n"},
    {SIGUSR2, ENDED("SIGUSR2")},
    {SIGTERM, ENDED("SIGTERM")},
    {SIGINT, ENDED("SIGINT")},
    {SIGHUP, ENDED("SIGHUP")},
    {SIGXCPU, ENDED("SIGXCPU")},
#undef ENDED
};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

/* From within a handler. */
static void say(int number)
{
    for (int i = 0; is_speaker && i < SIGNALS; i++)
        if (signals[i].number == number &&
            write(STDERR_FILENO, signals[i].ended, strlen(signals[i].ended)) < 0)
            return; /* nobody can be told */
}

static void take(int number)
{
    const int error = errno;
    if (number == SIGUSR1 && ends_at_once) {
        say(number);
    } else if (number == SIGUSR1) {
        wants_checkpoint = 1;
    } else if (ends_at_once || (wants_stop && number == SIGINT)) {
        if (ends_at_once)
            say(number);
        signal(number, SIG_DFL);
        raise(number); /* when this handler is left */
    } else {
        wants_stop = number;
    }
    errno = error;
}

static bool is_ignored(int number)
{
    struct sigaction before;
    return sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
}

void stop_listen(void)
{
    struct sigaction action = {.sa_handler = take, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < SIGNALS; i++)
        if (signals[i].number != SIGHUP || !is_ignored(SIGHUP))
            sigaction(signals[i].number, &action, NULL);
    signal(SIGXFSZ, SIG_IGN);
}

void stop_end_at_once(bool speaks)
{
    is_speaker = speaks;
    ends_at_once = 1;
    if (wants_checkpoint)
        say(SIGUSR1);
    if (wants_stop)
        raise(wants_stop);
}

bool stop_checkpoint_wanted(void)
{
    const bool wanted = wants_checkpoint;
    wants_checkpoint = 0;
    return wanted;
}

bool stop_wanted(void)
{
    return wants_stop != 0;
}

double stop_seconds_to_job_end(void)
{
    const char *text = getenv("SLURM_JOB_END_TIME");
    const double end = text ? strtod(text, NULL) : 0;
    return end > 0 ? end - (double)time(NULL) : INFINITY;
}
