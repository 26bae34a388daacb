/** The two readers of a table (files/table.h), and what they fill it with. Each adds its faults with error_add. Not
 *  collective. */
#pragma once

#include "files/table.h"
#include <stddef.h>

/** A file that is being read into a table. */
struct table_source {
    const char *option, *path;
    struct table *table; /**< all zero before */
    int64_t header_line; /**< 0 for none */
    enum status status;  /**< the worst so far */
};

/** @return source->status */
enum status table_read_text(struct table_source *source);
enum status table_read_dataset(struct table_source *source);

/** Begin with the header, 1 … TABLE_COLUMNS columns; add a row. Names and cells are faulty until they are put there.
 *  @return false where there is no memory: status says so */
bool table_begin(struct table_source *source, int n_columns);
bool table_add_row(struct table_source *source, int64_t line);

/** Keep a text [length] as a column's name (row -1) or a cell, without the blanks around it. One that is empty or too long
 *  stays faulty, and is a fault. */
void table_put(struct table_source *source, int row, int column, const char *text, size_t length);

/** Add a fault: of a row, from 0, or of the header (-1). */
void table_fault(struct table_source *source, int row, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
