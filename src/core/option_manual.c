#include "core/option_manual.h"
#include "core/option_sources.h"
#include "core/version.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The options of every command, one command after the other. */
struct tables {
    const struct option_command *const *commands;
    int n;
    struct known_options *known[OPTIONS_MOST];
};

/* ---- text ----------------------------------------------------------------------------------------------------------- */

/* MOST bytes of a word are set in one piece; each may become four. */
enum { LINE = 78, MOST = 75, WORD = 4 * MOST + 20 };

/* A word as troff wants it. A hyphen between letters may be set as one; elsewhere it is to be copied as it stands, as in
 * options, numbers and names of files. */
static void escape(const char *word, size_t n, char *to)
{
    static const struct {
        char c;
        const char *text;
    } special[] = {
        {'\\', "\\e"}, {'^', "\\(ha"}, {'~', "\\(ti"}, {'`', "\\(ga"}, {'\'', "\\(aq"}, {'"', "\\(dq"}};
    bool is_prose = isalpha((unsigned char)word[0]);
    for (size_t i = 0; i + 1 < n; i++) /* the last may be a full stop */
        is_prose = is_prose && !strchr("/.=:_", word[i]);
    if (word[0] == '.' || word[0] == '\'')
        to += sprintf(to, "\\&");
    for (size_t i = 0; i < n; i++) {
        const char *as = NULL;
        for (size_t j = 0; j < sizeof special / sizeof special[0]; j++)
            as = word[i] == special[j].c ? special[j].text : as;
        if (word[i] == '-' && !(is_prose && isalpha((unsigned char)word[i + 1])))
            as = "\\-";
        to += as ? sprintf(to, "%s", as) : sprintf(to, "%c", word[i]);
    }
    *to = '\0';
}

/* One word, an option's name at its start in bold. @return what it has become, of WORD bytes */
static const char *set_word(const char *text, size_t n, char *word)
{
    const size_t name = 2 + strspn(text + 2 * (n > 2), "abcdefghijklmnopqrstuvwxyz-");
    const bool is_option = n > 2 && strncmp(text, "--", 2) == 0 && name > 2 && name <= n;
    char *to = word;
    if (is_option) {
        to += sprintf(to, "\\fB");
        escape(text, name, to);
        to += strlen(to);
        to += sprintf(to, "\\fR");
    }
    escape(text + (is_option ? name : 0), n - (is_option ? name : 0), to);
    return word;
}

/* Words, in lines of LINE bytes at most where they are not longer themselves. */
static void print_text(const char *text)
{
    size_t column = 0;
    while (*(text += strspn(text, " "))) {
        const size_t n = strcspn(text, " "), taken = n < MOST ? n : MOST;
        char word[WORD];
        const size_t length = strlen(set_word(text, taken, word));
        if (column > 0)
            putchar(column + 1 + length > LINE ? '\n' : ' ');
        column = (column > 0 && column + 1 + length <= LINE ? column + 1 : 0) + length;
        printf("%s", word);
        text += taken;
    }
    putchar('\n');
}

/* Text in one line, as in a title. */
static void print_bold(const char *text)
{
    char word[WORD];
    escape(text, strlen(text) < MOST ? strlen(text) : MOST, word);
    printf("\\fB%s\\fR", word);
}

static void print_items(const struct manual_item *items)
{
    for (; items && items->term; items++) {
        printf(".TP\n");
        print_bold(items->term);
        printf("\n");
        print_text(items->text);
    }
}

static void print_sections(const struct manual_section *section)
{
    for (; section->title; section++) {
        printf(".SH %s\n", section->title);
        for (const char *const *text = section->paragraphs; text && *text; text++) {
            printf("%s", text == section->paragraphs ? "" : ".PP\n");
            print_text(*text);
        }
        print_items(section->items);
    }
}

/* ---- options -------------------------------------------------------------------------------------------------------- */

/* "-n, --households=N" */
static void print_option_title(char letter, const char *name, const char *argument, bool is_optional)
{
    char word[WORD], dashed[80];
    if (letter)
        printf("\\fB\\-%c\\fR, ", letter);
    snprintf(dashed, sizeof dashed, "--%s", name);
    print_bold(dashed);
    if (argument) {
        escape(argument, strlen(argument), word);
        printf("%s=\\fI%s\\fR%s", is_optional ? "[" : "", word, is_optional ? "]" : "");
    }
    printf("\n");
}

static void print_option(const struct known_option *option)
{
    const struct option_row *row = option->row;
    char help[1024];
    printf(".TP\n");
    print_option_title(row->letter, row->name, row->argument, false);
    print_text(known_option_help(option, help, sizeof help));
}

