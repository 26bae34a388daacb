#include "files/fields.h"
#include "files/h5.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_BYTES = 128 };

static struct field *add(struct fields *fields, const char *name, enum field_type type)
{
    ENSURE(fields->n < FIELDS_MOST);
    struct field *field = &fields->of[fields->n++];
    *field = (struct field){.name = name, .type = type};
    return field;
}

void fields_add_int(struct fields *fields, const char *name, int64_t value)
{
    add(fields, name, FIELD_TYPE_INT)->count = value;
}

void fields_add_real(struct fields *fields, const char *name, double value)
{
    add(fields, name, FIELD_TYPE_REAL)->real = value;
}

void fields_add_text(struct fields *fields, const char *name, const char *text)
{
    add(fields, name, FIELD_TYPE_TEXT)->text = text;
}

static void write(hid_t object, const struct fields *fields,
    void (*write_text)(hid_t object, const char *name, const char *text))
{
    for (int i = 0; i < fields->n; i++) {
        const struct field *field = &fields->of[i];
        switch (field->type) {
        case FIELD_TYPE_INT:
            h5_attribute_int(object, field->name, field->count);
            break;
        case FIELD_TYPE_REAL:
            h5_attribute_real(object, field->name, field->real);
            break;
        case FIELD_TYPE_REALS:
            h5_attribute_reals(object, field->name, field->reals, field->n_reals);
            break;
        case FIELD_TYPE_TEXT:
            write_text(object, field->name, field->text);
            break;
        }
    }
}

void fields_write(hid_t object, const struct fields *fields)
{
    write(object, fields, h5_attribute_text);
}

void fields_write_plain(hid_t object, const struct fields *fields)
{
    write(object, fields, plain_write_text);
}

/* What a number is called in a message: 17 digits tell any two apart. */
static void show_real(char *shown, double value)
{
    if (isnan(value))
        snprintf(shown, SHOWN_BYTES, "none");
    else
        snprintf(shown, SHOWN_BYTES, "%.17g", value);
}

static bool same_real(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* The file's value of a field beside the run's: whether they are the same, and both in words. */
struct comparison {
    bool is_read, is_same;
    char in_file[SHOWN_BYTES], in_run[SHOWN_BYTES];
};

static void compare_counts(struct plain file, const struct field *field, struct comparison *comparison)
{
    int64_t saved = 0;
    comparison->is_read = plain_read_int(file, field->name, &saved);
    comparison->is_same = saved == field->count;
    snprintf(comparison->in_file, SHOWN_BYTES, "%" PRId64, saved);
    snprintf(comparison->in_run, SHOWN_BYTES, "%" PRId64, field->count);
}

static void compare_reals(struct plain file, const struct field *field, struct comparison *comparison)
{
    double saved = 0;
    comparison->is_read = plain_read_real(file, field->name, &saved);
    comparison->is_same = same_real(saved, field->real);
    show_real(comparison->in_file, saved);
    show_real(comparison->in_run, field->real);
}

static void compare_lists(struct plain file, const struct field *field, struct comparison *comparison)
{
    double saved[FIELD_REALS];
    int64_t n = 0;
    comparison->is_read = plain_read_reals(file, field->name, saved, FIELD_REALS, &n);
    comparison->is_same = comparison->is_read && n == field->n_reals &&
                          memcmp(saved, field->reals, (size_t)n * sizeof *saved) == 0;
    snprintf(comparison->in_file, SHOWN_BYTES, "another list");
    snprintf(comparison->in_run, SHOWN_BYTES, "this one");
}

static void compare_texts(struct plain file, const struct field *field, struct comparison *comparison)
{
    char saved[FIELD_TEXT + 1] = "";
    if (field->before && !plain_has(file, field->name))
        comparison->is_read = snprintf(saved, sizeof saved, "%s", field->before) >= 0;
    else
        comparison->is_read = plain_read_text(file, field->name, saved, sizeof saved);
    comparison->is_same = strcmp(saved, field->text) == 0;
    snprintf(comparison->in_file, SHOWN_BYTES, "'%.*s'", SHOWN_BYTES - 3, saved);
    snprintf(comparison->in_run, SHOWN_BYTES, "'%.*s'", SHOWN_BYTES - 3, field->text);
}

static void compare(struct plain file, const struct field *field, struct comparison *comparison)
{
    switch (field->type) {
    case FIELD_TYPE_INT:
        return compare_counts(file, field, comparison);
    case FIELD_TYPE_REAL:
        return compare_reals(file, field, comparison);
    case FIELD_TYPE_REALS:
        return compare_lists(file, field, comparison);
    case FIELD_TYPE_TEXT:
        return compare_texts(file, field, comparison);
    }
}

enum status fields_compare(struct plain file, const struct fields *fields)
{
    enum status status = WS_OK;
    for (int i = 0; i < fields->n; i++) {
        const struct field *field = &fields->of[i];
        struct comparison comparison = {.is_read = false};
        if (!field->is_identity)
            continue;
        compare(file, field, &comparison);
        if (!comparison.is_read)
            return WS_FAILED;
        if (!comparison.is_same)
            status = error_add(WS_USAGE, "--%s: the checkpoint has %s, this run %s",
                field->option ? field->option : field->name, comparison.in_file, comparison.in_run);
    }
    return status;
}
