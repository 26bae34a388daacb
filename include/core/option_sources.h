/** Where the options' texts come from: the command line (argp) and an INI file. Used by options.c on rank 0 only; not
 *  collective. Faults are added with error_add; the other texts are read all the same. */
#pragma once

#include "core/options.h"

enum { OPTION_WHERE = OPTION_TEXT + 32 };

/** A value as it was given; text is NULL when it was not. */
struct option_text {
    char *text;
    char where[OPTION_WHERE]; /**< what stands before the option's name in a message: "--" or "FILE:LINE: " */
};

/** Keep a copy of a value; a fault is added where there is no memory for it. */
void option_text_set(struct option_text *text, const char *value);

/** An option that some command has. */
struct known_option {
    const struct option_row *row;
    const char *group;    /**< heading in the help */
    const char *fallback; /**< the command's default */
    size_t offset;        /**< of the member in the command's struct */
    struct option_text given;
};

/** The options of the command that was asked for, in the order of its help; behind them those of the others: one INI file
 *  may serve several commands. */
struct known_options {
    int n, n_own;
    struct known_option of[OPTIONS_MOST];
};

/** @param[in] commands  [n] @param[in] command  that was asked for. @return NULL without memory */
struct known_options *known_options_create(const struct option_command *const *commands, int n, int command);
void known_options_free(struct known_options *known);

/** The option of this name, the command's own first, or NULL. */
struct known_option *known_option(struct known_options *known, const char *name);

/** The name of one of the command's own options that a text most likely means, or NULL. */
const char *known_options_nearest(const struct known_options *known, const char *text);

/** The help of an option, with its range and the command's default, as one sentence. @return text, of bytes bytes */
const char *known_option_help(const struct known_option *option, char *text, size_t bytes);

/** What a command line may ask for instead of a run. It is no key of an INI file. */
struct option_answer {
    const char *name;
    char letter;            /**< short option, or 0 */
    const char *argument;   /**< its value in the help, or NULL for none */
    bool is_optional;       /**< whether the value may be left out */
    const char *choices[3]; /**< its values, up to NULL */
    const char *help,
        *use; /**< use: NULL, or how it stands alone on a command line, answered before MPI's start */
};
enum { OPTION_ANSWERS = 5 };
extern const struct option_answer option_answers[OPTION_ANSWERS];

/** The command that the command line names, or 0. @param[out] words  that it takes of argv behind the program's name */
int command_line_command(
    const struct option_command *const *commands, int n, int argc, char **argv, int *words);

/** Read the options [n] behind the command. Prints --help and --version.
 *  @return whether that was asked for and printed */
bool command_line_read(struct known_options *known, const struct option_command *const *commands,
    int n_commands, int command, int n, char **words);

/** Read an INI file into the texts that are still missing. Section names group for the reader and mean nothing. */
void config_file_read(struct known_options *known, const char *path);
