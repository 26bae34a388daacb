/** Progress on rank 0's standard error: a bar on a terminal, else a line at least every 10 % or 30 s.
 *
 *  The bar stays within the window's columns as they are now (without a window: COLUMNS, else 80), is redrawn with
 *  carriage returns alone, and has no colours. TERM=dumb, or none, counts as no terminal. */
#pragma once

#include <stdbool.h>

struct progress {
    bool is_silent, is_terminal;
    double begun, total; /**< units of work, done before and in all, total > 0 */
    double start, said;
    int tenths_said;
    int width; /**< columns of the bar's last line, to wipe it */
    const char *unit;
};

/** Begin. is_silent on all ranks but 0, and for --quiet. done: before this run, by the one that it
 *  goes on from. unit: what work is counted in, as in "household-periods". */
void progress_start(struct progress *progress, bool is_silent, double done, double total, const char *unit);

/** Say how much is done, if it is time to. 0 <= done <= total. */
void progress_update(struct progress *progress, double done);

/** Wipe the bar, so that what follows has a clean line. */
void progress_end(struct progress *progress);
