#include "files/model_file.h"
#include "core/parse.h"
#include "files/input_file.h"
#include "files/model_variables.h"
#include "models/tabulated_groups.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHERE_BYTES = 4200, TEXT_BYTES = 64 };

/* Values that are sent at once: MPI counts them by an int. */
static const int64_t piece = 1 << 27;

static const char format_name[] = "model_format", format_known[] = "1.0",
                  extrapolation_name[] = "extrapolation", lower_name[] = "lower_bound",
                  upper_name[] = "upper_bound";

/* ---- attributes ------------------------------------------------------------------------------------------------- */

/* A text's bytes in a type of fixed or variable length; false where it has too many. */
static bool read_string(hid_t attribute, hid_t type, hid_t space, char *text)
{
    char fixed[4 * TEXT_BYTES] = "", *variable = NULL;
    const bool is_variable = H5Tis_variable_str(type) > 0;
    if (!is_variable && H5Tget_size(type) >= sizeof fixed)
        return false;
    if (H5Aread(attribute, type, is_variable ? (void *)&variable : fixed) < 0)
        return false;
    const char *read = is_variable ? variable : fixed;
    const size_t length = read ? strlen(read) : 0;
    if (length < TEXT_BYTES)
        memcpy(text, read ? read : "", length + 1);
    if (is_variable)
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, &variable);
    for (size_t i = strlen(text); i > 0 && text[i - 1] == ' '; i--) /* Fortran's */
        text[i - 1] = '\0';
    return length < TEXT_BYTES;
}

/* The text of an attribute that is there. @param[out] text  [TEXT_BYTES] */
static bool read_text(hid_t file, const char *name, char *text)
{
    const hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    text[0] = '\0';
    const bool is_text = H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1 &&
                         read_string(attribute, type, space, text);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return is_text;
}

static bool read_number(hid_t file, const char *name, double *number)
{
    const hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    const H5T_class_t class = H5Tget_class(type);
    const bool is_number = (class == H5T_FLOAT || class == H5T_INTEGER) &&
                           H5Sget_simple_extent_npoints(space) == 1 &&
                           H5Aread(attribute, H5T_NATIVE_DOUBLE, number) >= 0;
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return is_number;
}

static enum status read_format(const struct model_source *source)
{
    char text[TEXT_BYTES];
    if (H5Aexists(source->file, format_name) <= 0)
        return error_add(WS_USAGE, "%s: attribute %s is missing: it has to be the text \"%s\"", source->where,
            format_name, format_known);
    if (!read_text(source->file, format_name, text))
        return error_add(WS_USAGE, "%s: attribute %s is no short text: it has to be the text \"%s\"",
            source->where, format_name, format_known);
    if (strcmp(text, format_known) != 0)
        return error_add(WS_USAGE, "%s: attribute %s is \"%s\": this wealthsim reads \"%s\"", source->where,
            format_name, text, format_known);
    return WS_OK;
}

static enum status read_extrapolation(const struct model_source *source, struct tabulated_data *data)
{
    char text[TEXT_BYTES];
    data->extrapolation = EXTRAPOLATION_LINEAR;
    if (H5Aexists(source->file, extrapolation_name) <= 0)
        return WS_OK;
    const bool is_text = read_text(source->file, extrapolation_name, text);
    for (int i = 0; i < EXTRAPOLATIONS && is_text; i++)
        if (strcmp(text, tabulated_extrapolations[i]) == 0) {
            data->extrapolation = (enum tabulated_extrapolation)i;
            return WS_OK;
        }
    return error_add(WS_USAGE, "%s: attribute %s is %s%s%s: it has to be \"linear\", \"flat\" or \"error\"",
        source->where, extrapolation_name, is_text ? "\"" : "", is_text ? text : "no short text",
        is_text ? "\"" : "");
}

static enum status read_bound(const struct model_source *source, const char *name, double *bound)
{
    if (H5Aexists(source->file, name) <= 0 || read_number(source->file, name, bound))
        return WS_OK;
    return error_add(WS_USAGE, "%s: attribute %s is not one number", source->where, name);
}

/* Attributes may say whatever they like, but not nearly what one of ours would. */
static herr_t look_at_attribute(hid_t file, const char *name, const H5A_info_t *info, void *context)
{
    static const char *const names[] = {format_name, extrapolation_name, lower_name, upper_name};
    const struct model_source *source = context;
    (void)file;
    (void)info;
    const char *nearest = parse_nearest(name, names, sizeof names / sizeof names[0]);
    if (nearest && strncmp(name, nearest, strlen(name)) != 0)
        error_add(
            WS_USAGE, "%s: unknown attribute '%.64s'; did you mean '%s'?", source->where, name, nearest);
    return nearest && strncmp(name, nearest, strlen(name)) != 0;
}

