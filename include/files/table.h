/** A table that the user gives: columns with names, and a row of texts for each case.
 *
 *  Text: blank lines and what stands behind # are skipped; the first other line names the columns. Where it has a comma,
 *  cells are between commas, else between blanks. A cell may be "quoted" to have blanks, commas or # in it, and a quote is
 *  doubled then. Or HDF5 (netCDF-4): datasets of one dimension and one length at the top of the file are the columns; numbers
 *  become texts that read back as the same double, packed ones are unpacked (files/packing.h). netCDF's dimensions without
 *  values are no columns; those with whole numbers are marked. Not collective. */
#pragma once

#include "core/error.h"
#include <stdbool.h>
#include <stdint.h>

enum { TABLE_COLUMNS = 64, TABLE_ROWS = 1000000, TABLE_CELL = 4096, TABLE_PLACE = TABLE_CELL + 64 };

struct table {
    int n_columns, n_rows;
    bool is_index
        [TABLE_COLUMNS]; /**< whether it numbers a dimension of a netCDF file, and may be no column for the user */
    int64_t *lines;      /**< [n_rows] where each row stands, from 1; 0 in an HDF5 file */
    int64_t *starts; /**< [1 + n_rows][n_columns] where names and cells begin in text; -1 for a faulty one */
    char *text;
    int64_t room_starts, room_lines, room_text, n_text; /**< while it is read */
};

/** Read a file. Every fault is added with error_add: its row (from 1), line and column.
 *  @param[in]  option  that names the file, for messages
 *  @param[out] table   to be freed with table_destroy in any case; after WS_USAGE it has what is without fault
 *  @return WS_OK: at least one column and one row, columns have different names, each row a text of 1 … TABLE_CELL - 1 bytes
 *          for each column. WS_USAGE; or WS_FAILED (memory), the table is empty then */
enum status table_read(const char *option, const char *path, struct table *table);
void table_destroy(struct table *table);

const char *table_name(const struct table *table, int column);

/** A cell; NULL for one that has a fault. */
const char *table_cell(const struct table *table, int row, int column);

/** What begins a message on a row: "data/t.txt, row 3 (line 7): ".
 *  @param[in]  row   from 0; -1 for the header
 *  @param[in]  line  0 for none
 *  @param[out] text  [TABLE_PLACE] @return text */
const char *table_where(const char *path, int row, int64_t line, char *text);
