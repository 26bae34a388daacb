#include "core/timers.h"
#include <sched.h>
#include <stdlib.h>
#include <time.h>

const char *phase_name(enum phase phase)
{
    static const char *const names[PHASES] = {"computing", "waiting", "communicating", "writing"};
    return names[phase];
}

enum status timers_create(struct timers *timers, int threads)
{
    const size_t n = (size_t)threads;
    *timers = (struct timers){.threads = threads,
        .seconds = calloc(n, sizeof *timers->seconds),
        .core = malloc(n * sizeof *timers->core)};
    if (!timers->seconds || !timers->core)
        return error_memory(n * (sizeof *timers->seconds + sizeof *timers->core), "timers");
    for (int thread = 0; thread < threads; thread++)
        timers->core[thread] = -1;
    return WS_OK;
}

void timers_destroy(struct timers *timers)
{
    free(timers->seconds);
    free(timers->core);
    *timers = (struct timers){.threads = 0};
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
    stretch->core = sched_getcpu();
}

void timers_end(struct timers *timers, int thread, const struct stretch *stretch)
{
    timers->seconds[thread][PHASE_COMPUTING] += stretch->computing;
    timers->seconds[thread][PHASE_WAITING] += timers_now() - stretch->began - stretch->computing;
    timers->core[thread] = stretch->core;
}
