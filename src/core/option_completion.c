#include "core/option_completion.h"
#include "core/option_sources.h"
#include "core/version.h"
#include <stdio.h>

/* What there is to know of one command at a time. */
struct scope {
    const struct option_command *command;
    const struct known_options *known;
};

static bool is_file(const struct option_row *row)
{
    return row->type == OPTION_PATH;
}

static bool is_choice(const struct option_row *row)
{
    return row->type == OPTION_CHOICE;
}

/* A value that cannot be listed. */
static bool is_free(const struct option_row *row)
{
    return row->argument && !is_file(row) && !is_choice(row);
}

/* ---- bash ----------------------------------------------------------------------------------------------------------- */

static const char bash_start[] =
    "_wealthsim()\n"
    "{\n"
    "    local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local command='' words='' before='' joined=yes\n"
    "    COMPREPLY=()\n"
    "    # --option=value comes as three words, or as one where '=' does not part words\n"
    "    if [[ $current == = ]]; then\n"
    "        current=''\n"
    "    elif [[ $option == = ]]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    elif [[ $current == --*=* ]]; then\n"
    "        before=${current%%=*}= option=${current%%=*} current=${current#*=}\n"
    "    else\n"
    "        joined=''\n"
    "        [[ $current != -* ]] || option=''\n"
    "    fi\n";

