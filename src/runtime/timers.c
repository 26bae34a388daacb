#include "runtime/timers.h"
#include <stdlib.h>
#include <time.h>

const char *phase_name(enum phase phase)
{
    static const char *const names[PHASES] = {"computing", "waiting", "communicating", "writing"};
    return names[phase];
}

enum status timers_create(struct timers *timers, int threads)
{
    timers->threads = threads;
    timers->seconds = calloc((size_t)threads, sizeof *timers->seconds);
    return timers->seconds ? WS_OK : error_memory((size_t)threads * sizeof *timers->seconds, "timers");
}

void timers_destroy(struct timers *timers)
{
    free(timers->seconds);
    timers->seconds = NULL;
}

static double read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double timers_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double timers_cpu(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

double timers_add(struct timers *timers, int thread, enum phase phase, double start)
{
    const double now = timers_now();
    timers->seconds[thread][phase] += now - start;
    return now;
}

struct stretch timers_begin(void)
{
    return (struct stretch){.began = timers_now(), .began_cpu = timers_cpu()};
}

void timers_worked(struct stretch *stretch)
{
    stretch->computing = timers_cpu() - stretch->began_cpu;
}

void timers_end(struct timers *timers, int thread, const struct stretch *stretch)
{
    timers->seconds[thread][PHASE_COMPUTING] += stretch->computing;
    timers->seconds[thread][PHASE_WAITING] += timers_now() - stretch->began - stretch->computing;
}
