#include "commands/scenario_table.h"
#include "commands/common.h"
#include "commands/model_input.h"
#include "commands/preflight.h"
#include "files/table.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)TABLE_CELL == (int)OPTION_TEXT, "a cell has room for an option's text");

#define MEMBER(name) offsetof(struct scenario_options, name)
#define PART(name)   {&name##_option_table, MEMBER(models.name)},
// clang-format off
static const struct option_part parts[] = {
    MODELS_EACH(PART)
    {&initial_option_table, MEMBER(initial)},
    {NULL, 0},
};
// clang-format on
const struct option_command scenario_options = {
    .name = "scenarios", .bytes = sizeof(struct scenario_options), .parts = parts};

static const char none[] = "-";

/* Bytes that are sent at once: MPI counts them by an int. */
static const size_t piece = (size_t)1 << 30;

/* A table that is being taken; on rank 0. */
struct taking {
    struct scenarios *scenarios;
    const struct scenario_options *base;
    struct table table;
    const struct option_row *rows[TABLE_COLUMNS]; /* NULL for what is no column of ours */
    size_t offsets[TABLE_COLUMNS];
    int n_matched; /* columns that are ours */
    enum status status;
};

/* ---- columns -------------------------------------------------------------------------------------------------------- */

static void refuse_column(struct taking *taking, const char *what, const char *name, const char *more)
{
    taking->status = error_add(
        WS_USAGE, "--scenarios: '%s': column '%.64s' %s%s", taking->scenarios->file, name, what, more);
}

static void refuse_unknown(struct taking *taking, const char *name)
{
    char names[256] = "; columns are", meant[128] = "";
    const char *nearest = options_nearest(&scenario_options, name);
    struct option_value value;
    for (int i = 0; options_value(&scenario_options, taking->base, i, &value); i++)
        if (value.type != OPTION_CHOICE)
            snprintf(names + strlen(names), sizeof names - strlen(names), " %s", value.name);
    if (nearest)
        snprintf(meant, sizeof meant, "; did you mean '%s'?", nearest);
    refuse_column(taking, "is no option of a model", name, nearest ? meant : names);
}

