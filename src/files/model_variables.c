/* In three steps, each of which says all that it has to say: what there is, its shapes, its values. */
#include "files/model_variables.h"
#include "core/parse.h"
#include "core/topology.h"
#include "files/h5.h"
#include "files/input_file.h"
#include "files/packing.h"
#include <ctype.h>
#include <hdf5_hl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINKS_MOST = 1000, TEXT_BYTES = 512 };

static const char outcome[] = "outcome_";

/* What netCDF leaves where nothing was written (NC_FILL_DOUBLE, and the same number as a float). */
static const double netcdf_fill = 9.9692099683868690e+36;

/* What stands at the top of the file under a name. */
struct entry {
    char *name;
    H5L_type_t link;
    H5I_type_t kind;
    bool is_dimension; /* of netCDF, without values */
    bool is_scale;
};

struct reading {
    const struct model_source *source;
    struct tabulated_data *data;
    struct entry entries[LINKS_MOST];
    int n_entries;
    hid_t datasets[TABULATED_ALL];                /* negative for what is not there */
    const char *first_with[TABULATED_DIMENSIONS]; /* the variable that has set the length */
    enum status status;
};

static void add_fault(struct reading *reading, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_fault(struct reading *reading, const char *format, ...)
{
    char text[2 * TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    reading->status = error_add(WS_USAGE, "%s: %s", reading->source->where, text);
}

/* ---- what there is ---------------------------------------------------------------------------------------------- */

/* Links that lead elsewhere are not followed. */
static herr_t note_entry(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    struct reading *reading = context;
    if (reading->n_entries == LINKS_MOST)
        return 1;
    struct entry entry = {.name = strdup(name), .link = info->type, .kind = H5I_BADID};
    if (!entry.name) {
        reading->status = error_memory(strlen(name), "a variable's name");
        return 1;
    }
    const hid_t object = info->type == H5L_TYPE_HARD ? H5Oopen(group, name, H5P_DEFAULT) : H5I_INVALID_HID;
    if (object >= 0) {
        entry.kind = H5Iget_type(object);
        entry.is_scale = entry.kind == H5I_DATASET && H5DSis_scale(object) > 0;
        entry.is_dimension = entry.is_scale && input_file_is_bare_dimension(object);
        H5Oclose(object);
    }
    reading->entries[reading->n_entries++] = entry;
    return 0;
}

static bool is_variable(const struct entry *entry)
{
    return entry->kind == H5I_DATASET && !entry->is_dimension;
}

static const struct entry *entry_of(const struct reading *reading, const char *name)
{
    for (int i = 0; i < reading->n_entries; i++)
        if (strcmp(reading->entries[i].name, name) == 0)
            return &reading->entries[i];
    return NULL;
}

static bool is_known(const char *name)
{
    for (int i = 0; i < TABULATED_VARIABLES; i++)
        if (strcmp(name, tabulated_rows[i].name) == 0)
            return true;
    for (int i = 0; i < TABULATED_DIMENSIONS; i++)
        if (strcmp(name, tabulated_dimensions[i]) == 0)
            return true;
    return strncmp(name, outcome, sizeof outcome - 1) == 0;
}

static void refuse_unknown(struct reading *reading, const char *name)
{
    const char *names[TABULATED_VARIABLES];
    for (int i = 0; i < TABULATED_VARIABLES; i++)
        names[i] = tabulated_rows[i].name;
    const char *nearest = parse_nearest(name, names, TABULATED_VARIABLES);
    add_fault(reading, "unknown variable '%.64s'%s%s%s", name, nearest ? "; did you mean '" : "",
        nearest ? nearest : "", nearest ? "'?" : "");
}

static void check_entry(struct reading *reading, const struct entry *entry)
{
    const bool known = is_known(entry->name);
    if (entry->link != H5L_TYPE_HARD)
        add_fault(
            reading, "'%.64s' is a link, which is not followed: write the values themselves", entry->name);
    else if (entry->kind == H5I_BADID)
        add_fault(reading, "'%.64s' cannot be opened: the file is damaged", entry->name);
    else if (entry->kind == H5I_GROUP && known)
        add_fault(reading, "'%.64s' is a group: write the variable at the top of the file", entry->name);
    else if (is_variable(entry) && !known && !entry->is_scale)
        refuse_unknown(reading, entry->name);
}

static void find_entries(struct reading *reading)
{
    if (H5Literate(reading->source->file, H5_INDEX_NAME, H5_ITER_INC, NULL, note_entry, reading) < 0)
        add_fault(reading, "what it holds cannot be read: the file is damaged");
    if (reading->n_entries == LINKS_MOST)
        add_fault(reading, "it has %d variables and groups or more: no model file has so many", LINKS_MOST);
    for (int i = 0; i < reading->n_entries; i++)
        check_entry(reading, &reading->entries[i]);
}

static void require(struct reading *reading, enum tabulated_variable variable)
{
    const char *names[LINKS_MOST], *name = tabulated_rows[variable].name;
    const struct entry *entry = entry_of(reading, name);
    int n = 0;
    if (entry && !entry->is_dimension)
        return; /* what is there but no variable was said */
    for (int i = 0; i < reading->n_entries; i++)
        if (is_variable(&reading->entries[i]) && !is_known(reading->entries[i].name))
            names[n++] = reading->entries[i].name;
    const char *nearest = parse_nearest(name, names, n);
    add_fault(reading, "variable '%s' is missing%s%.64s%s", name,
        nearest ? "; the nearest name there is '" : "", nearest ? nearest : "", nearest ? "'" : "");
}

/* A chain is dense, or sparse with all its three variables. */
static void require_all(struct reading *reading)
{
    static const enum tabulated_variable sparse[] = {TRANSITION_START, TRANSITION_TO, TRANSITION_PROBABILITY};
    bool is_sparse = false;
    for (int i = 0; i < 3 && !entry_of(reading, tabulated_rows[TRANSITION].name); i++)
        is_sparse |= entry_of(reading, tabulated_rows[sparse[i]].name) != NULL;
    if (!is_sparse)
        require(reading, TRANSITION);
    for (int i = 0; is_sparse && i < 3; i++)
        require(reading, sparse[i]);
    require(reading, POLICY_WEALTH);
    require(reading, POLICY_SAVINGS);
}

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

/* A variable with its dimensions, in the order of the file. */
static void describe(const struct tabulated_row *row, const char *name, bool has_aggregate, char *text)
{
    const bool has_two = row->over[1] != TABULATED_NONE;
    snprintf(text, TEXT_BYTES, "%.64s(%s%s%s%s)", name, has_aggregate ? "aggregate, " : "",
        tabulated_dimensions[row->over[0]], has_two ? ", " : "",
        has_two ? tabulated_dimensions[row->over[1]] : "");
}

static void refuse_rank(struct reading *reading, const struct tabulated_row *row, const char *name,
    const hsize_t *extent, int rank)
{
    char right[TEXT_BYTES], other[TEXT_BYTES] = "", shape[TEXT_BYTES] = "a single value";
    describe(row, name, false, right);
    if (row->may_have_aggregate)
        describe(row, name, true, other);
    for (int i = 0, used = 0; i < rank; i++)
        used += snprintf(
            shape + used, sizeof shape - (size_t)used, "%s%" PRIu64, i > 0 ? " x " : "", (uint64_t)extent[i]);
    add_fault(
        reading, "'%.64s' is %s: it has to be %s%s%s", name, shape, right, other[0] ? " or " : "", other);
}

/* The length that the file gives a dimension, against that of the variables before. */
static void take_length(
    struct reading *reading, enum tabulated_dimension dimension, hsize_t length, const char *name)
{
    int64_t *known = &reading->data->length[dimension];
    if (!reading->first_with[dimension]) {
        reading->first_with[dimension] = name;
        *known = (int64_t)length;
    } else if (*known != (int64_t)length) {
        add_fault(reading, "'%.64s' has length %" PRIu64 " along %s, '%s' has %" PRId64, name,
            (uint64_t)length, tabulated_dimensions[dimension], reading->first_with[dimension], *known);
    }
}

/* @return whether it has the leading dimension */
static bool take_shape(
    struct reading *reading, const struct tabulated_row *row, const char *name, hid_t dataset)
{
    hsize_t extent[H5S_MAX_RANK] = {0};
    const hid_t space = H5Dget_space(dataset);
    const int rank = H5Sget_simple_extent_dims(space, extent, NULL);
    const hssize_t n = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    const int own = row->over[1] == TABULATED_NONE ? 1 : 2, extra = rank - own;
    if (extra < 0 || extra > (row->may_have_aggregate ? 1 : 0)) {
        refuse_rank(reading, row, name, extent, rank);
        return false;
    }
    if (n <= 0)
        add_fault(reading, "'%.64s' has no values", name);
    if (extra == 1)
        take_length(reading, TABULATED_AGGREGATE, extent[0], name);
    for (int i = 0; i < own; i++)
        take_length(reading, row->over[i], extent[extra + i], name);
    return extra == 1;
}

static bool are_numbers(hid_t dataset)
{
    const hid_t type = H5Dget_type(dataset);
    const H5T_class_t class = H5Tget_class(type);
    H5Tclose(type);
    return class == H5T_FLOAT || class == H5T_INTEGER ||
           class == H5T_ENUM; /* the last are h5py's truth values */
}

/* What is there instead of numbers that can be taken as they stand. */
static void check_storage(struct reading *reading, const char *name, hid_t dataset)
{
    struct packing packing;
    const char *fault = packing_of(dataset, &packing);
    if (!are_numbers(dataset))
        add_fault(reading, "'%.64s' is not of numbers", name);
    else if (input_file_lies_elsewhere(dataset))
        add_fault(
            reading, "'%.64s' lies in another file, which is not read: write the values themselves", name);
    else if (fault)
        add_fault(reading, "attribute %s of '%.64s' cannot be understood: write plain numbers", fault, name);
    else if (packing.scale != 1 || packing.offset != 0)
        add_fault(reading, "'%.64s' is packed (scale_factor %g, add_offset %g): write plain numbers", name,
            packing.scale, packing.offset);
    else if (input_file_check_filters("model", reading->source->path, name, dataset) != WS_OK)
        reading->status = WS_USAGE;
}

static void find_variable(
    struct reading *reading, enum tabulated_variable variable, const struct entry *entry)
{
    const struct tabulated_row *row = tabulated_row_of(variable);
    const hid_t dataset = H5Dopen2(reading->source->file, entry->name, H5P_DEFAULT);
    if (dataset < 0) {
        add_fault(reading, "'%s' cannot be opened: the file is damaged", entry->name);
        return;
    }
    reading->datasets[variable] = dataset;
    reading->data->is_by_aggregate[variable] = take_shape(reading, row, entry->name, dataset);
    check_storage(reading, entry->name, dataset);
}

/* Words of files and options, each once. */
static bool is_name(const char *name)
{
    static const char *const taken[] = {"", "all", "none", "wealth", "level", "wealth_in_levels"};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (strcmp(name, taken[i]) == 0)
            return false;
    for (size_t i = 0; name[i]; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '_')
            return false;
    return strlen(name) < TABULATED_NAME;
}

/* Outcomes lie on the knots of the savings rule. */
static void find_outcome(struct reading *reading, const struct entry *entry)
{
    struct tabulated_data *data = reading->data;
    const char *name = entry->name + sizeof outcome - 1;
    if (!is_name(name))
        add_fault(reading,
            "'%.64s': an outcome's name is of letters, digits and _, %d at most, and not all, none, wealth, "
            "level "
            "or wealth_in_levels",
            entry->name, TABULATED_NAME - 1);
    else if (data->n_outcomes == TABULATED_OUTCOMES)
        add_fault(reading, "'%s' is one outcome too many: %d are the most", entry->name, TABULATED_OUTCOMES);
    else {
        strcpy(data->outcomes[data->n_outcomes], name);
        find_variable(reading, (enum tabulated_variable)(TABULATED_VARIABLES + data->n_outcomes++), entry);
    }
}

static void find_all(struct reading *reading)
{
    for (int i = 0; i < TABULATED_VARIABLES; i++) {
        const struct entry *entry = entry_of(reading, tabulated_rows[i].name);
        if (entry && is_variable(entry))
            find_variable(reading, (enum tabulated_variable)i, entry);
    }
    for (int i = 0; i < reading->n_entries; i++) {
        const struct entry *entry = &reading->entries[i];
        if (is_variable(entry) && strncmp(entry->name, outcome, sizeof outcome - 1) == 0)
            find_outcome(reading, entry);
    }
}

/* Dimensions that hang together: a chain is square, and the rows of a sparse one begin at one place more than there are
 * states. */
static void settle_lengths(struct reading *reading)
{
    int64_t *length = reading->data->length;
    if (reading->datasets[TRANSITION] >= 0 && length[TABULATED_STATE] != length[TABULATED_NEXT_STATE])
        add_fault(reading,
            "'transition' is of %" PRId64 " states and %" PRId64 " next states: it has to be square",
            length[TABULATED_STATE], length[TABULATED_NEXT_STATE]);
    if (length[TABULATED_START] > 0 && !reading->first_with[TABULATED_STATE])
        length[TABULATED_STATE] = length[TABULATED_START] - 1;
    if (length[TABULATED_START] > 0 && length[TABULATED_STATE] != length[TABULATED_START] - 1)
        add_fault(reading,
            "'transition_start' has length %" PRId64 " for %" PRId64 " states: it has to be one more",
            length[TABULATED_START], length[TABULATED_STATE]);
    if (length[TABULATED_STATE] > INT32_MAX)
        add_fault(reading, "it has %" PRId64 " states: %d is the most", length[TABULATED_STATE], INT32_MAX);
    if (length[TABULATED_AGGREGATE] == 0)
        length[TABULATED_AGGREGATE] = 1;
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

/* In floating point: no length is too large for it. */
static double bytes_of(const struct reading *reading)
{
    const int64_t *length = reading->data->length;
    double bytes = 0;
    for (int i = 0; i < TABULATED_ALL; i++) {
        const struct tabulated_row *row = tabulated_row_of((enum tabulated_variable)i);
        double n = reading->data->is_by_aggregate[i] ? (double)length[TABULATED_AGGREGATE] : 1;
        for (int j = 0; j < 2 && row->over[j] != TABULATED_NONE; j++)
            n *= (double)length[row->over[j]];
        if (reading->datasets[i] >= 0)
            bytes += n * sizeof(double);
    }
    return bytes;
}

static void check_memory(struct reading *reading)
{
    const double needed = bytes_of(reading), available = (double)topology_memory_available();
    if (needed > available)
        add_fault(reading, "its tables take %.3g GB on each rank, and this host can give %.3g GB",
            needed * 1e-9, available * 1e-9);
}

/* The first value that stands for none. */
static void check_missing(struct reading *reading, enum tabulated_variable variable)
{
    const double *values = reading->data->values[variable];
    const int64_t n = tabulated_total(reading->data, variable);
    char place[TABULATED_PLACE], why[TEXT_BYTES];
    struct packing packing;
    double unpacked = 0;
    packing_of(reading->datasets[variable], &packing);
    for (int64_t i = 0; i < n; i++) {
        const bool is_fill = values[i] == netcdf_fill;
        if (!is_fill && packing_unpack(&packing, values[i], &unpacked, why, sizeof why))
            continue;
        add_fault(reading, "%s is %s", tabulated_place(reading->data, variable, i, place),
            is_fill ? "missing (9.96921e+36: netCDF's fill value)" : why);
        return;
    }
}

static void read_values(struct reading *reading, enum tabulated_variable variable)
{
    const size_t bytes = (size_t)tabulated_total(reading->data, variable) * sizeof(double);
    char why[H5_REASON], name[TEXT_BYTES] = "/";
    double *values = reading->data->values[variable] = malloc(bytes);
    H5Iget_name(reading->datasets[variable], name, sizeof name);
    if (!values)
        reading->status = error_memory(bytes, "the model file");
    else if (H5Dread(reading->datasets[variable], H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) <
             0)
        add_fault(reading, "'%s' cannot be read: HDF5 says '%s'", name + 1, h5_reason(why));
    else
        check_missing(reading, variable);
}

static void read_all(struct reading *reading)
{
    for (int i = 0; i < TABULATED_ALL && reading->status != WS_FAILED; i++)
        if (reading->datasets[i] >= 0)
            read_values(reading, (enum tabulated_variable)i);
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

static struct reading *begin(const struct model_source *source, struct tabulated_data *data)
{
    struct reading *reading = calloc(1, sizeof *reading);
    if (!reading) {
        error_memory(sizeof *reading, "what a model file holds");
        return NULL;
    }
    reading->source = source;
    reading->data = data;
    for (int i = 0; i < TABULATED_ALL; i++)
        reading->datasets[i] = H5I_INVALID_HID;
    return reading;
}

static enum status end(struct reading *reading)
{
    const enum status status = reading->status;
    for (int i = 0; i < TABULATED_ALL; i++)
        if (reading->datasets[i] >= 0)
            H5Dclose(reading->datasets[i]);
    for (int i = 0; i < reading->n_entries; i++)
        free(reading->entries[i].name);
    free(reading);
    return status;
}

enum status model_variables_read(const struct model_source *source, struct tabulated_data *data)
{
    struct reading *reading = begin(source, data);
    if (!reading)
        return WS_FAILED;
    find_entries(reading);
    require_all(reading);
    find_all(reading);
    settle_lengths(reading);
    if (reading->status == WS_OK)
        check_memory(reading);
    if (reading->status == WS_OK)
        read_all(reading);
    return end(reading);
}