static const char bash_end[] = "    # shellcheck disable=SC2207 # no word has a blank in it\n"
                               "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                               "    [[ -z $before ]] || COMPREPLY=(\"${COMPREPLY[@]/#/$before}\")\n"
                               "}\n"
                               "complete -F _wealthsim wealthsim\n";

/* "--households | -n", of the options that are of a kind; then what follows a pattern. */
static void bash_case(
    const struct known_options *known, bool (*is)(const struct option_row *row), const char *then)
{
    bool is_first = true;
    for (int i = 0; i < known->n_own; i++) {
        const struct option_row *row = known->of[i].row;
        if (!is(row))
            continue;
        printf("%s--%s", is_first ? "                " : " | ", row->name);
        if (row->letter)
            printf(" | -%c", row->letter);
        is_first = false;
    }
    if (!is_first)
        printf(") %s ;;\n", then);
}

static void bash_command(struct scope scope)
{
    printf("        %s)\n            case $option in\n", scope.command->name);
    /* readline completes names of files itself, with their blanks and ~ */
    bash_case(scope.known, is_file, "compopt -o default; return");
    bash_case(scope.known, is_free, "return");
    for (int i = 0; i < scope.known->n_own; i++) {
        const struct option_row *row = scope.known->of[i].row;
        if (!is_choice(row))
            continue;
        printf("                --%s) words='", row->name);
        for (int j = 0; j < row->n_choices; j++)
            printf("%s%s", j > 0 ? " " : "", row->choice(j));
        printf("' ;;\n");
    }
    printf("                *) [[ -n $joined ]] || words='");
    for (int i = 0; i < scope.known->n_own; i++)
        printf("--%s ", scope.known->of[i].row->name);
    printf("--help --version' ;;\n            esac\n            ;;\n");
}

/* The first word: a command, or what stands alone. */
static void bash_first_word(const struct option_command *const *commands, int n)
{
    printf("    if [[ $COMP_CWORD == 1 && -z $joined && $current != -* ]]; then\n        words='");
    for (int i = 0; i < n; i++)
        printf("%s%s", i > 0 ? " " : "", commands[i]->name);
    printf("'\n    elif [[ $COMP_CWORD == 1 && -z $joined ]]; then\n        words+='");
    for (int i = 0; i < OPTION_ANSWERS; i++) {
        const struct option_answer *answer = &option_answers[i];
        if (answer->use && (!answer->argument || answer->is_optional))
            printf(" --%s", answer->name);
        for (const char *const *choice = answer->choices; *choice; choice++)
            printf(" --%s=%s", answer->name, *choice);
    }
    printf("'\n    fi\n");
}

static void bash_answers(void)
{
    printf("    case $option in\n");
    for (int i = 0; i < OPTION_ANSWERS; i++) {
        const struct option_answer *answer = &option_answers[i];
        if (!answer->choices[0])
            continue;
        printf("        --%s) words=%s", answer->name, answer->is_optional ? "${joined:+" : "'");
        for (const char *const *choice = answer->choices; *choice; choice++)
            printf("%s%s", choice == answer->choices ? "" : " ", *choice);
        printf("%s ;;\n", answer->is_optional ? "}" : "'");
    }
    printf("    esac\n");
}

static void bash_print(
    const struct option_command *const *commands, int n, struct known_options *const *known)
{
    printf("%s    command=%s\n    [[ $COMP_CWORD == 1 ]] || case ${COMP_WORDS[1]} in\n        ", bash_start,
        commands[0]->name);
    for (int i = 0; i < n; i++)
        printf("%s%s", i > 0 ? " | " : "", commands[i]->name);
    printf(") command=${COMP_WORDS[1]} ;;\n    esac\n    case $command in\n");
    for (int i = 0; i < n; i++)
        bash_command((struct scope){commands[i], known[i]});
    printf("    esac\n");
    bash_answers();
    bash_first_word(commands, n);
    printf("%s", bash_end);
}

/* ---- zsh ------------------------------------------------------------------------------------------------------------ */

/* A text between single quotes, where what _arguments and _describe take for their own is marked. */
static void zsh_text(const char *text, const char *own)
{
    for (; *text; text++) {
        bool is_own = false;
        for (const char *c = own; *c; c++)
            is_own = is_own || *c == *text;
        if (*text == '\'')
            printf("'\\''");
        else
            printf("%s%c", is_own ? "\\" : "", *text);
    }
}

static void zsh_option(const struct known_option *option)
{
    const struct option_row *row = option->row;
    const char *takes = row->argument ? "=" : "";
    if (row->letter)
        printf("        '(-%c --%s)'{-%c%s,--%s%s}'[", row->letter, row->name, row->letter,
            row->argument ? "+" : "", row->name, takes);
    else
        printf("        '--%s%s[", row->name, takes);
    zsh_text(row->help, "[]\\");
    printf("]");
    if (row->argument) {
        printf(":");
        zsh_text(row->argument, ":\\");
        printf(":");
    }
    if (is_file(row))
        printf("_files");
    for (int i = 0; is_choice(row) && i < row->n_choices; i++)
        printf("%s%s%s", i == 0 ? "(" : " ", row->choice(i), i == row->n_choices - 1 ? ")" : "");
    printf("'\n");
}

static void zsh_answer(const struct option_answer *answer)
{
    if (answer->letter)
        printf("'(- *)'{-%c,--%s}'[", answer->letter, answer->name);
    else
        printf("'(- *)--%s%s[", answer->name, !answer->argument ? "" : answer->is_optional ? "=-" : "=");
    zsh_text(answer->help, "[]\\");
    printf("]");
    if (answer->argument)
        printf("%s:%s:(", answer->is_optional ? ":" : "", answer->argument);
    for (const char *const *choice = answer->choices; *choice; choice++)
        printf("%s%s", choice == answer->choices ? "" : " ", *choice);
    printf("%s'\n", answer->argument ? ")" : "");
}

static void zsh_print(const struct option_command *const *commands, int n, struct known_options *const *known)
{
    printf(
        "_wealthsim()\n{\n    local command=%s\n    local -a commands alone options always\n    commands=(\n",
        commands[0]->name);
    for (int i = 0; i < n; i++) {
        printf("        '%s:", commands[i]->name);
        zsh_text(commands[i]->summary, ":\\");
        printf("'\n");
    }
    printf(
        "    )\n    if (( CURRENT == 2 )); then\n"
        "        [[ ${words[2]} == -* ]] || { _describe -t commands 'wealthsim command' commands; return }\n"
        "        alone=(\n");
    for (int i = 0; i < OPTION_ANSWERS; i++)
        if (option_answers[i].use) {
            printf("            ");
            zsh_answer(&option_answers[i]);
        }
    printf("        )\n    elif [[ ${words[2]} != -* ]]; then\n"
           "        command=${words[2]}\n        shift words\n        (( CURRENT-- ))\n    fi\n    case "
           "$command in\n");
    for (int i = 0; i < n; i++) {
        printf("    %s) options=(\n", commands[i]->name);
        for (int j = 0; j < known[i]->n_own; j++)
            zsh_option(&known[i]->of[j]);
        printf("        ) ;;\n");
    }
    printf("    esac\n    always=(\n");
    for (int i = 0; i < OPTION_ANSWERS; i++)
        if (!option_answers[i].use) {
            printf("        ");
            zsh_answer(&option_answers[i]);
        }
    printf("    )\n    _arguments -s : $alone $options $always\n}\n");
}

/* ---- either --------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *first_line;
    void (*print)(const struct option_command *const *commands, int n, struct known_options *const *known);
} shells[COMPLETION_SHELLS] = {{"bash", "# Completion for bash", bash_print},
    {"zsh", "#compdef wealthsim\n# Completion for zsh", zsh_print}};

const char *option_completion_shell(int i)
{
    return shells[i].name;
}

enum status option_completion_print(int shell, const struct option_command *const *commands, int n)
{
    struct known_options *known[OPTIONS_MOST] = {NULL};
    enum status status = WS_OK;
    ENSURE(n <= OPTIONS_MOST);
    for (int i = 0; i < n && status == WS_OK; i++) {
        known[i] = known_options_create(commands, n, i);
        status = known[i] ? WS_OK : error_memory(sizeof *known[i], "the options");
    }
    if (status == WS_OK) {
        printf("%s, made by wealthsim --completion=%s (%s).\n", shells[shell].first_line, shells[shell].name,
            version_wealthsim());
        shells[shell].print(commands, n, known);
    }
    for (int i = 0; i < n; i++)
        known_options_free(known[i]);
    return status;
}
