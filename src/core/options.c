#include "core/options.h"
#include "core/hash.h"
#include "core/option_sources.h"
#include "core/parse.h"
#include "core/version.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- from text to value ------------------------------------------------------------------------------------------- */

/* What is wrong with a text: what it is not; or that its value is out of range; or another fault, said already. */
struct verdict {
    const char *is_not;
    bool is_out_of_range, is_said;
};

static struct verdict in_range(const struct option_row *row, const char *is_not, double value)
{
    return (struct verdict){
        .is_not = is_not, .is_out_of_range = !is_not && !(value >= row->low && value <= row->high)};
}

static bool is_fine(struct verdict verdict)
{
    return !verdict.is_not && !verdict.is_out_of_range && !verdict.is_said;
}

static struct verdict convert_count(const struct option_row *row, const char *text, int64_t *member)
{
    int64_t value = 0;
    const char *is_not = parse_count(text, &value);
    const struct verdict verdict = in_range(row, is_not, (double)value);
    if (is_fine(verdict))
        *member = value;
    return verdict;
}

static struct verdict convert_real(const struct option_row *row, const char *text, double *member)
{
    double value = 0;
    const char *is_not = parse_real(text, &value);
    const struct verdict verdict = in_range(row, is_not, value);
    if (is_fine(verdict))
        *member = value;
    return verdict;
}

static struct verdict convert_text(
    const struct option_row *row, const char *text, const char *where, char *member)
{
    const bool is_long = strlen(text) >= OPTION_TEXT;
    if (is_long)
        error_add(WS_USAGE, "%s%s: the %s is longer than %d bytes", where, row->name,
            row->type == OPTION_PATH ? "path" : "name", OPTION_TEXT - 1);
    else
        strcpy(member, text);
    return (struct verdict){.is_said = is_long};
}

static struct verdict convert_time(const char *text, struct option_time *member)
{
    struct option_time value = {.seconds = 0};
    const char *is_not = parse_time(text, &value.seconds);
    if (snprintf(value.text, sizeof value.text, "%s", text) >= (int)sizeof value.text)
        is_not = "a time of so few characters";
    if (!is_not)
        *member = value;
    return (struct verdict){.is_not = is_not};
}