/* Parameters of the built-in model, where there is a model file. */
static bool is_meaningless(const struct models_parameters *models, const char *name)
{
    const char *const *names = model_meaningless(models);
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* Whether a column is there already: that was said. */
static bool is_repeated(const struct taking *taking, int column)
{
    for (int i = 0; i < column; i++)
        if (taking->rows[i] && taking->rows[i] == taking->rows[column])
            return true;
    return false;
}

static void match_columns(
    struct taking *taking, const struct options *options, const struct option_command *command)
{
    const struct table *table = &taking->table;
    for (int i = 0; i < table->n_columns; i++) {
        const char *name = table_name(table, i);
        taking->rows[i] = name ? options_find(&scenario_options, name, &taking->offsets[i]) : NULL;
        if (taking->rows[i] && taking->rows[i]->type == OPTION_CHOICE) {
            refuse_column(taking, "is the same for all rows: give it as the option --", name, name);
            taking->rows[i] = NULL;
        } else if (taking->rows[i] && is_repeated(taking, i))
            taking->rows[i] = NULL;
        else if (taking->rows[i] && options_is_given(options, command, name))
            refuse_column(taking, "is given as an option, too: take one of the two away", name, "");
        else if (taking->rows[i] && is_meaningless(&taking->base->models, name))
            refuse_column(
                taking, "is a parameter of the built-in model, and --model names another", name, "");
        else if (name && !taking->rows[i] && !table->is_index[i])
            refuse_unknown(taking, name);
        taking->n_matched += taking->rows[i] != NULL;
    }
    if (taking->n_matched == 0 && taking->status == WS_OK)
        taking->status = error_add(WS_USAGE, "--scenarios: '%s' has no column", taking->scenarios->file);
}

/* ---- rows ----------------------------------------------------------------------------------------------------------- */

static void add_fault(struct taking *taking, int row, const char *column, const char *what)
{
    char where[TABLE_PLACE];
    table_where(taking->scenarios->file, row, taking->table.lines[row], where);
    taking->status = error_add(WS_USAGE, "%s%s: %s", where, column, what);
}

static void convert_row(struct taking *taking, int row)
{
    struct scenarios *scenarios = taking->scenarios;
    char where[TABLE_PLACE];
    scenarios->lines[row] = taking->table.lines[row];
    table_where(scenarios->file, row, scenarios->lines[row], where);
    for (int i = 0; i < taking->table.n_columns; i++) {
        const char *cell = table_cell(&taking->table, row, i);
        const bool is_given = taking->rows[i] && cell && strcmp(cell, none) != 0;
        void *member = (char *)&scenarios->of[row] + taking->offsets[i];
        if (is_given && strcmp(taking->rows[i]->name, "w0") == 0)
            scenarios->has_w0[row] = true;
        if (is_given && options_convert(taking->rows[i], cell, where, member) != WS_OK)
            taking->status = WS_USAGE;
    }
}

/* All rows are of one kind: the built-in model, or model files. Those of the fewer are refused. */
static void check_kinds(struct taking *taking)
{
    const struct table *table = &taking->table;
    const struct scenario_options *of = taking->scenarios->of;
    int model = -1, n_files = 0;
    for (int i = 0; i < table->n_columns; i++)
        model = taking->rows[i] && strcmp(taking->rows[i]->name, "model") == 0 ? i : model;
    for (int row = 0; row < table->n_rows && model >= 0; row++)
        n_files += of[row].models.tabulated.file[0] != '\0';
    if (n_files == 0)
        return;
    for (int row = 0; row < table->n_rows; row++) {
        const char *cell = table_cell(table, row, model);
        if (cell && strcmp(cell, none) == 0)
            add_fault(taking, row, "model",
                "is -, the built-in model, and other rows have files: all are of one kind");
    }
    for (int i = 0; i < table->n_columns; i++)
        for (int row = 0; taking->rows[i] && row < table->n_rows; row++)
            if (is_meaningless(&of[row].models, taking->rows[i]->name)) {
                refuse_column(taking, "is a parameter of the built-in model, and column 'model' names others",
                    taking->rows[i]->name, "");
                break;
            }
}

/* ---- from rows to columns, and back --------------------------------------------------------------------------------- */

static bool is_text(const struct option_row *row)
{
    ENSURE(row->type == OPTION_PATH || row->type == OPTION_REAL || row->type == OPTION_COUNT ||
           row->type == OPTION_FLAG);
    return row->type == OPTION_PATH;
}

static double number_of(const struct option_row *row, const void *member)
{
    return row->type == OPTION_REAL    ? *(const double *)member
           : row->type == OPTION_COUNT ? (double)*(const int64_t *)member
                                       : *(const bool *)member;
}

static void set_number(const struct option_row *row, double value, void *member)
{
    if (row->type == OPTION_REAL)
        *(double *)member = value;
    else if (row->type == OPTION_COUNT)
        *(int64_t *)member = (int64_t)value;
    else
        *(bool *)member = value != 0;
}

/* Room for a column. @return whether there is memory */
static bool create_column(struct scenario_column *column, int n, size_t text_bytes)
{
    const size_t each = text_bytes > 0 ? text_bytes : sizeof *column->values;
    void *room = calloc((size_t)(n > 0 ? n : 1), each);
    column->text_bytes = text_bytes;
    if (text_bytes > 0)
        column->texts = room;
    else
        column->values = room;
    if (!room)
        error_memory((size_t)n * each, "a column of the table");
    return room != NULL;
}

/* A column of what the rows say. */
static bool fill_column(const struct scenarios *scenarios, const struct option_row *row, size_t offset,
    struct scenario_column *column)
{
    size_t longest = 0;
    for (int i = 0; i < scenarios->n && is_text(row); i++) {
        const size_t length = strlen((const char *)&scenarios->of[i] + offset);
        longest = length > longest ? length : longest;
    }
    if (!create_column(column, scenarios->n, is_text(row) ? longest + 1 : 0))
        return false;
    for (int i = 0; i < scenarios->n; i++) {
        const void *member = (const char *)&scenarios->of[i] + offset;
        if (is_text(row))
            strcpy(column->texts + (size_t)i * column->text_bytes, member);
        else
            column->values[i] = number_of(row, member);
    }
    return true;
}

/* The other way round, where the rows were not read. */
static void fill_rows(struct scenarios *scenarios, const struct scenario_column *column)
{
    size_t offset = 0;
    const struct option_row *row = options_find(&scenario_options, column->name, &offset);
    for (int i = 0; i < scenarios->n; i++) {
        void *member = (char *)&scenarios->of[i] + offset;
        if (column->texts)
            strcpy(member, column->texts + (size_t)i * column->text_bytes);
        else
            set_number(row, column->values[i], member);
    }
}

/* ---- one rank reads, all have it -------------------------------------------------------------------------------------- */

static enum status fill_columns(struct taking *taking)
{
    struct scenarios *scenarios = taking->scenarios;
    ENSURE(taking->n_matched <= SCENARIO_COLUMNS);
    for (int i = 0; i < taking->table.n_columns; i++) {
        struct scenario_column *column = &scenarios->columns[scenarios->n_columns];
        if (!taking->rows[i])
            continue;
        column->name = taking->rows[i]->name;
        if (!fill_column(scenarios, taking->rows[i], taking->offsets[i], column))
            return WS_FAILED;
        scenarios->n_columns++;
    }
    return WS_OK;
}

static void broadcast(const struct comm *comm, void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i += piece)
        MPI_CHECK(
            MPI_Bcast((char *)bytes + i, (int)(n - i < piece ? n - i : piece), MPI_BYTE, 0, comm->world));
}

