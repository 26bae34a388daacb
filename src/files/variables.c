#include "files/variables.h"
#include "core/hdf5.h"
#include "core/version.h"
#include "files/h5.h"
#include <stdlib.h>

/* How many numbers a variable has. */
static int64_t length_of(const struct variable *variable)
{
    int64_t length = 1;
    for (int d = 0; d < VARIABLE_DIMENSIONS && variable->over[d]; d++)
        length *= variable->over[d]->length;
    return length;
}

/* The type in the file; a complex one is made once, under its name. To be closed with H5Tclose. */
static hid_t type_of(hid_t file, enum number_type type)
{
    const hid_t types[] = {[NUMBER_REAL] = H5T_NATIVE_DOUBLE,
        [NUMBER_INT] = H5T_NATIVE_INT64,
        [NUMBER_UINT8] = H5T_NATIVE_UINT8,
        [NUMBER_UINT16] = H5T_NATIVE_UINT16,
        [NUMBER_INT32] = H5T_NATIVE_INT32};
    if (type != NUMBER_COMPLEX)
        return H5(H5Tcopy(types[type]));
    return H5(H5Lexists(file, H5_COMPLEX_TYPE, H5P_DEFAULT)) > 0
               ? H5(H5Topen2(file, H5_COMPLEX_TYPE, H5P_DEFAULT))
               : h5_create_complex_type(file);
}

/* scratch: [dimension->length] for the values of one that is counted. */
static struct h5_dimension dimension_of(hid_t file, const struct dimension *dimension, int64_t *scratch)
{
    if (H5(H5Lexists(file, dimension->name, H5P_DEFAULT)) > 0)
        return (struct h5_dimension){.name = dimension->name,
            .length = dimension->length,
            .scale = H5(H5Dopen2(file, dimension->name, H5P_DEFAULT))};
    if (!dimension->values && !dimension->is_counted)
        return h5_create_dimension(file, dimension->name, dimension->length);
    for (int64_t i = 0; dimension->is_counted && i < dimension->length; i++)
        scratch[i] = i;
    const hid_t type = type_of(file, dimension->is_counted ? NUMBER_INT : dimension->type);
    const struct h5_dimension made = h5_create_coordinate(file, dimension->name, dimension->length, type,
        dimension->is_counted ? scratch : dimension->values, dimension->long_name, "1");
    H5(H5Tclose(type));
    if (dimension->meanings) {
        h5_attribute_ints(made.scale, "flag_values", scratch, dimension->length);
        h5_attribute_text(made.scale, "flag_meanings", dimension->meanings);
    }
    if (dimension->comment)
        h5_attribute_text(made.scale, "comment", dimension->comment);
    return made;
}

/* In netCDF's form, which has a dimension more. */
static void write_texts(hid_t file, const struct variable *variable, void *scratch)
{
    const struct h5_dimension dimension = dimension_of(file, variable->over[0], scratch);
    h5_write_texts(
        file, variable->name, &dimension, variable->values, variable->text_bytes, variable->long_name);
    H5(H5Dclose(dimension.scale));
}

static void write_variable(hid_t file, const struct variable *variable, void *scratch)
{
    struct h5_dimension dimensions[VARIABLE_DIMENSIONS];
    if (variable->type == NUMBER_TEXT)
        return write_texts(file, variable, scratch);
    const char *units = variable->units ? variable->units : "1";
    const hid_t type = type_of(file, variable->type);
    int n = 0;
    for (; n < VARIABLE_DIMENSIONS && variable->over[n]; n++)
        dimensions[n] = dimension_of(file, variable->over[n], scratch);
    if (variable->fill)
        variable->fill(variable->content, variable->number, scratch);
    const void *values = variable->fill ? scratch : variable->values;
    const hid_t made = variable->compression > 0
                           ? h5_create_compressed(file, variable->name, type, dimensions, n,
                                 variable->compression, variable->long_name, units)
                           : h5_create_variable(file, variable->name, type, dimensions, n, values,
                                 variable->long_name, units);
    if (variable->comment)
        h5_attribute_text(made, "comment", variable->comment);
    if (variable->coordinates)
        h5_attribute_text(made, "coordinates", variable->coordinates);
    H5(H5Dclose(made));
    H5(H5Tclose(type));
    for (int d = 0; d < n; d++)
        H5(H5Dclose(dimensions[d].scale));
}

/* Room for the most numbers that are made when they are written: a variable's, or a dimension's. */
static size_t bytes_to_make(const struct variable *variables, int n)
{
    int64_t most = 0;
    for (int i = 0; i < n; i++) {
        if (variables[i].fill && length_of(&variables[i]) > most)
            most = length_of(&variables[i]);
        for (int d = 0; d < VARIABLE_DIMENSIONS && variables[i].over[d]; d++)
            if (variables[i].over[d]->is_counted && variables[i].over[d]->length > most)
                most = variables[i].over[d]->length;
    }
    return (size_t)most * sizeof(double) + 1;
}

enum status variables_write(int64_t file, const struct variable *variables, int n)
{
    const size_t bytes = bytes_to_make(variables, n);
    void *scratch = malloc(bytes);
    if (!scratch)
        return error_memory(bytes, "a variable of the file");
    for (int i = 0; i < n; i++)
        write_variable(file, &variables[i], scratch);
    free(scratch);
    return WS_OK;
}

enum status variables_check_compression(const char *option)
{
    unsigned can = 0;
    if (hdf5_fault())
        return error_add(WS_FAILED, "%s", hdf5_fault());
    if (H5Zfilter_avail(H5Z_FILTER_DEFLATE) > 0 && H5Zget_filter_info(H5Z_FILTER_DEFLATE, &can) >= 0 &&
        (can & H5Z_FILTER_CONFIG_ENCODE_ENABLED))
        return WS_OK;
    return error_add(WS_USAGE, "--%s: this HDF5 (%s) has no deflate filter", option, version_hdf5());
}
