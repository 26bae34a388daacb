/* INI files: a line is empty, a comment (its first letter ; or #), [section], or key = value (or key : value), each
 * indented or not. A ; behind a blank begins a comment, too. A value stands on one line. */
#include "core/option_sources.h"
#include "core/text_file.h"
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct known_options *known;
    const char *path;
    struct text_file file;
    const char *last_key; /* that is known, to which a continued line would belong; or NULL */
    bool seen[OPTIONS_MOST];
};

static const char blanks[] = " \t\v\f\r";

/* "FILE:LINE: " before a message. */
static void place(const struct reading *reading, char where[OPTION_WHERE])
{
    snprintf(where, OPTION_WHERE, "%s:%" PRId64 ": ", reading->path, reading->file.number);
}

static void fault(const struct reading *reading, const char *key, const char *what)
{
    char where[OPTION_WHERE];
    place(reading, where);
    error_add(WS_USAGE, "%s%s%s%s", where, key ? key : "", key ? ": " : "", what);
}

static void unknown_key(const struct reading *reading, const char *key)
{
    char where[OPTION_WHERE];
    const char *nearest = known_options_nearest(reading->known, key);
    place(reading, where);
    error_add(WS_USAGE, "%sunknown key '%s'%s%s%s", where, key, nearest ? "; did you mean '" : "",
        nearest ? nearest : "", nearest ? "'?" : "");
}

static void take_pair(struct reading *reading, const char *key, const char *value)
{
    struct known_option *option = known_option(reading->known, key);
    reading->last_key = option ? option->row->name : NULL;
    if (!option) {
        unknown_key(reading, key);
        return;
    }
    bool *seen = &reading->seen[option - reading->known->of];
    if (strcmp(key, "config") == 0) {
        fault(reading, key, "a configuration file cannot name another");
    } else if (*seen) {
        fault(reading, key, "given twice in this file");
    } else if (!option->given.text) {
        option_text_set(&option->given, value);
        place(reading, option->given.where);
    }
    *seen = true;
}

/* Cut a text off where a comment begins and before the blanks at its end; @return where it begins behind blanks. */
static char *strip(char *text)
{
    for (char *at = text; (at = strchr(at, ';')); at++)
        if (at == text || strchr(blanks, at[-1])) {
            *at = '\0';
            break;
        }
    text += strspn(text, blanks);
    for (size_t length = strlen(text); length > 0 && strchr(blanks, text[length - 1]); length--)
        text[length - 1] = '\0';
    return text;
}

static void take_line(struct reading *reading)
{
    const bool is_indented = reading->file.line[0] != '\0' && strchr(blanks, reading->file.line[0]);
    char *text = reading->file.line + strspn(reading->file.line, blanks);
    if (*text == '#' || *(text = strip(text)) == '\0')
        return;
    char *behind_key = text[0] == '[' ? NULL : strpbrk(text, "=:");
    if (text[0] == '[' && strchr(text, ']')) {
        reading->last_key = NULL;
    } else if (behind_key && behind_key > text) {
        *behind_key = '\0';
        take_pair(reading, strip(text), strip(behind_key + 1));
    } else if (is_indented && reading->last_key) {
        fault(reading, reading->last_key, "a value stands on one line, and this line would continue it");
    } else {
        fault(reading, NULL, "neither 'key = value' nor '[section]' nor a comment");
    }
}

void config_file_read(struct known_options *known, const char *path)
{
    struct reading reading = {.known = known, .path = path};
    const char *why = text_file_open(&reading.file, path);
    enum text_line got = TEXT_END;
    while (!why && (got = text_file_next(&reading.file)) == TEXT_LINE)
        take_line(&reading);
    if (got == TEXT_FAILED)
        why = strerror(errno);
    if (why)
        error_add(WS_USAGE, "--config: cannot read '%s': %s", path, why);
    else if (got == TEXT_BINARY)
        fault(&reading, NULL, "not a text file, or not in ASCII or UTF-8");
    text_file_close(&reading.file);
}
