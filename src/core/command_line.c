#include "core/options_sources.h"
#include "core/parse.h"
#include "core/version.h"
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_HELP = 'h', KEY_VERSION = 'V', KEY_LAUNCHER = 1, KEY_FIRST_ROW = 256, HELP_BYTES = 512 };

/* What argp's parser fills. */
struct reading {
    struct option_texts *texts;
    bool wants_help, wants_version;
};

void option_text_set(struct option_text *text, const char *value)
{
    text->text = strdup(value);
    if (!text->text)
        error_memory(strlen(value) + 1, "an option");
}

void option_texts_free(struct option_texts *texts)
{
    for (int i = 0; i < OPTIONS_MOST; i++)
        free(texts->of[i].text);
    free(texts);
}

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct reading *reading = state->input;
    const struct option_row *rows = NULL;
    const int n = options_rows(&rows);
    if (key == KEY_HELP || key == KEY_VERSION) {
        reading->wants_help = reading->wants_help || key == KEY_HELP;
        reading->wants_version = reading->wants_version || key == KEY_VERSION;
        return 0;
    }
    if (key == KEY_LAUNCHER) {
        error_add(WS_USAGE, "--launcher: stands alone, as in: eval \"$(wealthsim --launcher)\"");
        return 0;
    }
    for (int i = 0; i < n; i++)
        if (key == KEY_FIRST_ROW + i || (rows[i].letter && key == rows[i].letter)) {
            struct option_text *text = &reading->texts->of[i];
            free(text->text); /* given twice: the last one wins, as everywhere */
            option_text_set(text, argument ? argument : "true");
            strcpy(text->where, "--");
            return 0;
        }
    return ARGP_ERR_UNKNOWN;
}

/* The table as argp wants it, for the options that a command takes. */
struct argp_table {
    struct argp_option options[2 * OPTIONS_MOST + 5];
    char help[OPTIONS_MOST][HELP_BYTES];
};

static void describe(const struct option_row *row, unsigned takes, char *help)
{
    const char *fallback = option_fallback(row, takes);
    if (row->type == OPTION_FLAG || fallback[0] == '\0')
        snprintf(help, HELP_BYTES, "%s", row->help);
    else if (row->range)
        snprintf(help, HELP_BYTES, "%s (%s; default %s)", row->help, row->range, fallback);
    else
        snprintf(help, HELP_BYTES, "%s (default %s)", row->help, fallback);
}

static void fill_argp_table(struct argp_table *table, unsigned takes)
{
    const struct option_row *rows = NULL;
    const int n = options_rows(&rows);
    struct argp_option *option = table->options;
    int group = 0;
    for (int i = 0; i < n; i++) {
        if (rows[i].group)
            group++;
        if (!(rows[i].takes & takes))
            continue;
        if (option == table->options || option[-1].group != group) {
            int first = i;
            while (!rows[first].group)
                first--;
            *option++ = (struct argp_option){.doc = rows[first].group, .group = group};
        }
        describe(&rows[i], takes, table->help[i]);
        *option++ = (struct argp_option){.name = rows[i].name,
            .key = rows[i].letter ? rows[i].letter : KEY_FIRST_ROW + i,
            .arg = rows[i].argument,
            .doc = table->help[i],
            .group = group};
    }
    *option++ =
        (struct argp_option){.name = "help", .key = KEY_HELP, .doc = "Print this and leave", .group = -1};
    *option++ = (struct argp_option){
        .name = "version", .key = KEY_VERSION, .doc = "Print versions and leave", .group = -1};
    *option++ = (struct argp_option){.name = "launcher",
        .key = KEY_LAUNCHER,
        .arg = "cluster",
        .flags = OPTION_ARG_OPTIONAL,
        .doc = "Print what to set, in a shell, for this MPI's mpirun where ranks outnumber cores (=cluster: "
               "in jobs "
               "of several nodes) and leave",
        .group = -1};
    *option = (struct argp_option){0};
}

/* The row that an option's word names exactly, or NULL. */
static const struct option_row *row_of(const char *word, unsigned takes)
{
    const struct option_row *rows = NULL;
    const int n = options_rows(&rows);
    const size_t length = strcspn(word, "=");
    for (int i = 0; i < n; i++) {
        if (!(rows[i].takes & takes))
            continue;
        if (word[1] == '-'
                ? strlen(rows[i].name) == length - 2 && strncmp(rows[i].name, word + 2, length - 2) == 0
                : rows[i].letter && rows[i].letter == word[1])
            return &rows[i];
    }
    return NULL;
}

