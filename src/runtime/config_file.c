#include "runtime/options_sources.h"
#include "runtime/parse.h"
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct option_texts *texts;
    unsigned takes; /* of the command: the names that a misspelt key may mean */
    const char *path;
    FILE *file;
    int line; /* of the file, counted as inih reads */
    unsigned char seen[OPTIONS_MOST];
};

static char *next_line(char *line, int bytes, void *context)
{
    struct reading *reading = context;
    char *got = fgets(line, bytes, reading->file);
    reading->line += got != NULL;
    return got;
}

static void unknown_key(const struct reading *reading, const char *key, const struct option_row *rows, int n)
{
    const char *names[OPTIONS_MOST];
    int n_names = 0;
    for (int i = 0; i < n; i++)
        if (rows[i].takes & reading->takes)
            names[n_names++] = rows[i].name;
    const char *nearest = parse_nearest(key, names, n_names);
    error_add(WS_USAGE, "%s:%d: unknown key '%s'%s%s%s", reading->path, reading->line, key,
        nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

/* inih's handler: non-zero means that the pair was taken; faults are ours to say. */
static int take_pair(void *context, const char *section, const char *key, const char *value)
{
    struct reading *reading = context;
    const struct option_row *rows = NULL;
    const int n = options_rows(&rows);
    (void)section;
    int i = 0;
    while (i < n && strcmp(rows[i].name, key) != 0)
        i++;
    if (i == n) {
        unknown_key(reading, key, rows, n);
    } else if (strcmp(key, "config") == 0) {
        error_add(WS_USAGE, "%s:%d: config: a configuration file cannot name another", reading->path,
            reading->line);
    } else if (reading->seen[i]++) {
        error_add(WS_USAGE, "%s:%d: %s: given twice in this file", reading->path, reading->line, key);
    } else if (!reading->texts->of[i].text) {
        struct option_text *text = &reading->texts->of[i];
        option_text_set(text, value);
        snprintf(text->where, sizeof text->where, "%s:%d: ", reading->path, reading->line);
    }
    return 1;
}

void config_file_read(struct option_texts *texts, unsigned takes, const char *path)
{
    struct reading reading = {.texts = texts, .takes = takes, .path = path, .file = fopen(path, "r")};
    if (!reading.file) {
        error_add(WS_USAGE, "--config: cannot read '%s': %s", path, strerror(errno));
        return;
    }
    const int bad_line = ini_parse_stream(next_line, &reading, take_pair, &reading);
    if (bad_line != 0)
        error_add(WS_USAGE, "%s:%d: neither 'key = value' nor '[section]' nor a comment", path, bad_line);
    fclose(reading.file);
}
