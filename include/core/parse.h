/** From text to values, as the command line and INI files give them. Not collective; none prints or keeps state. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** Each takes the whole text; blanks around it are allowed, anything else behind the value is not.
 *  @return NULL, or what the text is not: "a whole number", to be put behind "is not ". */

/** Decimal digits with a sign, or a whole number written like 1e6 or 1.5e3; not with zeros behind a point (50.000). */
const char *parse_count(const char *text, int64_t *value);

/** A finite real number, as strtod reads it. */
const char *parse_real(const char *text, double *value);

/** A time: a number of seconds (Slurm's lone number would be minutes), or one of Slurm's other forms: M:SS, H:MM:SS, D-H,
 *  D-H:MM, D-H:MM:SS, UNLIMITED, INFINITE. @param[out] seconds  > 0, infinite for the last two; 0 or less after a failure */
const char *parse_time(const char *text, double *seconds);

/** A time, or a number of periods like 100p: the other of the two is set to 0. */
const char *parse_interval(const char *text, double *seconds, int64_t *periods);

/** true, yes, on, 1 or false, no, off, 0. */
const char *parse_flag(const char *text, bool *value);

/** Real numbers with commas between them, at least one. @param[out] n values found, at most capacity; where there are
 *  more of them, n is capacity. */
const char *parse_list(const char *text, double *value, int capacity, int *n);

/** The name among names [n] that text most likely means: the nearest by edit distance, or NULL when none is near. */
const char *parse_nearest(const char *text, const char *const *names, int n);
