#include "runtime/progress.h"
#include "runtime/timers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR_CELLS = 30 };
static const double seconds_between_lines = 30, seconds_between_bars = 0.1;

/* Under mpirun a rank's standard error is a pipe even where mpirun's own is a terminal: look at the parent's. */
static bool stderr_ends_on_terminal(void)
{
    char path[64], target[64] = "";
    if (isatty(STDERR_FILENO))
        return true;
    snprintf(path, sizeof path, "/proc/%d/fd/2", (int)getppid());
    const ssize_t length = readlink(path, target, sizeof target - 1);
    return length > 0 && getenv("OMPI_COMM_WORLD_RANK") &&
           (strncmp(target, "/dev/pts/", 9) == 0 || strncmp(target, "/dev/tty", 8) == 0);
}

void progress_start(struct progress *progress, bool is_silent, double done, double total, const char *unit)
{
    const double now = timers_now();
    *progress = (struct progress){
        .is_silent = is_silent, .begun = done, .total = total, .start = now, .said = now, .unit = unit};
    progress->is_terminal = !is_silent && stderr_ends_on_terminal();
}

/* Seconds as a person reads them: "8 s", "3:05", "2:10:00". */
static const char *duration(double seconds, char *text, size_t bytes)
{
    const long s = (long)(seconds + 0.5);
    if (s < 60)
        snprintf(text, bytes, "%ld s", s);
    else if (s < 3600)
        snprintf(text, bytes, "%ld:%02ld", s / 60, s % 60);
    else
        snprintf(text, bytes, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    return text;
}

void progress_update(struct progress *progress, double done)
{
    const double now = timers_now(), share = done / progress->total, elapsed = now - progress->start;
    const double since = now - progress->said;
    const int tenths = (int)(10 * share);
    if (progress->is_silent || elapsed <= 0 || done <= progress->begun)
        return;
    if (progress->is_terminal ? since < seconds_between_bars
                              : tenths <= progress->tenths_said && since < seconds_between_lines)
        return;

    char left[32];
    const double rate = (done - progress->begun) / elapsed;
    duration((progress->total - done) / rate, left, sizeof left);
    if (progress->is_terminal) {
        static const char cells[] = "##############################";
        progress->width = fprintf(stderr, "\r[%-*.*s] %3.0f %%  %.3g %s/s  %s left   ", BAR_CELLS,
            (int)(BAR_CELLS * share), cells, 100 * share, rate, progress->unit, left);
    } else {
        fprintf(stderr, "wealthsim: %3.0f %% done, %.3g %s/s, %s left\n", 100 * share, rate, progress->unit,
            left);
    }
    fflush(stderr);
    progress->said = now;
    progress->tenths_said = tenths;
}

void progress_end(struct progress *progress)
{
    if (progress->is_terminal && progress->width > 0)
        fprintf(stderr, "\r%*s\r", progress->width, "");
    progress->width = 0;
}
