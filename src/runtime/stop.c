#include "runtime/stop.h"
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

static volatile sig_atomic_t wants_checkpoint, wants_stop;

static void take(int signal_number)
{
    if (signal_number == SIGUSR1) {
        wants_checkpoint = 1;
    } else if (wants_stop && signal_number == SIGINT) {
        signal(SIGINT, SIG_DFL);
        raise(SIGINT);
    } else {
        wants_stop = 1;
    }
}

void stop_listen(void)
{
    static const int signals[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT};
    struct sigaction action = {.sa_handler = take, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* at a limit of file size, a write fails: that is no reason to die */
}

bool stop_checkpoint_wanted(void)
{
    const bool wanted = wants_checkpoint;
    wants_checkpoint = 0;
    return wanted;
}

bool stop_wanted(void)
{
    return wants_stop;
}

double stop_seconds_to_job_end(void)
{
    const char *text = getenv("SLURM_JOB_END_TIME");
    const double end = text ? strtod(text, NULL) : 0;
    return end > 0 ? end - (double)time(NULL) : INFINITY;
}
