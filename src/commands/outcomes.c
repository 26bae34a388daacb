#include "commands/outcomes.h"
#include "core/parse.h"
#include "models/tabulated_data.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 64, LIST_BYTES = 2048 };

static const char all_of_them[] = "all", none_of_them[] = "none";

/* Which of a model's quantities are chosen. */
struct choice {
    const struct model *model;
    bool is_chosen[MODEL_QUANTITIES];
    enum status status;
};

static int find(const struct model *model, const char *name)
{
    for (int i = 0; i < model->n_available; i++)
        if (strcmp(model->quantities[i].name, name) == 0)
            return i;
    return -1;
}

/* What can be chosen, for a message. */
static const char *list(const struct model *model, char text[LIST_BYTES])
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < model->n_available; i++)
        used += (size_t)snprintf(text + used, LIST_BYTES - used, "%s, ", model->quantities[i].name);
    snprintf(text + used, LIST_BYTES - used, "all, none");
    return text;
}

static void refuse(struct choice *choice, const char *name)
{
    const char *names[MODEL_QUANTITIES + 2] = {all_of_them, none_of_them};
    char names_text[LIST_BYTES];
    int n = 2;
    for (int i = 0; i < choice->model->n_available; i++)
        names[n++] = choice->model->quantities[i].name;
    const char *nearest = parse_nearest(name, names, n);
    choice->status = error_add(WS_USAGE, "--outcomes: the model has no '%s'%s%s%s: choose from %s", name,
        nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "",
        list(choice->model, names_text));
}

static void choose(struct choice *choice, const char *name, bool is_alone)
{
    const bool is_all = strcmp(name, all_of_them) == 0, is_none = strcmp(name, none_of_them) == 0;
    const int i = find(choice->model, name);
    if ((is_all || is_none) && !is_alone)
        choice->status =
            error_add(WS_USAGE, "--outcomes: '%s' stands alone: take the other names away", name);
    else if (is_all)
        for (int j = 0; j < choice->model->n_available; j++)
            choice->is_chosen[j] = true;
    else if (i >= 0)
        choice->is_chosen[i] = true;
    else if (!is_none)
        refuse(choice, name);
}

/* The next name of a text, without blanks around it. @return the rest of the text, NULL behind the last name */
static const char *next_name(const char *text, char name[NAME_BYTES])
{
    const size_t length = strcspn(text, ",");
    size_t first = 0, end = length;
    while (first < end && text[first] == ' ')
        first++;
    while (end > first && text[end - 1] == ' ')
        end--;
    snprintf(name, NAME_BYTES, "%.*s", (int)(end - first < NAME_BYTES ? end - first : NAME_BYTES - 1),
        text + first);
    return text[length] == ',' ? text + length + 1 : NULL;
}

static void choose_all(struct choice *choice, const char *text)
{
    const bool is_alone = !strchr(text, ',');
    char name[NAME_BYTES];
    while (text) {
        text = next_name(text, name);
        choose(choice, name, is_alone);
    }
}

/* Without the option those that the model has by itself. */
static void choose_default(struct choice *choice)
{
    for (int i = 0; i < choice->model->n_quantities; i++)
        choice->is_chosen[i] = true;
}

/* What is in effect, in the model's order. */
static void write_names(const struct choice *choice, char text[OPTION_TEXT])
{
    size_t used = 0;
    snprintf(text, OPTION_TEXT, "%s", none_of_them);
    for (int i = 0; i < choice->model->n_available; i++)
        if (choice->is_chosen[i])
            used += (size_t)snprintf(text + used, OPTION_TEXT - used, "%s%s", used > 0 ? "," : "",
                choice->model->quantities[i].name);
}

/* Whether a row's model file has what is chosen of the first's; of all of its outcomes, whether it has no others. */
static void check_row(struct choice *choice, const struct scenarios *scenarios, int row, bool has_all)
{
    const struct tabulated_data *first = scenarios->of[0].models.tabulated.data,
                                *data = scenarios->of[row].models.tabulated.data;
    const char *missing = NULL, *added = NULL;
    char name[SCENARIO_NAME];
    for (int i = 0; i < choice->model->n_available; i++) {
        const char *outcome = choice->model->quantities[i].name;
        if (choice->is_chosen[i] && tabulated_find_outcome(first, outcome) >= 0 &&
            tabulated_find_outcome(data, outcome) < 0)
            missing = outcome;
    }
    for (int i = 0; has_all && i < data->n_outcomes; i++)
        if (tabulated_find_outcome(first, data->outcomes[i]) < 0)
            added = data->outcomes[i];
    if (missing || added)
        choice->status = error_add(WS_USAGE,
            "--scenarios: '%s', %s: its model file has %s outcome_%s, and that of row 1 has %s: name "
            "outcomes that "
            "all have by --outcomes, or none",
            scenarios->file, scenarios_name(scenarios, row, name), missing ? "no" : "an",
            missing ? missing : added, missing ? "one" : "none");
}

static void check_rows(struct choice *choice, const struct scenarios *scenarios, const char *text)
{
    const struct tabulated_data *first = scenarios->of[0].models.tabulated.data;
    const bool has_all = !text[0] || strcmp(text, all_of_them) == 0;
    for (int i = 1; i < scenarios->n && first && choice->status == WS_OK; i++)
        if (scenarios->of[i].models.tabulated.data != first)
            check_row(choice, scenarios, i, has_all);
}

enum status outcomes_choose(char text[OPTION_TEXT], struct scenarios *scenarios, const struct comm *comm)
{
    struct choice choice = {.model = models_chosen(&scenarios->of[0].models)};
    int quantities[MODEL_QUANTITIES], n = 0;
    if (comm->rank == 0 && text[0])
        choose_all(&choice, text);
    else if (comm->rank == 0)
        choose_default(&choice);
    if (comm->rank == 0 && choice.status == WS_OK)
        check_rows(&choice, scenarios, text);
    const enum status status = error_agree(comm->world, choice.status);
    if (status != WS_OK)
        return status;
    MPI_CHECK(MPI_Bcast(choice.is_chosen, sizeof choice.is_chosen, MPI_BYTE, 0, comm->world));
    for (int i = 0; i < choice.model->n_available; i++)
        if (choice.is_chosen[i])
            quantities[n++] = i;
    write_names(&choice, text);
    for (int i = 0; i < scenarios->n; i++)
        models_select(&scenarios->of[i].models, quantities, n);
    return WS_OK;
}
