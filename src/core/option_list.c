#include "core/option_sources.h"
#include "core/parse.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct option_answer option_answers[OPTION_ANSWERS] = {
    {.name = "help", .letter = 'h', .help = "Print this help and leave"},
    {.name = "version", .letter = 'V', .help = "Print versions and leave"},
    {.name = "launcher",
        .argument = "cluster",
        .is_optional = true,
        .choices = {"cluster"},
        .help = "Print what to set, in a shell, for this MPI's mpirun where ranks outnumber cores (=cluster: "
                "in jobs of several nodes) and leave",
        .use = "eval \"$(wealthsim --launcher)\""},
    {.name = "manual",
        .help = "Print the manual page for man and leave",
        .use = "wealthsim --manual | man -l -"},
    {.name = "completion",
        .argument = "SHELL",
        .choices = {"bash", "zsh"},
        .help = "Print what has SHELL (bash or zsh) complete command lines and leave",
        .use = "wealthsim --completion=bash"},
};

void option_text_set(struct option_text *text, const char *value)
{
    free(text->text); /* given twice: the last one wins, as everywhere */
    text->text = strdup(value);
    if (!text->text)
        error_memory(strlen(value) + 1, "an option");
}

/* A command's default of a row. */
static const char *fallback_of(const struct option_row *row, const struct option_default *defaults)
{
    for (; defaults && defaults->name; defaults++)
        if (strcmp(defaults->name, row->name) == 0)
            return defaults->fallback;
    return row->fallback;
}

static bool is_known(const struct known_options *known, const struct option_row *row)
{
    for (int i = 0; i < known->n; i++)
        if (known->of[i].row == row)
            return true;
    return false;
}

/* Add the rows of a command that are not there yet. */
static void add_command(struct known_options *known, const struct option_command *command)
{
    const char *group = NULL;
    for (const struct option_part *part = command->parts; part->table; part++)
        for (int i = 0; i < part->table->n; i++) {
            const struct option_row *row = &part->table->rows[i];
            group = row->group ? row->group : group;
            if (is_known(known, row))
                continue;
            ENSURE(known->n < OPTIONS_MOST);
            known->of[known->n++] = (struct known_option){.row = row,
                .group = group,
                .fallback = fallback_of(row, command->defaults),
                .offset = part->offset + row->offset};
        }
}

struct known_options *known_options_create(const struct option_command *const *commands, int n, int command)
{
    struct known_options *known = calloc(1, sizeof *known);
    if (!known)
        return NULL;
    add_command(known, commands[command]);
    known->n_own = known->n;
    for (int i = 0; i < n; i++)
        add_command(known, commands[i]);
    return known;
}

void known_options_free(struct known_options *known)
{
    for (int i = 0; known && i < known->n; i++)
        free(known->of[i].given.text);
    free(known);
}

struct known_option *known_option(struct known_options *known, const char *name)
{
    for (int i = 0; i < known->n; i++)
        if (strcmp(known->of[i].row->name, name) == 0)
            return &known->of[i];
    return NULL;
}

const char *known_options_nearest(const struct known_options *known, const char *text)
{
    const char *names[OPTIONS_MOST];
    for (int i = 0; i < known->n_own; i++)
        names[i] = known->of[i].row->name;
    return parse_nearest(text, names, known->n_own);
}

const char *known_option_help(const struct known_option *option, char *text, size_t bytes)
{
    const struct option_row *row = option->row;
    if (row->type == OPTION_FLAG || option->fallback[0] == '\0')
        snprintf(text, bytes, "%s", row->help);
    else if (row->range)
        snprintf(text, bytes, "%s (%s; default %s)", row->help, row->range, option->fallback);
    else
        snprintf(text, bytes, "%s (default %s)", row->help, option->fallback);
    return text;
}
