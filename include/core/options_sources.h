/** Where the options' texts come from: the command line (argp) and an INI file. Used by options.c on rank 0
 *  only; not collective. Faults are added with error_add; the other texts are read all the same. */
#pragma once

#include "core/options.h"
#include <stddef.h>

enum { OPTIONS_MOST = 64, OPTION_WHERE = OPTION_TEXT + 32 };

/** Another default than the row's, for the commands of these bits; a list ends with takes = 0. */
struct option_instead {
    unsigned takes;
    const char *fallback;
};

/** A row of the table of options. */
struct option_row {
    const char *group; /**< heading in the help, on a group's first row */
    const char *name;  /**< long option, INI key and attribute */
    char letter;       /**< short option, or 0 */
    const char *argument;
    enum option_type type;
    size_t offset;   /**< of the member in struct options */
    size_t offset_n; /**< of the count that goes with OPTION_NUMBERS */
    const char *fallback;
    const struct option_instead *instead; /**< NULL, or where some commands have other defaults */
    double low, high;                     /**< range of counts and reals, ends included */
    const char *range;                    /**< the range in words */
    const char *(*choice)(int i);
    int n_choices;
    unsigned takes;
    enum option_resume resume;
    const char *help;
};

/** The table: @return the number of its rows. */
int options_rows(const struct option_row **rows);

/** A row's default for a command. */
const char *option_fallback(const struct option_row *row, unsigned takes);

/** A value as it was given; text is NULL when it was not. */
struct option_text {
    char *text;
    char where[OPTION_WHERE]; /**< what stands before the option's name in a message: "--" or "FILE:LINE: " */
};

/** Keep a copy of a value; a fault is added where there is no memory for it. */
void option_text_set(struct option_text *text, const char *value);

/** The texts of all rows, by row. */
struct option_texts {
    struct option_text of[OPTIONS_MOST];
};
void option_texts_free(struct option_texts *texts);

/** Read the command line. Prints --help and --version and then sets options->is_answered; sets options->command. */
void command_line_read(struct option_texts *texts, struct options *options,
    const struct command *const *commands, int n, int argc, char **argv);

/** Read an INI file into the texts that are still missing. Section names group for the reader and mean nothing. Keys of
 *  other commands than the one of these bits are read too: one file may serve several. */
void config_file_read(struct option_texts *texts, unsigned takes, const char *path);
