/* In three steps: what there is, whether it makes columns, their values. */
#include "files/h5.h"
#include "files/input_file.h"
#include "files/packing.h"
#include "files/table_source.h"
#include <hdf5_hl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 64, NUMBER_BYTES = 32 };

/* Bytes of a column that are read at once. */
static const int64_t most_bytes = INT64_C(1) << 30;

/* How a dataset holds a column. */
enum kind {
    NUMBERS,
    TEXTS,         /* of a fixed length */
    VARIABLE_TEXTS /* of any length */
};

struct column {
    char name[TABLE_CELL];
    hid_t dataset;
    enum kind kind;
    bool is_index;
    size_t bytes; /* of a text of fixed length: a value's, or a row's of netCDF's characters */
    struct packing packing;
};

struct reading {
    struct table_source *source;
    hid_t file;
    struct column *columns; /* [TABLE_COLUMNS + 1] */
    int n_columns;
    int64_t n_rows; /* -1 as long as there is no column */
};

static void fault(struct reading *reading, const char *name, const char *what)
{
    error_add(WS_USAGE, "--%s: '%.*s' of '%s' %s", reading->source->option, SHOWN, name,
        reading->source->path, what);
    reading->source->status = reading->source->status == WS_FAILED ? WS_FAILED : WS_USAGE;
}

/* ---- what makes a column ---------------------------------------------------------------------------------------- */

/* netCDF's characters: a dimension more, with a byte each. */
static bool find_kind(struct column *column, hid_t type, int rank, const hsize_t *extent)
{
    const H5T_class_t class = H5Tget_class(type);
    const size_t bytes = H5Tget_size(type);
    column->bytes = bytes;
    if (class == H5T_FLOAT || class == H5T_INTEGER)
        column->kind = NUMBERS;
    else if (class == H5T_STRING)
        column->kind = H5Tis_variable_str(type) > 0 ? VARIABLE_TEXTS : TEXTS;
    else
        return false;
    if (rank == 2 && column->kind == TEXTS && bytes == 1) {
        column->bytes = (size_t)(extent[1] <= (hsize_t)most_bytes ? extent[1] : (hsize_t)most_bytes + 1);
        return true;
    }
    return rank == 1;
}

/* @return NULL, or why it is no column */
static const char *look(struct reading *reading, struct column *column)
{
    hsize_t extent[H5S_MAX_RANK] = {0};
    const hid_t space = H5Dget_space(column->dataset), type = H5Dget_type(column->dataset);
    const int rank = H5Sget_simple_extent_dims(space, extent, NULL);
    const bool is_column = rank > 0 && find_kind(column, type, rank, extent);
    const bool is_integer = H5Tget_class(type) == H5T_INTEGER;
    H5Tclose(type);
    H5Sclose(space);
    if (!is_column)
        return "is not one-dimensional, of numbers or texts: a column is a dataset of its own";
    if (input_file_lies_elsewhere(column->dataset))
        return "lies in another file, which is not read: write the values themselves";
    if (extent[0] > TABLE_ROWS)
        return "has more than a million values, and a table has at most so many rows";
    if (column->bytes * extent[0] > (hsize_t)most_bytes)
        return "has more than 1 GiB of texts, and a table has less";
    if (column->kind == NUMBERS && packing_of(column->dataset, &column->packing))
        return "has attributes that cannot be understood (scale_factor, missing_value and their like): write "
               "plain "
               "numbers";
    if (reading->n_rows >= 0 && (hsize_t)reading->n_rows != extent[0])
        return "has another number of values than the first column";
    column->is_index = is_integer && H5DSis_scale(column->dataset) > 0;
    reading->n_rows = (int64_t)extent[0];
    return NULL;
}

/* A dataset, now open, which is closed with the others where it becomes a column. */
static void take_dataset(struct reading *reading, const char *name, hid_t dataset)
{
    struct column *column = &reading->columns[reading->n_columns];
    *column = (struct column){.dataset = dataset};
    snprintf(column->name, sizeof column->name, "%s", name);
    const struct table_source *source = reading->source;
    bool is_column = false;
    const char *why = reading->n_columns == TABLE_COLUMNS ? "is one column too many" : look(reading, column);
    if (why)
        fault(reading, name, why);
    else if (input_file_check_filters(source->option, source->path, column->name, dataset) != WS_OK)
        reading->source->status = WS_USAGE;
    else
        is_column = true;
    if (is_column)
        reading->n_columns++;
    else
        H5Dclose(dataset);
}

/* Links that lead elsewhere are not followed. */
static herr_t take_link(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    struct reading *reading = context;
    if (info->type != H5L_TYPE_HARD) {
        fault(reading, name, "is a link, which is not followed: write the values themselves");
        return 0;
    }
    const hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    const H5I_type_t kind = object >= 0 ? H5Iget_type(object) : H5I_BADID;
    if (kind == H5I_DATASET && !input_file_is_bare_dimension(object)) {
        const bool is_last = reading->n_columns == TABLE_COLUMNS;
        take_dataset(reading, name, object);
        return is_last; /* there may be no end to it */
    }
    if (kind == H5I_GROUP)
        fault(reading, name, "is a group: columns are datasets at the top of the file");
    else if (kind != H5I_DATASET && kind != H5I_DATATYPE)
        fault(reading, name, "cannot be opened: the file is damaged");
    if (object >= 0)
        H5Oclose(object);
    return 0;
}

