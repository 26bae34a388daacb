#include "files/variables.h"
#include "core/version.h"
#include "files/h5.h"
#include <stdlib.h>

int64_t variable_length(const struct variable *variable)
{
    int64_t length = 1;
    for (int d = 0; d < VARIABLE_DIMENSIONS && variable->over[d]; d++)
        length *= variable->over[d]->length;
    return length;
}

/* The type in the file; a complex one is made once, under its name. To be closed with H5Tclose. */
static hid_t type_of(hid_t file, enum number_type type)
{
    if (type != NUMBER_COMPLEX)
        return H5(H5Tcopy(type == NUMBER_INT     ? H5T_NATIVE_INT64
                          : type == NUMBER_INT32 ? H5T_NATIVE_INT32
                                                 : H5T_NATIVE_DOUBLE));
    return H5(H5Lexists(file, H5_COMPLEX_TYPE, H5P_DEFAULT)) > 0
               ? H5(H5Topen2(file, H5_COMPLEX_TYPE, H5P_DEFAULT))
               : h5_create_complex_type(file);
}

static struct h5_dimension dimension_of(hid_t file, const struct dimension *dimension)
{
    if (H5(H5Lexists(file, dimension->name, H5P_DEFAULT)) > 0)
        return (struct h5_dimension){.name = dimension->name,
            .length = dimension->length,
            .scale = H5(H5Dopen2(file, dimension->name, H5P_DEFAULT))};
    if (!dimension->values)
        return h5_create_dimension(file, dimension->name, dimension->length);
    const hid_t type = type_of(file, dimension->type);
    const struct h5_dimension made = h5_create_coordinate(
        file, dimension->name, dimension->length, type, dimension->values, dimension->long_name, "1");
    H5(H5Tclose(type));
    return made;
}

static void write_variable(hid_t file, const struct variable *variable, const void *values)
{
    struct h5_dimension dimensions[VARIABLE_DIMENSIONS];
    const char *units = variable->units ? variable->units : "1";
    const hid_t type = type_of(file, variable->type);
    int n = 0;
    for (; n < VARIABLE_DIMENSIONS && variable->over[n]; n++)
        dimensions[n] = dimension_of(file, variable->over[n]);
    const hid_t made = variable->compression > 0
                           ? h5_create_compressed(file, variable->name, type, dimensions,
                                 variable->compression, variable->long_name, units)
                           : h5_create_variable(file, variable->name, type, dimensions, n, values,
                                 variable->long_name, units);
    if (variable->comment)
        h5_attribute_text(made, "comment", variable->comment);
    H5(H5Dclose(made));
    H5(H5Tclose(type));
    for (int d = 0; d < n; d++)
        H5(H5Dclose(dimensions[d].scale));
}

/* The longest of those that are made when they are written. */
static size_t bytes_to_fill(const struct variable *variables, int n)
{
    int64_t most = 0;
    for (int i = 0; i < n; i++)
        if (variables[i].fill && variable_length(&variables[i]) > most)
            most = variable_length(&variables[i]);
    return (size_t)most * sizeof(double) + 1;
}

enum status variables_write(int64_t file, const struct variable *variables, int n)
{
    const size_t bytes = bytes_to_fill(variables, n);
    double *values = malloc(bytes);
    if (!values)
        return error_memory(bytes, "a variable of the file");
    for (int i = 0; i < n; i++) {
        if (variables[i].fill)
            variables[i].fill(variables[i].content, variables[i].number, values);
        write_variable(file, &variables[i], variables[i].fill ? values : variables[i].values);
    }
    free(values);
    return WS_OK;
}

enum status variables_check_compression(const char *option)
{
    unsigned can = 0;
    if (H5Zfilter_avail(H5Z_FILTER_DEFLATE) > 0 && H5Zget_filter_info(H5Z_FILTER_DEFLATE, &can) >= 0 &&
        (can & H5Z_FILTER_CONFIG_ENCODE_ENABLED))
        return WS_OK;
    return error_add(WS_USAGE, "--%s: this HDF5 (%s) has no deflate filter", option, version_hdf5());
}
