#include "core/option_sources.h"
#include "core/parse.h"
#include "core/version.h"
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_ANSWER = 1, KEY_FIRST = 256, HELP_BYTES = 512 };

/* What argp's parser fills. */
struct reading {
    struct known_options *known;
    bool wants_help, wants_version;
};

/* argp's key of an answer: its letter, or a number that is none. */
static int key_of_answer(int i)
{
    return option_answers[i].letter ? option_answers[i].letter : KEY_ANSWER + i;
}

static void take_answer(struct reading *reading, const struct option_answer *answer)
{
    if (answer->use)
        error_add(WS_USAGE, "--%s: stands alone, as in: %s", answer->name, answer->use);
    else if (strcmp(answer->name, "help") == 0)
        reading->wants_help = true;
    else
        reading->wants_version = true;
}

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct reading *reading = state->input;
    struct known_options *known = reading->known;
    for (int i = 0; i < OPTION_ANSWERS; i++)
        if (key == key_of_answer(i)) {
            take_answer(reading, &option_answers[i]);
            return 0;
        }
    for (int i = 0; i < known->n_own; i++)
        if (key == KEY_FIRST + i || (known->of[i].row->letter && key == known->of[i].row->letter)) {
            struct option_text *text = &known->of[i].given;
            option_text_set(text, argument ? argument : "true");
            strcpy(text->where, "--");
            return 0;
        }
    return ARGP_ERR_UNKNOWN;
}

/* A command's own options as argp wants them. */
struct argp_table {
    struct argp_option options[2 * OPTIONS_MOST + OPTION_ANSWERS + 1];
    char help[OPTIONS_MOST][HELP_BYTES];
};

static void fill_argp_table(struct argp_table *table, const struct known_options *known)
{
    struct argp_option *option = table->options;
    const char *heading = NULL;
    int group = 0;
    for (int i = 0; i < known->n_own; i++) {
        const struct known_option *own = &known->of[i];
        if (!heading || strcmp(heading, own->group) != 0) {
            heading = own->group;
            group++;
            *option++ = (struct argp_option){.doc = heading, .group = group};
        }
        *option++ = (struct argp_option){.name = own->row->name,
            .key = own->row->letter ? own->row->letter : KEY_FIRST + i,
            .arg = own->row->argument,
            .doc = known_option_help(own, table->help[i], HELP_BYTES),
            .group = group};
    }
    for (int i = 0; i < OPTION_ANSWERS; i++)
        *option++ = (struct argp_option){.name = option_answers[i].name,
            .key = key_of_answer(i),
            .arg = option_answers[i].argument,
            .flags = option_answers[i].is_optional ? OPTION_ARG_OPTIONAL : 0,
            .doc = option_answers[i].help,
            .group = -1};
}

/* The row that an option's word names exactly, or NULL. */
static const struct option_row *row_of(const char *word, const struct known_options *known)
{
    const size_t length = strcspn(word, "=");
    for (int i = 0; i < known->n_own; i++) {
        const struct option_row *row = known->of[i].row;
        if (word[1] == '-' ? strlen(row->name) == length - 2 && strncmp(row->name, word + 2, length - 2) == 0
                           : row->letter && row->letter == word[1])
            return row;
    }
    return NULL;
}

/* The name that a misspelt option most likely means: one of the command's, or of those that every command has. */
static const char *nearest_to(const char *word, const struct known_options *known)
{
    const char *names[OPTIONS_MOST + OPTION_ANSWERS];
    char plain[64];
    int n = 0;
    for (int i = 0; i < OPTION_ANSWERS; i++)
        names[n++] = option_answers[i].name;
    for (int i = 0; i < known->n_own; i++)
        names[n++] = known->of[i].row->name;
    const size_t dashes = strspn(word, "-");
    snprintf(plain, sizeof plain, "%.*s", (int)strcspn(word + dashes, "="), word + dashes);
    return parse_nearest(plain, names, n);
}

/* The answer that an option's word asks for, or NULL. */
static const struct option_answer *answer_of(const char *word)
{
    const size_t length = strcspn(word, "=");
    for (int i = 0; i < OPTION_ANSWERS; i++)
        if (strlen(option_answers[i].name) + 2 == length &&
            strncmp(option_answers[i].name, word + 2, length - 2) == 0)
            return &option_answers[i];
    return NULL;
}