/* Give all ranks a column. Collective. @return the same on all ranks */
static enum status share_column(
    struct scenarios *scenarios, struct scenario_column *column, const struct comm *comm)
{
    char name[64] = "";
    size_t text_bytes = column->text_bytes, unused = 0;
    if (comm->rank == 0)
        snprintf(name, sizeof name, "%s", column->name);
    MPI_CHECK(MPI_Bcast(name, sizeof name, MPI_CHAR, 0, comm->world));
    MPI_CHECK(MPI_Bcast(&text_bytes, sizeof text_bytes, MPI_BYTE, 0, comm->world));
    const bool has_room = comm->rank == 0 || create_column(column, scenarios->n, text_bytes);
    const enum status status = error_agree(comm->world, has_room ? WS_OK : WS_FAILED);
    if (status != WS_OK)
        return status;
    const struct option_row *row = options_find(&scenario_options, name, &unused);
    column->name = row->name;
    column->long_name = row->help;
    if (column->texts)
        broadcast(comm, column->texts, (size_t)scenarios->n * text_bytes);
    else
        broadcast(comm, column->values, (size_t)scenarios->n * sizeof *column->values);
    if (comm->rank > 0)
        fill_rows(scenarios, column);
    return WS_OK;
}

static enum status share_columns(struct scenarios *scenarios, const struct comm *comm)
{
    enum status status = WS_OK;
    MPI_CHECK(MPI_Bcast(&scenarios->n_columns, 1, MPI_INT, 0, comm->world));
    for (int i = 0; i < scenarios->n_columns && status == WS_OK; i++)
        status = share_column(scenarios, &scenarios->columns[i], comm);
    return status;
}

/* Rows that say what the options say; whether there is memory. Collective. */
static enum status create_rows(
    struct scenarios *scenarios, const struct scenario_options *base, const struct comm *comm)
{
    const size_t n = (size_t)scenarios->n, each = sizeof *scenarios->of + sizeof *scenarios->lines;
    enum status status =
        error_agree(comm->world, preflight_memory(comm, (int64_t)(n * each), "--scenarios: the table",
                                     "use more hosts, or fewer rows"));
    if (status != WS_OK)
        return status;
    scenarios->of = malloc(n * sizeof *scenarios->of);
    scenarios->lines = comm->rank == 0 ? calloc(n, sizeof *scenarios->lines) : NULL;
    scenarios->has_w0 = comm->rank == 0 ? calloc(n, sizeof *scenarios->has_w0) : NULL;
    if (!scenarios->of || (comm->rank == 0 && (!scenarios->lines || !scenarios->has_w0)))
        status = error_memory(n * each, "the table");
    for (size_t i = 0; i < n && status == WS_OK; i++)
        scenarios->of[i] = *base;
    return error_agree(comm->world, status);
}

/* On rank 0. */
static enum status take_rows(struct taking *taking)
{
    for (int row = 0; row < taking->scenarios->n; row++)
        convert_row(taking, row);
    check_kinds(taking);
    const enum status filled = fill_columns(taking);
    return filled == WS_OK ? taking->status : filled;
}

enum status scenario_table_read(struct scenarios *scenarios, const struct options *options,
    const struct option_command *command, const struct scenario_options *base, const struct comm *comm)
{
    struct taking taking = {.scenarios = scenarios, .base = base};
    if (comm->rank == 0) {
        taking.status = table_read("scenarios", scenarios->file, &taking.table);
        if (taking.table.n_columns > 0)
            match_columns(&taking, options, command);
        scenarios->n = taking.n_matched > 0 ? taking.table.n_rows : 0;
    }
    MPI_CHECK(MPI_Bcast(&scenarios->n, 1, MPI_INT, 0, comm->world));
    enum status status = error_agree(comm->world, taking.status), made = WS_OK;
    if (scenarios->n > 0)
        made = create_rows(scenarios, base, comm);
    if (scenarios->n > 0 && made == WS_OK) {
        status = error_agree(comm->world, comm->rank == 0 ? take_rows(&taking) : WS_OK);
        made = status == WS_FAILED ? WS_OK : share_columns(scenarios, comm);
    }
    table_destroy(&taking.table);
    return made != WS_OK ? made : status;
}
