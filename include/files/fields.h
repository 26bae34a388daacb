/** Named values, as the attributes of a file: what a run's options were, what it came to. Plain data: whoever has them lists
 *  them. None of these functions is collective. */
#pragma once

#include "core/error.h"
#include "files/plain.h"

enum { FIELDS_MOST = 96, FIELD_TEXT = 4096, FIELD_REALS = 1024 };

enum field_type { FIELD_TYPE_INT, FIELD_TYPE_REAL, FIELD_TYPE_REALS, FIELD_TYPE_TEXT };

struct field {
    const char *name;
    enum field_type type;
    bool is_identity;    /**< a checkpoint with another value is of another run */
    const char *before;  /**< of a text: what a checkpoint without the field means; or NULL */
    const char *option;  /**< what messages call it, where it is no option of that name; or NULL */
    int64_t count;       /**< of FIELD_TYPE_INT */
    double real;         /**< of FIELD_TYPE_REAL */
    const char *text;    /**< of FIELD_TYPE_TEXT, up to FIELD_TEXT bytes; not owned */
    const double *reals; /**< of FIELD_TYPE_REALS: [n_reals], up to FIELD_REALS; not owned */
    int64_t n_reals;
};

/** A list of fields that grows. */
struct fields {
    int n;
    struct field of[FIELDS_MOST];
};
void fields_add_int(struct fields *fields, const char *name, int64_t value);
void fields_add_real(struct fields *fields, const char *name, double value);
void fields_add_text(struct fields *fields, const char *name, const char *text);

/** Write them as attributes, texts in netCDF's form; or, for a checkpoint, all in the forms of files/plain.h. What HDF5 has
 *  to say is in h5_status. */
void fields_write(hid_t object, const struct fields *fields);
void fields_write_plain(hid_t object, const struct fields *fields);

/** Compare those that tell one run from another with a checkpoint's.
 *  @return WS_OK; WS_USAGE where they differ, with a message for each; WS_FAILED where the file has not got one */
enum status fields_compare(struct plain file, const struct fields *fields);
