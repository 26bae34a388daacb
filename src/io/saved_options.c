#include "io/saved_options.h"
#include "io/h5.h"
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_BYTES = 128 };

void saved_options_write(hid_t file, const struct options *options, unsigned takes)
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
            h5_attribute_text(file, value.name, value.text);
            break;
        }
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

/* The file's value of an option beside the run's: whether they are the same, and the file's in words. */
static bool is_same(hid_t file, const struct option_value *value, char *in_file, char *in_run)
{
    switch (value->type) {
    case OPTION_COUNT:
    case OPTION_FLAG: {
        const int64_t saved = h5_read_attribute_int(file, value->name);
        snprintf(in_file, SHOWN_BYTES, "%" PRId64, saved);
        snprintf(in_run, SHOWN_BYTES, "%" PRId64, value->count);
        return saved == value->count;
    }
    case OPTION_REAL: {
        const double saved = h5_read_attribute_real(file, value->name);
        show_real(in_file, saved);
        show_real(in_run, value->real);
        return same_real(saved, value->real);
    }
    case OPTION_NUMBERS: {
        double saved[OPTION_LIST];
        const int64_t n = h5_read_attribute_reals(file, value->name, saved, OPTION_LIST);
        snprintf(in_file, SHOWN_BYTES, "another list");
        snprintf(in_run, SHOWN_BYTES, "this one");
        return n == value->n_numbers && memcmp(saved, value->numbers, (size_t)n * sizeof *saved) == 0;
    }
    case OPTION_PATH:
    case OPTION_TIME:
    case OPTION_INTERVAL:
    case OPTION_CHOICE: {
        char *saved = h5_read_attribute_text(file, value->name);
        snprintf(in_file, SHOWN_BYTES, "'%s'", saved ? saved : "");
        snprintf(in_run, SHOWN_BYTES, "'%s'", value->text);
        const bool same = saved && strcmp(saved, value->text) == 0;
        free(saved);
        return same;
    }
    }
    return false;
}

enum status saved_options_compare(hid_t file, const struct options *options, unsigned takes)
{
    enum status status = WS_OK;
    struct option_value value;
    for (int i = 0; options_value(options, takes, i, &value); i++) {
        char in_file[SHOWN_BYTES] = "", in_run[SHOWN_BYTES] = "";
        const bool matters = value.resume == RESUME_SAME ||
                             (value.resume == RESUME_SAME_IF_RECORDED && options->record_every > 0);
        if (matters && !is_same(file, &value, in_file, in_run) && h5_status() == WS_OK)
            status =
                error_add(WS_USAGE, "--%s: the checkpoint has %s, this run %s", value.name, in_file, in_run);
    }
    return status;
}