static enum status read_attributes(struct model_source *source, struct tabulated_data *data)
{
    data->lower_bound = -TABULATED_BOUND;
    data->upper_bound = TABULATED_BOUND;
    const enum status each[] = {read_format(source), read_extrapolation(source, data),
        read_bound(source, lower_name, &data->lower_bound),
        read_bound(source, upper_name, &data->upper_bound)};
    enum status status = WS_OK;
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++)
        if (each[i] != WS_OK)
            status = each[i];
    if (H5Aiterate2(source->file, H5_INDEX_NAME, H5_ITER_INC, NULL, look_at_attribute, source) != 0)
        status = WS_USAGE;
    return status;
}

/* ---- reading it on one rank --------------------------------------------------------------------------------------- */

static enum status read_open(struct model_source *source, struct tabulated_data *data)
{
    const enum status attributes = read_attributes(source, data);
    const enum status variables = model_variables_read(source, data);
    return variables != WS_OK ? variables : attributes;
}

static enum status read_alone(const char *path, struct tabulated_data *data)
{
    char where[WHERE_BYTES];
    bool is_hdf5 = false;
    struct model_source source = {.path = path, .where = where};
    snprintf(where, sizeof where, "--model: '%s'", path);
    enum status status = input_file_find("model", path, &is_hdf5);
    if (status == WS_OK && !is_hdf5)
        status = error_add(WS_USAGE,
            "%s is not an HDF5 file, which a model file has to be; netCDF-4 files are (of an older netCDF "
            "file "
            "nccopy -k netCDF-4 makes one)",
            where);
    if (status != WS_OK)
        return status;
    source.file = input_file_open("model", path);
    if (source.file < 0)
        return WS_USAGE;
    status = read_open(&source, data);
    H5Fclose(source.file);
    if (status == WS_OK)
        status = tabulated_check(data, where);
    if (status == WS_OK && !tabulated_groups_list(data))
        status = error_add(WS_USAGE,
            "%s: group has more than %d different labels: give states that statistics need "
            "not tell apart the same",
            where, (int)MODEL_GROUPS);
    if (status == WS_OK)
        tabulated_set_digest(data);
    return status;
}

/* ---- giving it to all ------------------------------------------------------------------------------------------- */

static void send_values(const struct comm *comm, double *values, int64_t n)
{
    for (int64_t i = 0; i < n; i += piece)
        MPI_CHECK(MPI_Bcast(values + i, (int)(n - i < piece ? n - i : piece), MPI_DOUBLE, 0, comm->world));
}

/* Rank 0 has all; the others get what is not a table, make room, and get the tables. */
static enum status share(const struct comm *comm, struct tabulated_data *data)
{
    bool is_there[TABULATED_ALL];
    enum status status = WS_OK;
    for (int i = 0; i < TABULATED_ALL; i++)
        is_there[i] = data->values[i] != NULL;
    MPI_CHECK(MPI_Bcast(is_there, sizeof is_there, MPI_BYTE, 0, comm->world));
    struct tabulated_data of_rank_0 = *data;
    MPI_CHECK(MPI_Bcast(&of_rank_0, sizeof of_rank_0, MPI_BYTE, 0, comm->world));
    memcpy(of_rank_0.values, data->values, sizeof of_rank_0.values);
    *data = of_rank_0;
    for (int i = 0; i < TABULATED_ALL && comm->rank > 0; i++) {
        const size_t bytes = (size_t)tabulated_total(data, (enum tabulated_variable)i) * sizeof(double);
        data->values[i] = is_there[i] ? malloc(bytes) : NULL;
        if (is_there[i] && !data->values[i])
            status = error_memory(bytes, "the model file");
    }
    status = error_agree(comm->world, status);
    for (int i = 0; i < TABULATED_ALL && status == WS_OK; i++)
        if (is_there[i])
            send_values(comm, data->values[i], tabulated_total(data, (enum tabulated_variable)i));
    return status;
}

enum status model_file_read(const struct comm *comm, const char *path, struct tabulated_data *data)
{
    memset(data, 0, sizeof *data);
    enum status status = error_agree(comm->world, comm->rank == 0 ? read_alone(path, data) : WS_OK);
    if (status == WS_OK)
        status = share(comm, data);
    if (status != WS_OK)
        tabulated_data_free(data);
    return status;
}
