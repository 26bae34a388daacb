#include "files/plain.h"
#include "files/h5.h"
#include <string.h>

/* ---- writing ---------------------------------------------------------------------------------------------------- */

void plain_write_text(hid_t object, const char *name, const char *text)
{
    const hid_t type = H5(H5Tcopy(H5T_C_S1)), space = H5(H5Screate(H5S_SCALAR));
    H5(H5Tset_size(type, strlen(text) + 1));
    H5(H5Tset_cset(type, H5T_CSET_UTF8));
    const hid_t attribute = H5(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
    H5(H5Awrite(attribute, type, text));
    H5(H5Aclose(attribute));
    H5(H5Sclose(space));
    H5(H5Tclose(type));
}

void plain_write_values(hid_t group, const char *name, hid_t type, int64_t n, const void *values)
{
    const hsize_t length = (hsize_t)n;
    const hid_t creation = H5(H5Pcreate(H5P_DATASET_CREATE)), space = H5(H5Screate_simple(1, &length, NULL));
    H5(H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED)); /* a header that has a check sum */
    const hid_t dataset = H5(H5Dcreate2(group, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    if (n > 0)
        H5(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    H5(H5Dclose(dataset));
    H5(H5Sclose(space));
    H5(H5Pclose(creation));
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

bool plain_refuse(struct plain from, const char *name, const char *what)
{
    *from.is_damaged = true;
    error_set(WS_FAILED, "'%s' is damaged: its '%s' is not %s", from.path, name, what);
    return false;
}

/* What is as it should be, but for the reading. */
static bool say_unread(struct plain from, const char *name)
{
    error_set(WS_FAILED, "cannot read '%s' of '%s'", name, from.path);
    return false;
}

struct plain plain_open(const char *path, bool *is_damaged) // NOLINT(readability-non-const-parameter)
{
    const hid_t access = H5(H5Pcreate(H5P_FILE_ACCESS));
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 12, 0))
    H5(H5Pset_file_locking(access, false, true)); /* nothing that is read changes any more */
#endif
    const struct plain file = {
        .id = H5(H5Fopen(path, H5F_ACC_RDONLY, access)), .path = path, .is_damaged = is_damaged};
    H5(H5Pclose(access));
    return file;
}

void plain_close(struct plain file)
{
    if (file.id >= 0)
        H5(H5Fclose(file.id));
}

/* Links that lead elsewhere could name a device, or another user's file. */
static bool is_hard_link(hid_t group, const char *name)
{
    H5L_info_t link;
    return H5Lget_info(group, name, &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_HARD;
}

struct plain plain_open_group(struct plain file, const char *name)
{
    struct plain group = {.id = H5I_INVALID_HID, .path = file.path, .is_damaged = file.is_damaged};
    if (is_hard_link(file.id, name))
        group.id = H5Gopen2(file.id, name, H5P_DEFAULT);
    if (group.id < 0)
        plain_refuse(file, name, "a group");
    return group;
}

/* Whether a type is that of numbers as this library writes them, on a machine of either order of bytes. */
static bool is_number(hid_t type, hid_t native)
{
    const bool is_real = H5Tget_class(native) == H5T_FLOAT;
    return H5Tequal(type, is_real ? H5T_IEEE_F64LE : H5T_STD_I64LE) > 0 ||
           H5Tequal(type, is_real ? H5T_IEEE_F64BE : H5T_STD_I64BE) > 0;
}

/* An attribute with what is asked of it: open while its type and number of values are looked at. */
struct attribute {
    hid_t id, type;
    bool is_single;
    int64_t n; /* of a list, or 1; -1 for what is neither */
};

static struct attribute open_attribute(struct plain from, const char *name)
{
    const hid_t id = H5Aexists(from.id, name) > 0 ? H5Aopen(from.id, name, H5P_DEFAULT) : H5I_INVALID_HID;
    if (id < 0)
        return (struct attribute){.id = H5I_INVALID_HID, .type = H5I_INVALID_HID, .n = -1};
    const hid_t space = H5Aget_space(id);
    const bool is_single = H5Sget_simple_extent_type(space) == H5S_SCALAR;
    const bool is_list = H5Sget_simple_extent_ndims(space) == 1;
    const struct attribute found = {.id = id,
        .type = H5Aget_type(id),
        .is_single = is_single,
        .n = is_single || is_list ? (int64_t)H5Sget_simple_extent_npoints(space) : -1};
    H5Sclose(space);
    return found;
}

static void close_attribute(struct attribute attribute)
{
    if (attribute.type >= 0)
        H5Tclose(attribute.type);
    if (attribute.id >= 0)
        H5Aclose(attribute.id);
}

bool plain_has(struct plain from, const char *name)
{
    return H5Aexists(from.id, name) > 0;
}

static bool read_number(struct plain from, const char *name, hid_t native, void *value, const char *what)
{
    const struct attribute attribute = open_attribute(from, name);
    const bool is_right = attribute.is_single && is_number(attribute.type, native);
    const bool is_read = is_right && H5Aread(attribute.id, native, value) >= 0;
    close_attribute(attribute);
    return is_read || (is_right ? say_unread(from, name) : plain_refuse(from, name, what));
}

bool plain_read_int(struct plain from, const char *name, int64_t *value)
{
    return read_number(from, name, H5T_NATIVE_INT64, value, "one whole number");
}

bool plain_read_real(struct plain from, const char *name, double *value)
{
    return read_number(from, name, H5T_NATIVE_DOUBLE, value, "one number");
}

bool plain_read_reals(struct plain from, const char *name, double *values, int64_t capacity, int64_t *n)
{
    const struct attribute attribute = open_attribute(from, name);
    const bool is_right = !attribute.is_single && attribute.n >= 0 && attribute.n <= capacity &&
                          is_number(attribute.type, H5T_NATIVE_DOUBLE);
    const bool is_read = is_right && H5Aread(attribute.id, H5T_NATIVE_DOUBLE, values) >= 0;
    if (is_read)
        *n = attribute.n;
    close_attribute(attribute);
    return is_read || (is_right ? say_unread(from, name) : plain_refuse(from, name, "a list of numbers"));
}

bool plain_read_text(struct plain from, const char *name, char *text, size_t bytes)
{
    const struct attribute attribute = open_attribute(from, name);
    const bool is_text = attribute.is_single && H5Tget_class(attribute.type) == H5T_STRING &&
                         H5Tis_variable_str(attribute.type) == 0;
    const size_t size = is_text ? H5Tget_size(attribute.type) : 0;
    const bool is_right = size > 0 && size < bytes;
    const bool is_read = is_right && H5Aread(attribute.id, attribute.type, text) >= 0;
    if (is_read)
        text[size] = '\0';
    close_attribute(attribute);
    return is_read || (is_right ? say_unread(from, name)
                                : plain_refuse(from, name, "a text of a fixed number of bytes"));
}

/* Open a dataset whose values lie in this file, in one piece. @return negative for any other */
static hid_t open_dataset(struct plain from, const char *name)
{
    const hid_t dataset =
        is_hard_link(from.id, name) ? H5Dopen2(from.id, name, H5P_DEFAULT) : H5I_INVALID_HID;
    if (dataset < 0)
        return dataset;
    const hid_t creation = H5Dget_create_plist(dataset);
    const bool is_plain =
        creation >= 0 && H5Pget_layout(creation) == H5D_CONTIGUOUS && H5Pget_external_count(creation) == 0;
    H5Pclose(creation);
    if (is_plain)
        return dataset;
    H5Dclose(dataset);
    return H5I_INVALID_HID;
}

bool plain_read_values(struct plain from, const char *name, hid_t native, int64_t n, void *values)
{
    const hid_t dataset = open_dataset(from, name);
    if (dataset < 0)
        return plain_refuse(from, name, "a dataset in one piece");
    const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    const bool is_right = is_number(type, native) && H5Sget_simple_extent_ndims(space) == 1 &&
                          H5Sget_simple_extent_npoints(space) == n;
    const bool is_read =
        is_right && (n == 0 || H5Dread(dataset, native, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(dataset);
    return is_read || (is_right ? say_unread(from, name)
                                : plain_refuse(from, name, "a list of the numbers that belong there"));
}

bool plain_has_rows(struct plain file, const char *name, int64_t n, int64_t row_bytes, int64_t place)
{
    hsize_t lengths[2] = {0};
    const hid_t dataset = open_dataset(file, name);
    if (dataset < 0)
        return false;
    const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    const bool is_table = H5Sget_simple_extent_ndims(space) == 2 &&
                          H5Sget_simple_extent_dims(space, lengths, NULL) == 2 && lengths[0] == (hsize_t)n;
    const bool is_right = is_table && lengths[1] <= (hsize_t)row_bytes &&
                          lengths[1] * H5Tget_size(type) == (hsize_t)row_bytes &&
                          H5Dget_offset(dataset) == (haddr_t)place;
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(dataset);
    return is_right;
}