/* Say what is wrong with a word that argp would not take. */
static void complain(const char *word, const struct known_options *known)
{
    const struct option_row *row = row_of(word, known);
    const struct option_answer *answer = answer_of(word);
    if (row) {
        error_add(WS_USAGE, "--%s: %s", row->name, row->argument ? "needs a value" : "takes no value");
        return;
    }
    if (answer) {
        error_add(WS_USAGE, "--%s: %s%s", answer->name,
            answer->use ? "stands alone, as in: " : "takes no value", answer->use ? answer->use : "");
        return;
    }
    const char *nearest = nearest_to(word, known);
    error_add(WS_USAGE, "%.*s: unknown option%s%s%s", (int)strcspn(word, "="), word,
        nearest ? "; did you mean --" : "", nearest ? nearest : "", nearest ? "?" : "");
}

/* argp stops at the first word that it does not know, and we want all of them: give it an option at a time, first
 * alone, then with the word behind it as its value. */
static void read_words(const struct argp *argp, struct reading *reading, int n, char **given)
{
    const unsigned flags = ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_NO_EXIT | ARGP_NO_ARGS;
    bool after_unknown = false;
    for (int i = 0; i < n; i++) {
        char *words[] = {"wealthsim", given[i], i + 1 < n ? given[i + 1] : NULL, NULL};
        if (given[i][0] != '-' || given[i][1] == '\0') {
            if (!after_unknown) /* else it was that option's value */
                error_add(WS_USAGE,
                    "'%s' is neither a command nor an option: the command stands first, then options",
                    given[i]);
            after_unknown = false;
            continue;
        }
        after_unknown = false;
        if (argp_parse(argp, 2, words, flags, NULL, reading) == 0)
            continue;
        const struct option_row *row = row_of(given[i], reading->known);
        const bool is_cluster = given[i][1] != '-' && given[i][2] != '\0'; /* -qo FILE */
        if (words[2] && (is_cluster || !(row && !row->argument)) &&
            argp_parse(argp, 3, words, flags, NULL, reading) == 0) {
            i++;
        } else {
            complain(given[i], reading->known);
            after_unknown = !row;
        }
    }
}

int command_line_command(
    const struct option_command *const *commands, int n, int argc, char **argv, int *words)
{
    *words = argc < 2 || argv[1][0] == '-' ? 0 : 1;
    if (*words == 0)
        return 0;
    const char *names[OPTIONS_MOST];
    for (int i = 0; i < n; i++) {
        names[i] = commands[i]->name;
        if (strcmp(argv[1], names[i]) == 0)
            return i;
    }
    const char *nearest = parse_nearest(argv[1], names, n);
    error_add(WS_USAGE, "'%s': unknown command%s%s%s", argv[1], nearest ? "; did you mean '" : "",
        nearest ? nearest : "", nearest ? "'?" : "; wealthsim --help lists them");
    return 0;
}

static void print_version(void)
{
    printf("wealthsim %s (%s; %s; HDF5 %s; GMP %s; SPRNG %s)\n", version_wealthsim(), version_compiler(),
        version_mpi(), version_hdf5(), version_gmp(), version_sprng());
}

static void print_help(
    const struct argp *argp, const struct option_command *const *commands, int n, int command)
{
    char name[64];
    snprintf(name, sizeof name, "wealthsim%s%s", command > 0 ? " " : "",
        command > 0 ? commands[command]->name : "");
    argp_help(argp, stdout, ARGP_HELP_USAGE, name);
    printf("%s.\n", commands[command]->summary);
    if (command == 0) {
        printf("\nCommands (wealthsim COMMAND --help lists the options of each):\n");
        for (int i = 0; i < n; i++)
            printf("  %-10s %s%s\n", commands[i]->name, commands[i]->summary, i == 0 ? " (the default)" : "");
        printf("\nOptions of %s:", commands[0]->name);
    }
    printf("\n");
    argp_help(argp, stdout, ARGP_HELP_LONG, name);
}

bool command_line_read(struct known_options *known, const struct option_command *const *commands,
    int n_commands, int command, int n, char **words)
{
    struct argp_table *table = calloc(1, sizeof *table);
    if (!table) {
        error_memory(sizeof *table, "the table of options");
        return false;
    }
    fill_argp_table(table, known);
    const struct argp argp = {
        .options = table->options, .parser = take_option, .args_doc = command == 0 ? "[COMMAND]" : NULL};
    struct reading reading = {.known = known};
    read_words(&argp, &reading, n, words);
    const bool is_answered = error_message()[0] == '\0' && (reading.wants_help || reading.wants_version);
    if (is_answered && reading.wants_help)
        print_help(&argp, commands, n_commands, command);
    else if (is_answered)
        print_version();
    free(table);
    return is_answered;
}
