#include "files/h5.h"
#include "core/hdf5.h"
#include "files/disk.h"
#include <errno.h>
#include <fcntl.h>
#include <hdf5_hl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_BYTES = 96, IMAGE_INCREMENT = 1 << 16 };

static bool failed;

/* File systems without working locks are common (NFS, Lustre, FUSE), and nothing here needs any: what is written belongs to
 * this run alone, what is read is whole. HDF5 looks at this as early as in its first call. */
__attribute__((constructor)) static void do_without_locks(void)
{
    setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
}

void h5_begin(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    failed = false;
}

enum status h5_status(void)
{
    return failed ? WS_FAILED : WS_OK;
}

/* The innermost entry of HDF5's error stack says what went wrong: with MPI or the operating system's words. */
static herr_t innermost(unsigned n, const H5E_error2_t *entry, void *context)
{
    (void)n;
    snprintf(context, H5_REASON, "%s", entry->desc ? entry->desc : "");
    return 0;
}

const char *h5_reason(char *why)
{
    const char *fault = hdf5_fault();
    snprintf(why, H5_REASON, "%s", fault ? fault : "no reason given");
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, innermost, why);
    return why;
}

int64_t h5_checked(int64_t value, const char *call, const char *file, int line)
{
    if (value < 0 && !failed) {
        char why[H5_REASON];
        error_set(WS_FAILED, "HDF5: %s (%s, %s:%d)", h5_reason(why), call, file, line);
        failed = true;
    }
    return value;
}

