/* Each rank reads through the file by itself and keeps its own values: no rank holds them all. */
#include "core/text_file.h"
#include "files/initial_points.h"
#include "files/initial_source.h"
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\v\f";

/* What a line turns out to be. */
enum kind { VALUE, NOTHING, SEVERAL, NO_NUMBER };

struct reading {
    struct text_file file;
    bool has_begun; /* a value or a header was there */
    const char *path;
    char *header; /* [INITIAL_HEADER] */
    int64_t *header_line;
};

/* A number as C writes it, or with Fortran's exponent (1.5D+03); @return what is behind it, text where there is none. */
static char *read_number(char *text, double *value)
{
    char *end = NULL;
    *value = strtod(text, &end);
    if (end > text && (*end == 'D' || *end == 'd') && end[1 + strspn(end + 1, "+-")] >= '0' &&
        end[1 + strspn(end + 1, "+-")] <= '9') {
        *end = 'e';
        *value = strtod(text, &end);
    }
    return end;
}

static enum kind read_line(char *line, double *value)
{
    char *from = line + strspn(line, blanks);
    const bool is_quoted = *from == '"';
    if (*from == '\0' || *from == '#')
        return NOTHING;
    from += is_quoted;
    char *end = read_number(from, value);
    if (end == from || (is_quoted && *end != '"'))
        return NO_NUMBER;
    end += is_quoted;
    const bool is_parted = *end && strchr(",; \t", *end);
    end += strspn(end, blanks);
    return *end == '\0' ? VALUE : is_parted ? SEVERAL : NO_NUMBER;
}

/* A name or names, as columns have: no line that a number may have been meant by. */
static bool is_header(const char *line)
{
    line += strspn(line, " \t");
    for (const char *at = line; *at; at++)
        if (iscntrl((unsigned char)*at) && *at != '\t')
            return false;
    const unsigned char first = (unsigned char)(*line == '"' ? line[1] : *line);
    return isalpha(first) || first == '_' ||
           first >= 0xc2; /* 0xc2: UTF-8's letters beyond ASCII begin there */
}

/* The next value: TEXT_LINE where there is one, or why not; *kind says what is on a line that does not do. */
static enum text_line next_value(struct reading *reading, double *value, enum kind *kind)
{
    enum text_line got;
    while ((got = text_file_next(&reading->file)) == TEXT_LINE) {
        char *line = reading->file.line;
        *kind = read_line(line, value);
        if (*kind == NOTHING)
            continue;
        const bool is_first = !reading->has_begun;
        reading->has_begun = true;
        if (*kind != NO_NUMBER || !is_first || !is_header(line))
            return TEXT_LINE;
        snprintf(reading->header, INITIAL_HEADER, "%s", line);
        *reading->header_line = reading->file.number;
    }
    return got;
}

/* Complain of a line. */
static enum status refuse_line(const struct reading *reading, enum kind kind)
{
    const char *line = reading->file.line;
    const char separator = strchr(line, ',')    ? ','
                           : strchr(line, ';')  ? ';'
                           : strchr(line, '\t') ? '\t'
                                                : ' ';
    char option[8] = "";
    if (separator != '\t')
        snprintf(option, sizeof option, " -d'%c'", separator);
    if (kind == SEVERAL)
        return error_add(WS_USAGE,
            "--initial: %s:%" PRId64
            ": not a number alone but several columns: keep one, as cut%s -f1 '%s' does "
            "(decimals are written with a point)",
            reading->path, reading->file.number, option, reading->path);
    return error_add(
        WS_USAGE, "--initial: %s:%" PRId64 ": not a number", reading->path, reading->file.number);
}

static enum status refuse_value(
    const struct reading *reading, struct initial_range range, int64_t position, double value)
{
    char why[INITIAL_WHY];
    return error_add(WS_USAGE, "--initial: value %" PRId64 " of '%s' is %s", position, reading->path,
        initial_refuse(range, value, why));
}

enum status initial_text_count(struct initial_source *source, struct initial_range range)
{
    struct reading reading = {
        .path = source->path, .header = source->header, .header_line = &source->header_line};
    const char *why = text_file_open(&reading.file, source->path);
    enum text_line got = TEXT_END;
    enum kind kind = VALUE;
    enum status status = WS_OK;
    double value = 0;
    source->count = 0;
    while (!why && status == WS_OK && (got = next_value(&reading, &value, &kind)) == TEXT_LINE) {
        if (kind != VALUE)
            status = refuse_line(&reading, kind);
        else if (!initial_is_wealth(range, value))
            status = refuse_value(&reading, range, source->count, value);
        source->count++;
    }
    if (got == TEXT_FAILED)
        why = strerror(errno);
    if (why)
        status = error_add(WS_USAGE, "--initial: cannot read '%s': %s", source->path, why);
    else if (got == TEXT_BINARY)
        status = refuse_line(&reading, NO_NUMBER);
    text_file_close(&reading.file);
    return status;
}

/* Values and households both go up: each value is given to those that start at it. */
enum status initial_text_read(const struct initial_source *source, struct initial_range range,
    struct initial_households households, double *wealth)
{
    char header[INITIAL_HEADER];
    int64_t header_line = 0, seen = 0, i = 0;
    struct reading reading = {.path = source->path, .header = header, .header_line = &header_line};
    struct initial_points point = initial_points_at(households.first, households.n_global, source->count);
    const char *why = households.n > 0 ? text_file_open(&reading.file, source->path) : NULL;
    enum kind kind = VALUE;
    double value = 0;
    while (!why && i < households.n && next_value(&reading, &value, &kind) == TEXT_LINE && kind == VALUE &&
           initial_is_wealth(range, value)) {
        for (; i < households.n && point.value == seen; i++) {
            wealth[i] = value;
            initial_points_next(&point);
        }
        seen++;
    }
    text_file_close(&reading.file);
    if (why)
        return error_set(WS_FAILED, "--initial: cannot read '%s': %s", source->path, why);
    return i == households.n
               ? WS_OK
               : error_set(WS_FAILED, "--initial: '%s' has changed while it was read", source->path);
}