/* Say what is wrong with a word that argp would not take. */
static void complain(const char *word, unsigned takes)
{
    const struct option_row *row = row_of(word, takes), *rows = NULL;
    if (row && row->argument) {
        error_add(WS_USAGE, "--%s: needs a value", row->name);
    } else if (row) {
        error_add(WS_USAGE, "--%s: takes no value", row->name);
    } else {
        const char *names[OPTIONS_MOST + 3] = {"help", "version", "launcher"};
        char plain[64];
        int n = 3;
        const int n_rows = options_rows(&rows);
        for (int i = 0; i < n_rows; i++)
            if (rows[i].takes & takes)
                names[n++] = rows[i].name;
        const size_t dashes = strspn(word, "-");
        snprintf(plain, sizeof plain, "%.*s", (int)strcspn(word + dashes, "="), word + dashes);
        const char *nearest = parse_nearest(plain, names, n);
        error_add(WS_USAGE, "%.*s: unknown option%s%s%s", (int)strcspn(word, "="), word,
            nearest ? "; did you mean --" : "", nearest ? nearest : "", nearest ? "?" : "");
    }
}

/* argp stops at the first word that it does not know, and we want all of them: give it an option at a time, first
 * alone, then with the word behind it as its value. */
static void read_words(
    const struct argp *argp, struct reading *reading, unsigned takes, int argc, char **argv)
{
    const unsigned flags = ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_NO_EXIT | ARGP_NO_ARGS;
    bool after_unknown = false;
    for (int i = 0; i < argc; i++) {
        char *words[] = {"wealthsim", argv[i], i + 1 < argc ? argv[i + 1] : NULL, NULL};
        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            if (!after_unknown) /* else it was that option's value */
                error_add(WS_USAGE, "'%s': what is this? The command stands first, then options", argv[i]);
            after_unknown = false;
            continue;
        }
        after_unknown = false;
        if (argp_parse(argp, 2, words, flags, NULL, reading) == 0)
            continue;
        const struct option_row *row = row_of(argv[i], takes);
        if (words[2] && !(row && !row->argument) && argp_parse(argp, 3, words, flags, NULL, reading) == 0) {
            i++;
        } else {
            complain(argv[i], takes);
            after_unknown = !row;
        }
    }
}

/* The command that stands first, or the default. @return the words that it takes, 0 or 1. */
static int read_command(
    struct options *options, const struct command *const *commands, int n, int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-')
        return 0;
    const char *names[OPTIONS_MOST];
    for (int i = 0; i < n; i++) {
        names[i] = commands[i]->name;
        if (strcmp(argv[1], names[i]) == 0) {
            options->command = i;
            return 1;
        }
    }
    const char *nearest = parse_nearest(argv[1], names, n);
    error_add(WS_USAGE, "'%s': unknown command%s%s%s", argv[1], nearest ? "; did you mean '" : "",
        nearest ? nearest : "", nearest ? "'?" : "; wealthsim --help lists them");
    return 1;
}

static void print_version(void)
{
    printf("wealthsim %s (%s; %s; HDF5 %s; SPRNG %s)\n", version_wealthsim(), version_compiler(),
        version_mpi(), version_hdf5(), sprng_version());
}

static void print_help(const struct argp *argp, const struct command *const *commands, int n, int command)
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

void command_line_read(struct option_texts *texts, struct options *options,
    const struct command *const *commands, int n, int argc, char **argv)
{
    struct argp_table *table = calloc(1, sizeof *table);
    if (!table)
        return (void)error_memory(sizeof *table, "the table of options");
    const int words = read_command(options, commands, n, argc, argv);
    const unsigned takes = commands[options->command]->takes;
    fill_argp_table(table, takes);
    const struct argp argp = {.options = table->options,
        .parser = take_option,
        .args_doc = options->command == 0 ? "[COMMAND]" : NULL};
    struct reading reading = {.texts = texts};
    read_words(&argp, &reading, takes, argc - 1 - words, argv + 1 + words);

    options->is_answered = error_message()[0] == '\0' && (reading.wants_help || reading.wants_version);
    if (options->is_answered && reading.wants_help)
        print_help(&argp, commands, n, options->command);
    else if (options->is_answered)
        print_version();
    free(table);
}