static void write_attribute(hid_t object, const char *name, hid_t type, hid_t space, const void *value)
{
    const hid_t attribute = H5(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
    H5(H5Awrite(attribute, type, value));
    H5(H5Aclose(attribute));
    H5(H5Sclose(space));
}

static hid_t create_text_type(void)
{
    const hid_t type = H5(H5Tcopy(H5T_C_S1));
    H5(H5Tset_size(type, H5T_VARIABLE));
    H5(H5Tset_cset(type, H5T_CSET_UTF8));
    return type;
}

void h5_attribute_text(hid_t object, const char *name, const char *text)
{
    const hid_t type = create_text_type();
    write_attribute(object, name, type, H5(H5Screate(H5S_SCALAR)), &text);
    H5(H5Tclose(type));
}

void h5_attribute_int(hid_t object, const char *name, int64_t value)
{
    write_attribute(object, name, H5T_NATIVE_INT64, H5(H5Screate(H5S_SCALAR)), &value);
}

void h5_attribute_real(hid_t object, const char *name, double value)
{
    write_attribute(object, name, H5T_NATIVE_DOUBLE, H5(H5Screate(H5S_SCALAR)), &value);
}

void h5_attribute_ints(hid_t object, const char *name, const int64_t *values, int64_t n)
{
    const hsize_t length = (hsize_t)n;
    write_attribute(object, name, H5T_NATIVE_INT64, H5(H5Screate_simple(1, &length, NULL)), values);
}

void h5_attribute_reals(hid_t object, const char *name, const double *values, int64_t n)
{
    const hsize_t length = (hsize_t)n;
    write_attribute(object, name, H5T_NATIVE_DOUBLE, H5(H5Screate_simple(1, &length, NULL)), values);
}

hid_t h5_create_file(void)
{
    const hid_t creation = H5(H5Pcreate(H5P_FILE_CREATE)), access = H5(H5Pcreate(H5P_FILE_ACCESS));
    H5(H5Pset_fapl_core(access, IMAGE_INCREMENT, false));
    H5(H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    H5(H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    const hid_t file = H5(H5Fcreate("image", H5F_ACC_TRUNC, creation, access));
    H5(H5Pclose(access));
    H5(H5Pclose(creation));
    return file;
}

static enum status cannot_write(const char *path)
{
    return error_set(WS_FAILED, "cannot write '%s': %s", path, strerror(errno));
}

static enum status write_bytes(const char *path, const void *bytes, int64_t size, int64_t room)
{
    const int descriptor = disk_open_own(path, O_CREAT | O_WRONLY);
    if (descriptor < 0)
        return cannot_write(path);
    enum status status = disk_resize(descriptor, 0) == 0 ? WS_OK : cannot_write(path);
    if (status == WS_OK)
        status = disk_write(descriptor, path, bytes, size, 0);
    if (status == WS_OK && disk_reserve(descriptor, size, room) != 0)
        status = cannot_write(path);
    if (disk_close(descriptor) != 0 && status == WS_OK)
        status = cannot_write(path);
    return status;
}

enum status h5_save(hid_t file, const char *path, int64_t room)
{
    H5(H5Fflush(file, H5F_SCOPE_LOCAL));
    const int64_t size = H5(H5Fget_file_image(file, NULL, 0));
    void *image = malloc(size > 0 ? (size_t)size : 1);
    if (!image)
        error_memory((size_t)size, "the result file's head");
    H5(image ? H5Fget_file_image(file, image, (size_t)size) : -1);
    H5(H5Fclose(file));
    enum status status = h5_status();
    if (status == WS_OK)
        status = write_bytes(path, image, size, room);
    free(image);
    return status;
}

hid_t h5_create_group(hid_t parent, const char *name)
{
    const hid_t creation = H5(H5Pcreate(H5P_GROUP_CREATE));
    H5(H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    const hid_t group = H5(H5Gcreate2(parent, name, H5P_DEFAULT, creation, H5P_DEFAULT));
    H5(H5Pclose(creation));
    return group;
}

hid_t h5_create_compression(const hsize_t *lengths, int n, int level)
{
    const hid_t creation = H5(H5Pcreate(H5P_DATASET_CREATE));
    hsize_t chunk[H5_CHUNK_DIMENSIONS] = {1, 1};
    chunk[n - 1] = lengths[n - 1] < H5_CHUNK_VALUES ? lengths[n - 1] : H5_CHUNK_VALUES;
    H5(H5Pset_chunk(creation, n, chunk));
    H5(H5Pset_shuffle(creation));
    H5(H5Pset_deflate(creation, (unsigned)level));
    H5(H5Pset_alloc_time(creation, H5D_ALLOC_TIME_INCR));
    return creation;
}

/* A dataset whose space in the file is taken when it is written to, and never filled (but texts, which HDF5 fills). */
static hid_t create_dataset(
    hid_t group, const char *name, hid_t type, const hsize_t *lengths, int n, int level)
{
    const hid_t creation =
        level > 0 ? h5_create_compression(lengths, n, level) : H5(H5Pcreate(H5P_DATASET_CREATE));
    H5(H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    if (level == 0)
        H5(H5Pset_alloc_time(creation, H5D_ALLOC_TIME_LATE));
    if (H5Tget_class(type) != H5T_STRING)
        H5(H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER));
    const hid_t space = H5(n > 0 ? H5Screate_simple(n, lengths, NULL) : H5Screate(H5S_SCALAR));
    const hid_t dataset = H5(H5Dcreate2(group, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    H5(H5Sclose(space));
    H5(H5Pclose(creation));
    return dataset;
}

/* Read as a dataset, it shows zeros: what is never written is filled when it is read. */
struct h5_dimension h5_create_dimension(hid_t group, const char *name, int64_t length)
{
    const hsize_t extent = (hsize_t)length;
    char scale_name[NAME_BYTES];
    snprintf(scale_name, sizeof scale_name, "This is a netCDF dimension but not a netCDF variable.%10lld",
        (long long)length);
    const hid_t creation = H5(H5Pcreate(H5P_DATASET_CREATE)), space = H5(H5Screate_simple(1, &extent, NULL));
    H5(H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED));
    const hid_t scale =
        H5(H5Dcreate2(group, name, H5T_IEEE_F32BE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    H5(H5DSset_scale(scale, scale_name));
    H5(H5Sclose(space));
    H5(H5Pclose(creation));
    return (struct h5_dimension){.name = name, .length = length, .scale = scale};
}

struct h5_dimension h5_create_coordinate(hid_t group, const char *name, int64_t length, hid_t type,
    const void *values, const char *long_name, const char *units)
{
    const hsize_t extent = (hsize_t)length;
    const hid_t scale = create_dataset(group, name, type, &extent, 1, 0);
    H5(H5Dwrite(scale, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    H5(H5DSset_scale(scale, name));
    h5_attribute_text(scale, "long_name", long_name);
    h5_attribute_text(scale, "units", units);
    return (struct h5_dimension){.name = name, .length = length, .scale = scale};
}

/* The dataset, tied to its dimensions and labelled. */
static hid_t create_labelled(hid_t group, const char *name, hid_t type, const struct h5_dimension *dimensions,
    int n, int level, const char *long_name, const char *units)
{
    hsize_t lengths[H5S_MAX_RANK] = {0};
    for (int i = 0; i < n; i++)
        lengths[i] = (hsize_t)dimensions[i].length;
    const hid_t dataset = create_dataset(group, name, type, lengths, n, level);
    for (int i = 0; i < n; i++)
        H5(H5DSattach_scale(dataset, dimensions[i].scale, (unsigned)i));
    h5_attribute_text(dataset, "long_name", long_name);
    h5_attribute_text(dataset, "units", units);
    return dataset;
}

hid_t h5_create_variable(hid_t group, const char *name, hid_t type, const struct h5_dimension *dimensions,
    int n, const void *values, const char *long_name, const char *units)
{
    const hid_t dataset = create_labelled(group, name, type, dimensions, n, 0, long_name, units);
    if (values)
        H5(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    return dataset;
}

hid_t h5_create_compressed(hid_t group, const char *name, hid_t type, const struct h5_dimension *dimensions,
    int n, int level, const char *long_name, const char *units)
{
    return create_labelled(group, name, type, dimensions, n, level, long_name, units);
}

void h5_write_variable(hid_t group, const char *name, hid_t type, const struct h5_dimension *dimensions,
    int n, const void *values, const char *long_name, const char *units)
{
    H5(H5Dclose(h5_create_variable(group, name, type, dimensions, n, values, long_name, units)));
}

hid_t h5_create_complex_type(hid_t file)
{
    const hid_t type = H5(H5Tcreate(H5T_COMPOUND, 2 * sizeof(double)));
    H5(H5Tinsert(type, "r", 0, H5T_NATIVE_DOUBLE));
    H5(H5Tinsert(type, "i", sizeof(double), H5T_NATIVE_DOUBLE));
    H5(H5Tcommit2(file, H5_COMPLEX_TYPE, type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    return type;
}

/* Characters, not HDF5's strings: netCDF has no filters for those of variable length, and crashes over those of fixed
 * length (4.9.0). */
void h5_write_texts(hid_t group, const char *name, const struct h5_dimension *dimension, const char *texts,
    size_t bytes, const char *long_name)
{
    char length_name[NAME_BYTES];
    snprintf(length_name, sizeof length_name, "%s_length", name);
    const struct h5_dimension dimensions[] = {
        *dimension, h5_create_dimension(group, length_name, (int64_t)bytes)};
    const hid_t dataset = h5_create_variable(group, name, H5T_C_S1, dimensions, 2, texts, long_name, "1");
    h5_attribute_text(dataset, "_Encoding", "utf-8");
    H5(H5Dclose(dataset));
    H5(H5Dclose(dimensions[1].scale));
}

/* HDF5 opens by name, would follow a link, and gives up where a signal interrupts it: it gets the name of a descriptor of
 * the right file. */
hid_t h5_open_alone(const char *path)
{
    char name[64];
    hid_t file = H5I_INVALID_HID;
    const int descriptor = disk_open_own(path, O_RDWR);
    if (descriptor < 0) {
        error_set(WS_FAILED, "cannot open '%s': %s", path, strerror(errno));
        failed = true;
        return file;
    }
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    const char *const known = access(name, F_OK) == 0 ? name : path;
    do {
        errno = 0;
        file = H5Fopen(known, H5F_ACC_RDWR, H5P_DEFAULT);
    } while (file < 0 && errno == EINTR);
    H5(file);
    disk_close(descriptor);
    return file;
}

void h5_overwrite_variable(hid_t group, const char *name, const double *values)
{
    const hid_t dataset = H5(H5Dopen2(group, name, H5P_DEFAULT));
    H5(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
    H5(H5Dclose(dataset));
}

void h5_overwrite_attribute(hid_t object, const char *name, double value)
{
    const hid_t attribute = H5(H5Aopen(object, name, H5P_DEFAULT));
    H5(H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value));
    H5(H5Aclose(attribute));
}

void h5_close_written(hid_t file)
{
    if (file >= 0)
        H5(H5Fclose(file));
    if (file >= 0 && failed)
        error_forbid_finalize();
}

haddr_t h5_create_rows(hid_t file, const char *name, hid_t type, int64_t n, int64_t columns)
{
    const hsize_t lengths[] = {(hsize_t)n, (hsize_t)columns};
    const hid_t creation = H5(H5Pcreate(H5P_DATASET_CREATE)), space = H5(H5Screate_simple(2, lengths, NULL));
    H5(H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY));
    H5(H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER));
    H5(H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED)); /* a header that has a check sum */
    const hid_t dataset = H5(H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    const haddr_t place = H5Dget_offset(dataset);
    H5(place != HADDR_UNDEF ? 0 : -1);
    H5(H5Dclose(dataset));
    H5(H5Sclose(space));
    H5(H5Pclose(creation));
    return place;
}

/* Values that have one index of the first dimensions: the product of the others. */
static int64_t values_behind(hid_t space, int first)
{
    hsize_t lengths[H5S_MAX_RANK] = {0};
    const int rank = (int)H5(H5Sget_simple_extent_dims(space, lengths, NULL));
    int64_t values = 1;
    for (int i = first; i < rank; i++)
        values *= (int64_t)lengths[i];
    return values;
}

/* A value is written, for which HDF5 takes the space of all. */
static void take_space(hid_t dataset, hid_t type, hid_t in_file)
{
    const hid_t in_memory = H5(H5Screate(H5S_SCALAR));
    hsize_t first[H5S_MAX_RANK] = {0};
    const char zeros[64] = {0};
    ENSURE(H5Tget_size(type) <= sizeof zeros);
    H5(H5Sselect_elements(in_file, H5S_SELECT_SET, 1, first));
    H5(H5Dwrite(dataset, type, in_memory, in_file, H5P_DEFAULT, zeros));
    H5(H5Sclose(in_memory));
}

struct h5_place h5_take_space(hid_t group, const char *name, bool has_planes)
{
    const hid_t dataset = H5(H5Dopen2(group, name, H5P_DEFAULT)), type = H5(H5Dget_type(dataset));
    const hid_t in_file = H5(H5Dget_space(dataset));
    const int64_t bytes = (int64_t)H5Tget_size(type);
    struct h5_place place = {.plane_bytes = values_behind(in_file, has_planes ? 1 : 0) * bytes,
        .row_bytes = values_behind(in_file, has_planes ? 2 : 1) * bytes};
    take_space(dataset, type, in_file);
    const haddr_t offset = H5Dget_offset(dataset);
    H5(offset != HADDR_UNDEF ? 0 : -1);
    place.first = (int64_t)offset;
    H5(H5Sclose(in_file));
    H5(H5Tclose(type));
    H5(H5Dclose(dataset));
    return place;
}