/* In the order in which they were written, where the file knows it. */
static void find_columns(struct reading *reading)
{
    unsigned order = 0;
    const hid_t top = H5Gopen2(reading->file, "/", H5P_DEFAULT), plan = H5Gget_create_plist(top);
    H5Pget_link_creation_order(plan, &order);
    H5Pclose(plan);
    H5Gclose(top);
    const H5_index_t by = order & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
    if (H5Literate(reading->file, by, H5_ITER_INC, NULL, take_link, reading) < 0)
        reading->source->status =
            error_add(WS_USAGE, "--%s: what '%s' holds cannot be read: the file is damaged",
                reading->source->option, reading->source->path);
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

/* The shortest text that reads back as the number. */
static const char *number_text(double value, char text[NUMBER_BYTES])
{
    int digits = 15;
    do
        snprintf(text, NUMBER_BYTES, "%.*g", digits, value);
    while (digits++ < 17 && strtod(text, NULL) != value);
    return text;
}

static void put_number(struct reading *reading, int row, int index, double packed)
{
    const struct column *column = &reading->columns[index];
    char why[SHOWN + NUMBER_BYTES], text[NUMBER_BYTES];
    double value = packed;
    if (packing_unpack(&column->packing, packed, &value, why, sizeof why)) {
        number_text(value, text);
        table_put(reading->source, row, index, text, strlen(text));
    } else {
        table_fault(reading->source, row, "%s: %s", column->name, why);
    }
}

/* What was read of a column: the i-th row's. */
static void put_value(struct reading *reading, int row, int index, const void *values)
{
    const struct column *column = &reading->columns[index];
    if (column->kind == NUMBERS) {
        put_number(reading, row, index, ((const double *)values)[row]);
    } else if (column->kind == TEXTS) {
        const char *text = (const char *)values + (size_t)row * column->bytes;
        table_put(reading->source, row, index, text, strnlen(text, column->bytes));
    } else {
        const char *text = ((char *const *)values)[row];
        table_put(reading->source, row, index, text ? text : "", text ? strlen(text) : 0);
    }
}

static void read_column(struct reading *reading, int index)
{
    const struct column *column = &reading->columns[index];
    const size_t each = column->kind == NUMBERS ? sizeof(double)
                        : column->kind == TEXTS ? column->bytes
                                                : sizeof(char *);
    const size_t bytes = (size_t)reading->n_rows * each;
    void *values = calloc(bytes + 1, 1);
    if (!values) {
        reading->source->status = error_memory(bytes, "a column of the table");
        return;
    }
    const hid_t in_file = H5Dget_type(column->dataset), space = H5Dget_space(column->dataset);
    const hid_t type = column->kind == NUMBERS ? H5T_NATIVE_DOUBLE : in_file;
    if (H5Dread(column->dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        fault(reading, column->name, "cannot be read: the file is damaged");
    else
        for (int row = 0; row < (int)reading->n_rows && reading->source->status != WS_FAILED; row++)
            put_value(reading, row, index, values);
    if (column->kind == VARIABLE_TEXTS)
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
    H5Sclose(space);
    H5Tclose(in_file);
    free(values);
}

static void read_columns(struct reading *reading)
{
    struct table_source *source = reading->source;
    if (reading->n_columns == 0) {
        if (source->status == WS_OK)
            source->status = error_add(
                WS_USAGE, "--%s: '%s' has no datasets, which columns are", source->option, source->path);
        return;
    }
    if (!table_begin(source, reading->n_columns))
        return;
    for (int i = 0; i < reading->n_columns && source->status != WS_FAILED; i++) {
        source->table->is_index[i] = reading->columns[i].is_index;
        table_put(source, -1, i, reading->columns[i].name, strlen(reading->columns[i].name));
    }
    for (int64_t row = 0; row < reading->n_rows; row++)
        if (!table_add_row(source, 0))
            return;
    for (int i = 0; i < reading->n_columns && source->status != WS_FAILED; i++)
        read_column(reading, i);
}

enum status table_read_dataset(struct table_source *source)
{
    struct reading reading = {.source = source, .n_rows = -1};
    reading.columns = calloc(TABLE_COLUMNS + 1, sizeof *reading.columns);
    if (!reading.columns)
        return source->status = error_memory((TABLE_COLUMNS + 1) * sizeof *reading.columns, "the table");
    reading.file = input_file_open(source->option, source->path);
    if (reading.file >= 0) {
        find_columns(&reading);
        read_columns(&reading);
        for (int i = 0; i < reading.n_columns; i++)
            H5Dclose(reading.columns[i].dataset);
        H5Fclose(reading.file);
    } else {
        source->status = WS_USAGE;
    }
    free(reading.columns);
    return source->status;
}
