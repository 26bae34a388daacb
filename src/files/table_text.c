#include "core/text_file.h"
#include "core/words.h"
#include "files/table_source.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

static const int64_t most_bytes = INT64_C(1) << 30;

static const char blanks[] = " \t\v\f\r";

struct reading {
    struct table_source *source;
    struct text_file file;
    bool has_commas;
    bool are_longer; /* by one cell than the header: all rows so far */
};

/* A line's next cell: cut out of it, without quotes. */
struct cell {
    const char *text;
    size_t length;
};

/* Where the line goes on behind a cell, and whether there is another. */
struct cursor {
    char *at;
    bool has_more;
    const char *fault; /* of the line, or NULL */
};

/* A quoted text, without its quotes; at stands behind the first of them. @return NULL where the last one is missing */
static char *unquote(char *at, struct cell *cell)
{
    char *to = at;
    cell->text = at;
    for (; *at != '\0'; at++) {
        if (*at == '"' && at[1] != '"') {
            cell->length = (size_t)(to - cell->text);
            return at + 1;
        }
        at += *at == '"';
        *to++ = *at;
    }
    return NULL;
}

static struct cell next_cell(struct cursor *cursor, bool has_commas)
{
    const char *const ends = has_commas ? ",#" : " \t\v\f\r#";
    struct cell cell = {.text = ""};
    char *at = cursor->at + strspn(cursor->at, blanks);
    if (*at == '"') {
        at = unquote(at + 1, &cell);
        cursor->fault = at ? NULL : "a quote has no end on this line";
        at = at ? at : cursor->at + strlen(cursor->at);
        if (has_commas)
            at += strspn(at, blanks);
        if (!cursor->fault && *at != '\0' && !strchr(ends, *at))
            cursor->fault = "behind a quoted cell there is more: a quote within quotes is doubled";
    } else {
        cell.text = at;
        at += strcspn(at, ends);
        cell.length = (size_t)(at - cell.text);
    }
    if (!has_commas)
        at += strspn(at, blanks);
    cursor->has_more = has_commas ? *at == ',' : *at != '\0' && *at != '#';
    cursor->at = at + (has_commas && cursor->has_more);
    return cell;
}

/* The cells of the line, of which there may be more than are kept. @return how many there are, -1 after a fault */
static int64_t split(struct reading *reading, struct cell cells[TABLE_COLUMNS], const char **fault)
{
    struct cursor cursor = {.at = reading->file.line, .has_more = true};
    int64_t n = 0;
    for (; cursor.has_more && !cursor.fault; n++) {
        const struct cell cell = next_cell(&cursor, reading->has_commas);
        if (n < TABLE_COLUMNS)
            cells[n] = cell;
    }
    *fault = cursor.fault;
    return n;
}

/* ---- header and rows -------------------------------------------------------------------------------------------- */

static void check_twice(struct reading *reading)
{
    const struct table *table = reading->source->table;
    for (int i = 0; i < table->n_columns; i++)
        for (int j = 0; j < i && table_name(table, i); j++)
            if (table_name(table, j) && strcmp(table_name(table, i), table_name(table, j)) == 0) {
                table_fault(reading->source, -1, "column %s is there twice", table_name(table, i));
                break;
            }
}

/* The first line. @return whether rows can be read */
static bool take_header(struct reading *reading)
{
    struct table_source *source = reading->source;
    struct cell cells[TABLE_COLUMNS];
    const char *fault = NULL;
    const char *const line = reading->file.line, *const mark = line + strcspn(line, ",;#");
    source->header_line = reading->file.number;
    reading->has_commas = *mark == ',';
    const int64_t n = split(reading, cells, &fault);
    if (*mark == ';')
        fault = "semicolons: columns are parted by commas or blanks, and decimals are written with a point";
    if (fault)
        table_fault(source, -1, "%s", fault);
    else if (n > TABLE_COLUMNS)
        table_fault(source, -1, "%" PRId64 " columns: at most %d", n, TABLE_COLUMNS);
    if (fault || n > TABLE_COLUMNS || !table_begin(source, (int)n))
        return false;
    for (int i = 0; i < (int)n && source->status != WS_FAILED; i++)
        table_put(source, -1, i, cells[i].text, cells[i].length);
    check_twice(reading);
    return source->status != WS_FAILED;
}