static bool has(const struct known_options *known, const struct option_row *row)
{
    for (int i = 0; i < known->n_own; i++)
        if (known->of[i].row == row)
            return true;
    return false;
}

/* The first command that has a row. */
static int first_with(const struct tables *tables, const struct option_row *row)
{
    int command = 0;
    while (!has(tables->known[command], row))
        command++;
    return command;
}

static bool is_of_all(const struct tables *tables, const struct option_row *row)
{
    bool is = true;
    for (int i = 0; i < tables->n; i++)
        is = is && has(tables->known[i], row);
    return is;
}

/* The options that this command is the first to have, under their headings. */
static void print_own(const struct tables *tables, int command)
{
    const char *heading = NULL;
    for (int i = 0; i < tables->known[command]->n_own; i++) {
        const struct known_option *option = &tables->known[command]->of[i];
        if (is_of_all(tables, option->row) || first_with(tables, option->row) != command)
            continue;
        if (!heading || strcmp(heading, option->group) != 0)
            printf(".PP\n\\fI%s\\fR\n", option->group);
        heading = option->group;
        print_option(option);
    }
}

/* The options that an earlier command has too: their names, with the default where that is another one. */
static void print_shared(const struct tables *tables, int command, int earlier)
{
    const struct known_options *known = tables->known[command];
    bool is_first = true;
    for (int i = 0; i < known->n_own; i++) {
        const struct known_option *option = &known->of[i];
        if (is_of_all(tables, option->row) || first_with(tables, option->row) != earlier)
            continue;
        if (is_first)
            printf(".PP\nAs for \\fB%s\\fR:\n", tables->commands[earlier]->name);
        else
            printf(",\n");
        is_first = false;
        char dashed[80];
        snprintf(dashed, sizeof dashed, "--%s", option->row->name);
        print_bold(dashed);
        for (int j = 0; j < tables->known[earlier]->n_own; j++) {
            const struct known_option *other = &tables->known[earlier]->of[j];
            if (other->row == option->row && strcmp(other->fallback, option->fallback) != 0)
                printf(" (default %s)", option->fallback);
        }
    }
    if (!is_first)
        printf(".\n");
}

static void print_commands(const struct tables *tables)
{
    char sentence[512];
    printf(".SH COMMANDS\n");
    for (int i = 0; i < tables->n; i++) {
        printf(".SS %s%s\n", tables->commands[i]->name, i == 0 ? " (the default)" : "");
        snprintf(sentence, sizeof sentence, "%s.", tables->commands[i]->summary);
        print_text(sentence);
        for (int earlier = 0; earlier < i; earlier++)
            print_shared(tables, i, earlier);
        print_own(tables, i);
    }
    printf(".SH OPTIONS OF EVERY COMMAND\n");
    for (int i = 0; i < tables->known[0]->n_own; i++)
        if (is_of_all(tables, tables->known[0]->of[i].row))
            print_option(&tables->known[0]->of[i]);
    for (int i = 0; i < OPTION_ANSWERS; i++) {
        const struct option_answer *answer = &option_answers[i];
        printf(".TP\n");
        print_option_title(answer->letter, answer->name, answer->argument, answer->is_optional);
        print_text(answer->help);
    }
}

static void print_page(const struct tables *tables, const struct manual *manual)
{
    printf(".\\\" Made by wealthsim --manual from the program's tables.\n");
    printf(".TH WEALTHSIM 1 \"%s\" \"wealthsim %s\" \"User Commands\"\n.nh\n", version_date(),
        version_wealthsim());
    printf(".SH NAME\nwealthsim \\- %s\n", manual->summary);
    printf(".SH SYNOPSIS\n.B wealthsim\n[\\fICOMMAND\\fR] [\\fIOPTION\\fR]...\n.br\n"
           ".B mpirun \\-np\n\\fIRANKS\\fR \\fBwealthsim\\fR [\\fICOMMAND\\fR] [\\fIOPTION\\fR]...\n");
    print_sections(manual->before);
    print_commands(tables);
    print_sections(manual->behind);
}

enum status option_manual_print(
    const struct option_command *const *commands, int n, const struct manual *manual)
{
    struct tables tables = {.commands = commands, .n = n};
    enum status status = WS_OK;
    ENSURE(n <= OPTIONS_MOST);
    for (int i = 0; i < n && status == WS_OK; i++) {
        tables.known[i] = known_options_create(commands, n, i);
        status = tables.known[i] ? WS_OK : error_memory(sizeof *tables.known[i], "the options");
    }
    if (status == WS_OK)
        print_page(&tables, manual);
    for (int i = 0; i < n; i++)
        known_options_free(tables.known[i]);
    return status;
}
