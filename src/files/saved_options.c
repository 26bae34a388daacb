#include "files/saved_options.h"
#include "files/h5.h"
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_BYTES = 128 };

static void write(hid_t file, const struct options *options, unsigned takes,
    void (*write_text)(hid_t object, const char *name, const char *text))
{
    struct option_value value;
    for (int i = 0; options_value(options, takes, i, &value); i++)
        switch (value.type) {
        case OPTION_COUNT:
        case OPTION_FLAG:
            h5_attribute_int(file, value.name, value.count);
            break;
        case OPTION_REAL:
            h5_attribute_real(file, value.name, value.real);
            break;
        case OPTION_NUMBERS:
            h5_attribute_reals(file, value.name, value.numbers, value.n_numbers);
            break;
        case OPTION_PATH:
        case OPTION_TIME:
        case OPTION_INTERVAL:
        case OPTION_CHOICE:
            write_text(file, value.name, value.text);
            break;
        }
}

void saved_options_write(hid_t file, const struct options *options, unsigned takes)
{
    write(file, options, takes, h5_attribute_text);
}

void saved_options_write_plain(hid_t file, const struct options *options, unsigned takes)
{
    write(file, options, takes, plain_write_text);
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

/* The file's value of an option beside the run's: whether they are the same, and both in words. */
struct comparison {
    bool is_read, is_same;
    char in_file[SHOWN_BYTES], in_run[SHOWN_BYTES];
};

static void compare_counts(struct plain file, const struct option_value *value, struct comparison *comparison)
{
    int64_t saved = 0;
    comparison->is_read = plain_read_int(file, value->name, &saved);
    comparison->is_same = saved == value->count;
    snprintf(comparison->in_file, SHOWN_BYTES, "%" PRId64, saved);
    snprintf(comparison->in_run, SHOWN_BYTES, "%" PRId64, value->count);
}

static void compare_reals(struct plain file, const struct option_value *value, struct comparison *comparison)
{
    double saved = 0;
    comparison->is_read = plain_read_real(file, value->name, &saved);
    comparison->is_same = same_real(saved, value->real);
    show_real(comparison->in_file, saved);
    show_real(comparison->in_run, value->real);
}

static void compare_lists(struct plain file, const struct option_value *value, struct comparison *comparison)
{
    double saved[OPTION_LIST];
    int64_t n = 0;
    comparison->is_read = plain_read_reals(file, value->name, saved, OPTION_LIST, &n);
    comparison->is_same = comparison->is_read && n == value->n_numbers &&
                          memcmp(saved, value->numbers, (size_t)n * sizeof *saved) == 0;
    snprintf(comparison->in_file, SHOWN_BYTES, "another list");
    snprintf(comparison->in_run, SHOWN_BYTES, "this one");
}

static void compare_texts(struct plain file, const struct option_value *value, struct comparison *comparison)
{
    char saved[OPTION_TEXT + 1] = "";
    comparison->is_read = plain_read_text(file, value->name, saved, sizeof saved);
    comparison->is_same = strcmp(saved, value->text) == 0;
    snprintf(comparison->in_file, SHOWN_BYTES, "'%.*s'", SHOWN_BYTES - 3, saved);
    snprintf(comparison->in_run, SHOWN_BYTES, "'%.*s'", SHOWN_BYTES - 3, value->text);
}

static void compare(struct plain file, const struct option_value *value, struct comparison *comparison)
{
    switch (value->type) {
    case OPTION_COUNT:
    case OPTION_FLAG:
        return compare_counts(file, value, comparison);
    case OPTION_REAL:
        return compare_reals(file, value, comparison);
    case OPTION_NUMBERS:
        return compare_lists(file, value, comparison);
    case OPTION_PATH:
    case OPTION_TIME:
    case OPTION_INTERVAL:
    case OPTION_CHOICE:
        return compare_texts(file, value, comparison);
    }
}

enum status saved_options_compare(struct plain file, const struct options *options, unsigned takes)
{
    enum status status = WS_OK;
    struct option_value value;
    for (int i = 0; options_value(options, takes, i, &value); i++) {
        struct comparison comparison = {.is_read = false};
        if (value.resume != RESUME_SAME &&
            !(value.resume == RESUME_SAME_IF_RECORDED && options->record_every > 0))
            continue;
        compare(file, &value, &comparison);
        if (!comparison.is_read)
            return WS_FAILED;
        if (!comparison.is_same)
            status = error_add(WS_USAGE, "--%s: the checkpoint has %s, this run %s", value.name,
                comparison.in_file, comparison.in_run);
    }
    return status;
}
