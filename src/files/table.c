#include "files/table.h"
#include "files/input_file.h"
#include "files/table_source.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAULT_BYTES = 2 * TABLE_CELL };

static const char blanks[] = " \t\v\f\r\n";

const char *table_where(const char *path, int row, int64_t line, char *text)
{
    char place[32] = "header", of_line[32] = "";
    if (row >= 0)
        snprintf(place, sizeof place, "row %d", row + 1);
    if (line > 0)
        snprintf(of_line, sizeof of_line, " (line %" PRId64 ")", line);
    snprintf(text, TABLE_PLACE, "%.*s, %s%s: ", TABLE_CELL - 1, path, place, of_line);
    return text;
}

const char *table_name(const struct table *table, int column)
{
    return table_cell(table, -1, column);
}

const char *table_cell(const struct table *table, int row, int column)
{
    const int64_t start = table->starts[(int64_t)(row + 1) * table->n_columns + column];
    return start < 0 ? NULL : table->text + start;
}

/* ---- filling it ------------------------------------------------------------------------------------------------- */

void table_fault(struct table_source *source, int row, const char *format, ...)
{
    char where[TABLE_PLACE], text[FAULT_BYTES];
    const int64_t line = row >= 0 ? source->table->lines[row] : source->header_line;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error_add(WS_USAGE, "%s%s", table_where(source->path, row, line, where), text);
    if (source->status == WS_OK)
        source->status = WS_USAGE;
}

/* Room for n things of so many bytes, twice as much each time. */
static bool make_room(struct table_source *source, void *things, int64_t *room, int64_t n, size_t bytes)
{
    void **old = things;
    if (n <= *room)
        return true;
    const int64_t more = n > 2 * *room ? n : 2 * *room;
    void *new = realloc(*old, (size_t)more * bytes);
    if (!new) {
        source->status = error_memory((size_t)more * bytes, "the table");
        return false;
    }
    *old = new;
    *room = more;
    return true;
}

/* Faulty places for the row behind the last, -1 for the header. */
static bool add_places(struct table_source *source, int row)
{
    struct table *table = source->table;
    const int64_t used = (int64_t)(row + 1) * table->n_columns, n = used + table->n_columns;
    if (!make_room(source, &table->starts, &table->room_starts, n, sizeof *table->starts))
        return false;
    for (int64_t i = used; i < n; i++)
        table->starts[i] = -1;
    return true;
}

bool table_begin(struct table_source *source, int n_columns)
{
    source->table->n_columns = n_columns;
    return add_places(source, -1);
}

bool table_add_row(struct table_source *source, int64_t line)
{
    struct table *table = source->table;
    const int row = table->n_rows;
    if (!add_places(source, row) ||
        !make_room(source, &table->lines, &table->room_lines, row + 1, sizeof *table->lines))
        return false;
    table->lines[row] = line;
    table->n_rows++;
    return true;
}

/* What a message calls a column: its name, which may be faulty itself. */
static const char *title(const struct table *table, int column, char text[TABLE_CELL])
{
    const char *name = table_name(table, column);
    if (name)
        snprintf(text, TABLE_CELL, "%s", name);
    else
        snprintf(text, TABLE_CELL, "column %d", column + 1);
    return text;
}

static void refuse_empty(struct table_source *source, int row, int column)
{
    char name[TABLE_CELL];
    if (row >= 0)
        table_fault(source, row, "%s: the cell is empty: write - for the option's own value",
            title(source->table, column, name));
    else if (column == 0)
        table_fault(source, row,
            "column 1 has no name: is it the rows' numbers? Write the table without them (pandas: "
            "index=False)");
    else
        table_fault(source, row, "column %d has no name", column + 1);
}

void table_put(struct table_source *source, int row, int column, const char *text, size_t length)
{
    struct table *table = source->table;
    char name[TABLE_CELL];
    for (; length > 0 && strchr(blanks, text[0]); length--)
        text++;
    while (length > 0 && strchr(blanks, text[length - 1]))
        length--;
    if (length == 0) {
        refuse_empty(source, row, column);
    } else if (length >= TABLE_CELL) {
        table_fault(
            source, row, "%s: a text of more than %d bytes", title(table, column, name), TABLE_CELL - 1);
    } else if (make_room(source, &table->text, &table->room_text, table->n_text + (int64_t)length + 1, 1)) {
        memcpy(table->text + table->n_text, text, length);
        table->text[table->n_text + (int64_t)length] = '\0';
        table->starts[(int64_t)(row + 1) * table->n_columns + column] = table->n_text;
        table->n_text += (int64_t)length + 1;
    }
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

enum status table_read(const char *option, const char *path, struct table *table)
{
    struct table_source source = {.option = option, .path = path, .table = table};
    bool is_hdf5 = false;
    memset(table, 0, sizeof *table);
    source.status = input_file_find(option, path, &is_hdf5);
    if (source.status != WS_OK)
        return source.status;
    enum status status = is_hdf5 ? table_read_dataset(&source) : table_read_text(&source);
    if (status == WS_OK && table->n_rows == 0)
        status = error_add(WS_USAGE, "--%s: '%s' has no rows: each is a case", option, path);
    if (status == WS_FAILED)
        table_destroy(table);
    return status;
}

void table_destroy(struct table *table)
{
    free(table->lines);
    free(table->starts);
    free(table->text);
    memset(table, 0, sizeof *table);
}
