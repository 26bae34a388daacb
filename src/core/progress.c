#include "core/progress.h"
#include "core/launcher.h"
#include "core/timers.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MOST_CELLS = 30, LEAST_CELLS = 8, USUAL_COLUMNS = 80, LINE_BYTES = 128 };
static const double seconds_between_lines = 30, seconds_between_bars = 0.1;

/* Under mpirun a rank's standard error is a pipe even where mpirun's own is a terminal: look at the parent's. */
static const char *parents_stderr(char *path, size_t bytes)
{
    snprintf(path, bytes, "/proc/%d/fd/2", (int)getppid());
    return path;
}

static bool stderr_ends_on_terminal(void)
{
    char path[64], target[64] = "";
    const char *kind = getenv("TERM");
    if (!kind || kind[0] == '\0' || strcmp(kind, "dumb") == 0)
        return false; /* it cannot go back to the start of a line */
    if (isatty(STDERR_FILENO))
        return true;
    if (launcher()->holds_back_lines)
        return false; /* a bar would be seen when the run is over */
    const ssize_t length = readlink(parents_stderr(path, sizeof path), target, sizeof target - 1);
    return length > 0 && getenv("OMPI_COMM_WORLD_RANK") &&
           (strncmp(target, "/dev/pts/", 9) == 0 || strncmp(target, "/dev/tty", 8) == 0);
}

/* The terminal's columns now: a window may change while the program runs. COLUMNS counts where a terminal does not know. */
static int window_columns(void)
{
    char path[64];
    struct winsize window = {0};
    const bool is_own = isatty(STDERR_FILENO);
    const int terminal =
        is_own ? STDERR_FILENO
               : open(parents_stderr(path, sizeof path), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (terminal >= 0 && ioctl(terminal, TIOCGWINSZ, &window) != 0)
        window.ws_col = 0;
    if (terminal >= 0 && !is_own)
        close(terminal);
    const char *said = getenv("COLUMNS");
    const int columns = window.ws_col > 0 ? window.ws_col : said ? atoi(said) : 0;
    return columns > 0 ? columns : USUAL_COLUMNS;
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

/* A line with as much as the columns have room for, the last of them left empty: in it some terminals wrap. First the
 * rate is left out, then the time that is left, then the bar. */
static int draw(char *line, int columns, double share, const char *rate, const char *left)
{
    static const char cells[] = "##############################";
    _Static_assert(sizeof cells == MOST_CELLS + 1, "a full bar");
    char percent[16], texts[3][LINE_BYTES];
    snprintf(percent, sizeof percent, "%3.0f %%", 100 * share);
    snprintf(texts[0], LINE_BYTES, "%s  %s  %s left", percent, rate, left);
    snprintf(texts[1], LINE_BYTES, "%s  %s left", percent, left);
    snprintf(texts[2], LINE_BYTES, "%s", percent);
    for (int i = 0; i < 3; i++) {
        const int room = columns - 1 - (int)strlen(texts[i]) - (int)strlen("[] ");
        const int n_cells = room < MOST_CELLS ? room : MOST_CELLS;
        if (n_cells >= LEAST_CELLS)
            return snprintf(
                line, LINE_BYTES, "[%-*.*s] %s", n_cells, (int)(n_cells * share), cells, texts[i]);
    }
    return snprintf(line, LINE_BYTES, "%.*s", columns - 1, percent);
}

static void update_bar(struct progress *progress, double share, const char *rate, const char *left)
{
    char line[LINE_BYTES];
    const int columns = window_columns(), width = draw(line, columns, share, rate, left);
    const int before = progress->width < columns ? progress->width : columns - 1; /* of a wider window, too */
    fprintf(stderr, "\r%-*s", before, line);
    progress->width = width;
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

    char left[32], rate[64];
    const double per_second = (done - progress->begun) / elapsed;
    duration((progress->total - done) / per_second, left, sizeof left);
    snprintf(rate, sizeof rate, "%.3g %s/s", per_second, progress->unit);
    if (progress->is_terminal)
        update_bar(progress, share, rate, left);
    else
        fprintf(stderr, "wealthsim: %3.0f %% done, %s, %s left\n", 100 * share, rate, left);
    fflush(stderr);
    progress->said = now;
    progress->tenths_said = tenths;
}

void progress_end(struct progress *progress)
{
    if (progress->is_terminal && progress->width > 0) {
        const int columns = window_columns();
        fprintf(stderr, "\r%*s\r", progress->width < columns ? progress->width : columns - 1, "");
    }
    progress->width = 0;
}
