/* Measurements on one core: processor time, so that other processes disturb little, and the medians of repetitions. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static inline int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A line: median, quartiles and minimum of n samples, which are sorted. */
static inline void print_samples(const char *of, const char *what, double *samples, int n)
{
    qsort(samples, (size_t)n, sizeof *samples, ascending);
    printf("%-9s %-28s %8.3f [%.3f %.3f] %.3f\n", of, what, samples[n / 2], samples[n / 4],
        samples[3 * n / 4], samples[0]);
}
