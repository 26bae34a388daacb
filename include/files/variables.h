/** Variables of a result file, as tables: name, type, dimensions, unit, description, and where the values are. Each command
 *  lists its own. Not collective. */
#pragma once

#include "core/error.h"
#include <stdbool.h>
#include <stdint.h>

/** What numbers are, in memory and in the file: double, int64_t, uint8_t, uint16_t, int32_t, double complex; or texts in UTF-8. */
enum number_type {
    NUMBER_REAL,
    NUMBER_INT,
    NUMBER_UINT8,
    NUMBER_UINT16,
    NUMBER_INT32,
    NUMBER_COMPLEX,
    NUMBER_TEXT
};

/** A dimension of that name, made in the file with the first variable over it. One with values is a coordinate. */
struct dimension {
    const char *name;
    int64_t length;
    enum number_type type;
    const void *values;   /**< [length], or NULL */
    bool is_counted;      /**< its values are 0, 1, 2, … as integers, and not given */
    const char *meanings; /**< of counted ones, words with blanks between: CF's flag_meanings; or NULL */
    const char *long_name;
    const char *comment; /**< or NULL */
};

enum { VARIABLE_DIMENSIONS = 5 };

struct variable {
    const char *name, *long_name;
    const char *units;   /**< NULL: 1 */
    const char *comment; /**< or NULL */
    const char
        *coordinates; /**< CF's: names of variables, blanks between, that say where its values are; or NULL */
    enum number_type type;
    const struct dimension *over[VARIABLE_DIMENSIONS]; /**< the slowest first; NULL behind the last */
    const void
        *values;     /**< row-major; NULL without fill: room for rows, which all ranks write (files/rows.h) */
    int compression; /**< of such rows: deflate's level, 0 for none */
    size_t
        text_bytes; /**< of NUMBER_TEXT, over one dimension: of each text, of which those behind its end are 0 */
    /** Make the values when they are written: [length] of the variable. content and number are handed on. */
    void (*fill)(const void *content, int number, void *values);
    const void *content;
    int number;
};

/** Write them to an open file of HDF5's, in their order.
 *  @return WS_OK or WS_FAILED (memory); what HDF5 has to say is in h5_status */
enum status variables_write(int64_t file, const struct variable *variables, int n);

/** Check that this HDF5 can compress. Adds a fault with error_add. @param[in] option  named in the message */
enum status variables_check_compression(const char *option);