static struct verdict convert_interval(const char *text, struct option_interval *member)
{
    struct option_interval value = {.seconds = 0};
    const char *is_not = parse_interval(text, &value.seconds, &value.periods);
    if (snprintf(value.text, sizeof value.text, "%s", text) >= (int)sizeof value.text)
        is_not = "a time of so few characters";
    if (!is_not)
        *member = value;
    return (struct verdict){.is_not = is_not};
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sort numbers and drop repeated ones. */
static int64_t sort_once(double *numbers, int n)
{
    int64_t kept = 0;
    qsort(numbers, (size_t)n, sizeof *numbers, ascending);
    for (int i = 0; i < n; i++)
        if (kept == 0 || numbers[i] != numbers[kept - 1])
            numbers[kept++] = numbers[i];
    return kept;
}

static struct verdict convert_numbers(
    const struct option_row *row, const char *text, const char *where, double *member, int64_t *n_member)
{
    double values[OPTION_LIST];
    int n = 0;
    struct verdict verdict = {.is_not = parse_list(text, values, OPTION_LIST, &n)};
    if (verdict.is_not && n == OPTION_LIST) {
        error_add(WS_USAGE, "%s%s: more than %d numbers", where, row->name, OPTION_LIST);
        return (struct verdict){.is_said = true};
    }
    for (int i = 0; i < n && !verdict.is_not; i++)
        verdict.is_out_of_range = verdict.is_out_of_range || values[i] < row->low || values[i] > row->high;
    if (is_fine(verdict)) {
        *n_member = sort_once(values, n);
        memcpy(member, values, sizeof values);
    }
    return verdict;
}

static struct verdict convert_choice(const struct option_row *row, const char *text, int64_t *member)
{
    int i = 0;
    while (i < row->n_choices && strcmp(text, row->choice(i)) != 0)
        i++;
    if (i < row->n_choices)
        *member = i;
    return (struct verdict){.is_out_of_range = i == row->n_choices};
}

/* How much of a text a message repeats. */
enum { SHOWN = 200 };

/* Convert a text into an option's member; on a fault, say it and leave the member as it is.
 * n: the count of OPTION_NUMBERS. */
static enum status convert(
    const struct option_row *row, const char *text, const char *where, void *member, int64_t *n)
{
    struct verdict verdict = {.is_not = NULL};
    switch (row->type) {
    case OPTION_COUNT:
        verdict = convert_count(row, text, member);
        break;
    case OPTION_REAL:
        verdict = convert_real(row, text, member);
        break;
    case OPTION_FLAG:
        verdict.is_not = parse_flag(text, member);
        break;
    case OPTION_NAMES:
    case OPTION_PATH:
    case OPTION_NAME:
        verdict = convert_text(row, text, where, member);
        break;
    case OPTION_TIME:
        verdict = convert_time(text, member);
        break;
    case OPTION_INTERVAL:
        verdict = convert_interval(text, member);
        break;
    case OPTION_NUMBERS:
        verdict = convert_numbers(row, text, where, member, n);
        break;
    case OPTION_CHOICE:
        verdict = convert_choice(row, text, member);
        break;
    }
    if (is_fine(verdict) || verdict.is_said)
        return is_fine(verdict) ? WS_OK : WS_USAGE;
    return error_add(WS_USAGE, "%s%s: '%.*s%s' %s %s", where, row->name, SHOWN, text,
        strlen(text) > SHOWN ? "..." : "",
        verdict.is_not ? "is not" : "is out of range:", verdict.is_not ? verdict.is_not : row->range);
}

/* The same for a text that a user gave: a file's name that is empty is no way to say that there is none. */
static enum status convert_given(
    const struct option_row *row, const char *text, const char *where, void *member, int64_t *n)
{
    if (row->type == OPTION_PATH && text[0] == '\0')
        return error_add(
            WS_USAGE, "%s%s: the file's name is empty: is a variable not set?", where, row->name);
    if (row->type == OPTION_NAMES && text[0] == '\0')
        return error_add(WS_USAGE, "%s%s: the list is empty: is a variable not set?", where, row->name);
    return convert(row, text, where, member, n);
}

enum status options_convert(const struct option_row *row, const char *text, const char *where, void *member)
{
    ENSURE(row->type != OPTION_NUMBERS);
    return convert_given(row, text, where, member, NULL);
}

/* Where the count of an option's numbers is. */
static int64_t *count_of(void *values, const struct known_option *option)
{
    return (void *)((char *)values + option->offset + option->row->offset_n - option->row->offset);
}

/* A default: a time or a real number may be none. */
static void convert_fallback(void *values, const struct known_option *option)
{
    void *member = (char *)values + option->offset;
    if (option->fallback[0] != '\0' || option->row->type == OPTION_PATH || option->row->type == OPTION_NAMES)
        convert(option->row, option->fallback, "", member, count_of(values, option));
    else if (option->row->type == OPTION_REAL)
        *(double *)member = NAN;
    else
        *(struct option_time *)member = (struct option_time){.seconds = INFINITY};
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static void remember_command_line(struct options *options, int argc, char **argv)
{
    size_t used = 0;
    for (int i = 0; i < argc && used < OPTION_TEXT; i++)
        used += (size_t)snprintf(
            options->command_line + used, OPTION_TEXT - used, "%s%s", i > 0 ? " " : "", argv[i]);
}

static void set_defaults(void *values, const struct known_options *known)
{
    const size_t said = strlen(error_message());
    for (int i = 0; i < known->n_own; i++)
        convert_fallback(values, &known->of[i]);
    ENSURE(strlen(error_message()) == said); /* the tables' defaults are valid */
}

/* Another command's option, from a file that serves several: its value is looked at all the same, and goes nowhere. */
static void check_foreign(const struct known_option *option)
{
    double unused[OPTION_LIST]; /* room for the largest of members */
    int64_t n_unused;
    convert_given(option->row, option->given.text, option->given.where, unused, &n_unused);
}

static void set_given(struct options *options, struct known_options *known)
{
    const struct known_option *config = known_option(known, "config");
    if (config && config->given.text && config->given.text[0])
        config_file_read(known, config->given.text);
    for (int i = 0; i < known->n; i++) {
        const struct known_option *option = &known->of[i];
        if (option->given.text && i < known->n_own) {
            options->given |= (uint64_t)1 << i;
            convert_given(option->row, option->given.text, option->given.where,
                (char *)options->values + option->offset, count_of(options->values, option));
        }
        if (option->given.text && i >= known->n_own)
            check_foreign(option);
    }
}

/* What rank 0 does: all texts, the command line's first, then the file's where the command line has none. */
static enum status read_sources(struct options *options, const struct option_command *const *commands, int n,
    int argc, char **argv, int words)
{
    struct known_options *known = known_options_create(commands, n, options->command);
    if (!known)
        return error_memory(sizeof *known, "the options");
    set_defaults(options->values, known);
    options->is_answered =
        command_line_read(known, commands, n, options->command, argc - 1 - words, argv + 1 + words);
    if (!options->is_answered)
        set_given(options, known);
    known_options_free(known);
    return error_message()[0] == '\0' ? WS_OK : WS_USAGE;
}

/* ---- the same on all ranks ------------------------------------------------------------------------------------------ */

/* What ranks have to have in common for the options of one to mean the same to all. */
struct build {
    char version[64];
    uint64_t tables;
};

static void hash_into(uint64_t *hash, const void *bytes, size_t n)
{
    *hash = hash_bytes(bytes, n, *hash);
}

static struct build this_build(const struct option_command *const *commands, int n)
{
    struct build build = {.tables = 0};
    snprintf(build.version, sizeof build.version, "%s", version_wealthsim());
    for (int i = 0; i < n; i++)
        for (const struct option_part *part = commands[i]->parts; part->table; part++)
            for (int j = 0; j < part->table->n; j++) {
                const struct option_row *row = &part->table->rows[j];
                const uint64_t place[] = {
                    commands[i]->bytes, part->offset, row->offset, row->offset_n, (uint64_t)row->type};
                hash_into(&build.tables, place, sizeof place);
                hash_into(&build.tables, row->name, strlen(row->name));
            }
    return build;
}

/* What rank 0 has found, for the others to make room for the options. */
struct announcement {
    struct build build;
    int command;
    bool is_answered;
    enum status read; /* of command line and file */
    uint64_t given;
};

/* Whether this rank runs rank 0's program: mpirun can start several. */
static enum status check_build(const struct comm *comm, const struct build *mine, struct build *of_rank_0)
{
    of_rank_0->version[sizeof of_rank_0->version - 1] = '\0';
    if (memcmp(mine, of_rank_0, sizeof *mine) == 0)
        return WS_OK;
    return error_set(WS_USAGE, "host %s runs wealthsim %s, rank 0 %s%s: start the same program on all ranks",
        comm->host_name, mine->version, of_rank_0->version,
        strcmp(mine->version, of_rank_0->version) == 0 ? " in another build" : "");
}

/* Room for the values of the command, which rank 0 has found. */
static enum status make_room(struct options *options, const struct option_command *const *commands)
{
    const size_t bytes = commands[options->command]->bytes;
    options->values = calloc(1, bytes);
    return options->values ? WS_OK : error_memory(bytes, "the options");
}

enum status options_parse(struct options *options, const struct comm *comm,
    const struct option_command *const *commands, int n, int argc, char **argv)
{
    const struct build mine = this_build(commands, n);
    struct announcement said = {.build = mine};
    enum status room = WS_OK;
    memset(options, 0, sizeof *options);
    if (comm->rank == 0) {
        int words = 0;
        said.command = options->command = command_line_command(commands, n, argc, argv, &words);
        room = make_room(options, commands);
        if (room == WS_OK) {
            remember_command_line(options, argc, argv);
            said.read = read_sources(options, commands, n, argc, argv, words);
        }
        said.is_answered = options->is_answered;
        said.given = options->given;
    }
    MPI_CHECK(MPI_Bcast(&said, sizeof said, MPI_BYTE, 0, comm->world));
    const enum status same = check_build(comm, &mine, &said.build);
    if (comm->rank != 0 && same == WS_OK) {
        options->command = said.command;
        options->is_answered = said.is_answered;
        options->given = said.given;
        room = make_room(options, commands);
    }
    const enum status status = error_agree(comm->world, same == WS_OK ? room : same);
    if (status != WS_OK) {
        options_free(options);
        return status;
    }
    MPI_CHECK(MPI_Bcast(options->command_line, OPTION_TEXT, MPI_CHAR, 0, comm->world));
    MPI_CHECK(MPI_Bcast(options->values, (int)commands[options->command]->bytes, MPI_BYTE, 0, comm->world));
    return said.read;
}

void options_free(struct options *options)
{
    free(options->values);
    options->values = NULL;
}

/* ---- values for others ---------------------------------------------------------------------------------------------- */

static struct option_value value_of(const struct option_row *row, const char *base)
{
    const void *member = base + row->offset;
    struct option_value value = {
        .name = row->name, .before = row->before, .type = row->type, .resume = row->resume};
    switch (row->type) {
    case OPTION_COUNT:
        value.count = *(const int64_t *)member;
        break;
    case OPTION_REAL:
        value.real = *(const double *)member;
        break;
    case OPTION_FLAG:
        value.count = *(const bool *)member;
        break;
    case OPTION_NAMES:
    case OPTION_PATH:
    case OPTION_NAME:
        value.text = member;
        break;
    case OPTION_TIME:
        value.text = ((const struct option_time *)member)->text;
        break;
    case OPTION_INTERVAL:
        value.text = ((const struct option_interval *)member)->text;
        break;
    case OPTION_NUMBERS:
        value.numbers = member;
        value.n_numbers = *(const int64_t *)(const void *)(base + row->offset_n);
        break;
    case OPTION_CHOICE:
        value.text = row->choice((int)*(const int64_t *)member);
        break;
    }
    return value;
}

const struct option_row *options_find(const struct option_command *command, const char *name, size_t *offset)
{
    for (const struct option_part *part = command->parts; part->table; part++)
        for (int i = 0; i < part->table->n; i++)
            if (strcmp(part->table->rows[i].name, name) == 0) {
                *offset = part->offset + part->table->rows[i].offset;
                return &part->table->rows[i];
            }
    return NULL;
}

const char *options_nearest(const struct option_command *command, const char *text)
{
    const char *names[OPTIONS_MOST];
    int n = 0;
    for (const struct option_part *part = command->parts; part->table; part++)
        for (int i = 0; i < part->table->n && n < OPTIONS_MOST; i++)
            names[n++] = part->table->rows[i].name;
    return parse_nearest(text, names, n);
}

bool options_is_given(const struct options *options, const struct option_command *command, const char *name)
{
    struct option_value value;
    for (int i = 0; options_value(command, options->values, i, &value); i++)
        if (strcmp(value.name, name) == 0)
            return options->given >> i & 1;
    return false;
}

bool options_value(
    const struct option_command *command, const void *values, int i, struct option_value *value)
{
    for (const struct option_part *part = command->parts; part->table; part++) {
        if (i < part->table->n) {
            *value = value_of(&part->table->rows[i], (const char *)values + part->offset);
            return true;
        }
        i -= part->table->n;
    }
    return false;
}