/* A row of another length than the header's. One cell more in each row from the first on is said once. */
static void refuse_length(struct reading *reading, int row, int64_t n)
{
    const int n_columns = reading->source->table->n_columns;
    const bool is_longer = n == n_columns + 1;
    if (row == 0 && is_longer)
        table_fault(reading->source, row,
            "%" PRId64
            " cells, and the header names %d column%s: is the first one the row's number? Write the "
            "table without (pandas: index=False)",
            n, n_columns, words_plural(n_columns));
    else if (!is_longer || !reading->are_longer)
        table_fault(reading->source, row, "%" PRId64 " cell%s, and the header names %d column%s", n,
            words_plural(n), n_columns, words_plural(n_columns));
    reading->are_longer = is_longer && (row == 0 || reading->are_longer);
}

static void take_row(struct reading *reading)
{
    struct table_source *source = reading->source;
    struct cell cells[TABLE_COLUMNS];
    const char *fault = NULL;
    const int row = source->table->n_rows;
    const int64_t n = split(reading, cells, &fault);
    if (!table_add_row(source, reading->file.number))
        return;
    if (fault) {
        table_fault(source, row, "%s", fault);
    } else if (n != source->table->n_columns) {
        refuse_length(reading, row, n);
    } else {
        reading->are_longer = false;
        for (int i = 0; i < (int)n && source->status != WS_FAILED; i++)
            table_put(source, row, i, cells[i].text, cells[i].length);
    }
}

static bool is_empty(const char *line)
{
    line += strspn(line, blanks);
    return *line == '\0' || *line == '#';
}

/* All lines. @return what the reading of them ended with */
static enum text_line take_lines(struct reading *reading)
{
    struct table *table = reading->source->table;
    enum text_line got = TEXT_LINE;
    bool goes_on = true;
    while (goes_on && (got = text_file_next(&reading->file)) == TEXT_LINE) {
        if (is_empty(reading->file.line))
            continue;
        if (table->n_columns == 0) {
            goes_on = take_header(reading);
        } else if (table->n_rows == TABLE_ROWS) {
            char most[WORDS_COUNT];
            table_fault(reading->source, TABLE_ROWS - 1, "there are more than %s rows",
                words_count(TABLE_ROWS, most));
            goes_on = false;
        } else {
            take_row(reading);
            goes_on = reading->source->status != WS_FAILED;
        }
    }
    return got;
}

static const char *check_size(const struct text_file *file)
{
    struct stat found;
    if (fstat(fileno(file->file), &found) != 0)
        return strerror(errno);
    return found.st_size > most_bytes ? "it has more than 1 GiB, and a table has less" : NULL;
}

enum status table_read_text(struct table_source *source)
{
    struct reading reading = {.source = source};
    const char *why = text_file_open(&reading.file, source->path);
    enum text_line got = TEXT_END;
    if (!why)
        why = check_size(&reading.file);
    if (!why)
        got = take_lines(&reading);
    if (got == TEXT_FAILED)
        why = strerror(errno);
    if (why)
        source->status = error_add(WS_USAGE, "--%s: cannot read '%s': %s", source->option, source->path, why);
    else if (got == TEXT_BINARY)
        source->status = error_add(WS_USAGE,
            "--%s: line %" PRId64
            " of '%s' is no text in ASCII or UTF-8, and the file is not HDF5's (netCDF-4's)",
            source->option, reading.file.number, source->path);
    else if (got == TEXT_END && source->table->n_columns == 0)
        source->status = error_add(
            WS_USAGE, "--%s: '%s' is empty: its first line names the columns", source->option, source->path);
    text_file_close(&reading.file);
    return source->status;
}
