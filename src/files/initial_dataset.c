#include "files/h5.h"
#include "files/initial_points.h"
#include "files/initial_source.h"
#include "files/input_file.h"
#include "files/packing.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_BYTES = 1024, WORDS = 256, PIECE = 1 << 18 /* values */ };

/* ---- looking at it ---------------------------------------------------------------------------------------------- */

struct listing {
    char names[LIST_BYTES];
};

/* The datasets of a file, those in groups too, for a message. */
static herr_t list_dataset(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    struct listing *listing = context;
    const size_t used = strlen(listing->names);
    const hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    (void)info;
    if (object >= 0 && H5Iget_type(object) == H5I_DATASET)
        snprintf(listing->names + used, sizeof listing->names - used, "%s%s", used > 0 ? ", " : "", name);
    if (object >= 0)
        H5Oclose(object);
    return 0;
}

static enum status refuse_shape(const struct initial_source *source, hid_t space)
{
    hsize_t extent[H5S_MAX_RANK];
    const int dimensions = H5Sget_simple_extent_dims(space, extent, NULL);
    char shape[WORDS] = "";
    for (int i = 0; i < dimensions; i++)
        snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%s%" PRIu64,
            i > 0 ? " x " : ": it is ", (uint64_t)extent[i]);
    return error_add(WS_USAGE,
        "--initial: dataset '%s' of '%s' is not one-dimensional, of numbers%s: write what is meant to a "
        "dataset of its own",
        source->dataset, source->path, shape);
}

/* The axis that the values lie along: of N, N x 1, 1 x N, ... ; -1 where there is more than one, or no axis. */
static int axis_of(hid_t space)
{
    hsize_t extent[H5S_MAX_RANK];
    const int dimensions = H5Sget_simple_extent_dims(space, extent, NULL);
    int axis = dimensions > 0 ? 0 : -1, n_long = 0;
    for (int i = 0; i < dimensions; i++)
        if (extent[i] != 1) {
            axis = i;
            n_long++;
        }
    return n_long <= 1 ? axis : -1;
}

static enum status check_dataset(struct initial_source *source, hid_t dataset)
{
    const hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    const H5T_class_t class = H5Tget_class(type);
    struct packing packing;
    enum status status = WS_OK;
    source->count = H5Sget_simple_extent_npoints(space);
    if (axis_of(space) < 0 || (class != H5T_FLOAT && class != H5T_INTEGER))
        status = refuse_shape(source, space);
    else
        status = input_file_check_filters("initial", source->path, source->dataset, dataset);
    const char *fault = status == WS_OK ? packing_of(dataset, &packing) : NULL;
    if (fault)
        status = error_add(WS_USAGE,
            "--initial: attribute %s of dataset '%s' of '%s' cannot be understood: unpack the "
            "values first",
            fault, source->dataset, source->path);
    H5Tclose(type);
    H5Sclose(space);
    return status;
}

enum status initial_dataset_count(struct initial_source *source)
{
    struct listing listing = {""};
    enum status status = WS_OK;
    const hid_t file = input_file_open("initial", source->path);
    if (file < 0)
        return WS_USAGE;
    const hid_t object = source->dataset[0] ? H5Oopen(file, source->dataset, H5P_DEFAULT) : H5I_INVALID_HID;
    if (object >= 0 && H5Iget_type(object) == H5I_DATASET) {
        status = check_dataset(source, object);
    } else {
        H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, list_dataset, &listing);
        status = error_add(WS_USAGE, "--initial: '%s' has no dataset '%s'; it has: %s", source->path,
            source->dataset, listing.names[0] ? listing.names : "none");
    }
    if (object >= 0)
        H5Oclose(object);
    H5Fclose(file);
    return status;
}

/* ---- reading it ------------------------------------------------------------------------------------------------- */

/* A dataset that is being read in pieces: each ends where a multiple of their length does, so that a chunk, which HDF5
 * unpacks as a whole, is in one of them. */
struct slabs {
    hid_t dataset;
    int axis;
    int64_t length;
    double *values; /* [length] */
};

static enum status open_slabs(hid_t dataset, int64_t count, struct slabs *slabs)
{
    hsize_t chunk[H5S_MAX_RANK];
    const hid_t space = H5(H5Dget_space(dataset)), plan = H5(H5Dget_create_plist(dataset));
    *slabs = (struct slabs){.dataset = dataset, .axis = axis_of(space), .length = PIECE};
    if (H5Pget_layout(plan) == H5D_CHUNKED && H5Pget_chunk(plan, H5S_MAX_RANK, chunk) > slabs->axis) {
        const int64_t length = (int64_t)chunk[slabs->axis], left = (PIECE - 1) % length;
        slabs->length = length < PIECE ? PIECE - 1 - left + length : length;
    }
    if (slabs->length > count)
        slabs->length = count;
    H5(H5Pclose(plan));
    H5(H5Sclose(space));
    const size_t bytes = (size_t)slabs->length * sizeof *slabs->values;
    slabs->values = malloc(bytes);
    return slabs->values ? WS_OK : error_memory(bytes, "a piece of the start values");
}

static void read_slab(const struct slabs *slabs, int64_t first, int64_t n)
{
    hsize_t start[H5S_MAX_RANK] = {0}, count[H5S_MAX_RANK];
    const hsize_t length = (hsize_t)n;
    const hid_t in_file = H5(H5Dget_space(slabs->dataset));
    const hid_t in_memory = H5(H5Screate_simple(1, &length, NULL));
    for (int i = 0; i < H5S_MAX_RANK; i++)
        count[i] = 1;
    if (slabs->axis >= 0) {
        start[slabs->axis] = (hsize_t)first;
        count[slabs->axis] = length;
    }
    H5(H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, count, NULL));
    H5(H5Dread(slabs->dataset, H5T_NATIVE_DOUBLE, in_memory, in_file, H5P_DEFAULT, slabs->values));
    H5(H5Sclose(in_memory));
    H5(H5Sclose(in_file));
}

/* Unpack a value; note it where it is no wealth and is the first such one: positions go up. */
static double take_value(const struct packing *packing, struct initial_range range, int64_t position,
    double packed, struct initial_refusal *refused)
{
    char why[INITIAL_WHY];
    double value = packed;
    const bool is_value = packing_unpack(packing, packed, &value, why, sizeof why);
    if ((is_value && initial_is_wealth(range, value)) || refused->position != INT64_MAX)
        return value;
    if (is_value)
        initial_refuse(range, value, why);
    refused->position = position;
    memcpy(refused->why, why, sizeof why);
    return value;
}

/* Of the households from the one at this point on, n at most, those that start within the point's piece, and the last
 * value that they need. */
static int64_t count_households(
    const struct slabs *slabs, struct initial_points point, int64_t n, int64_t *last)
{
    const int64_t end = (point.value / slabs->length + 1) * slabs->length;
    int64_t count = 0;
    for (; count < n && point.value < end; count++) {
        *last = point.value;
        initial_points_next(&point);
    }
    return count;
}

static void read_pieces(const struct slabs *slabs, const struct packing *packing, struct initial_range range,
    struct initial_households households, struct initial_points point, double *wealth,
    struct initial_refusal *refused)
{
    for (int64_t i = 0; i < households.n && h5_status() == WS_OK;) {
        const int64_t begin = point.value;
        int64_t last = begin, taken = -1;
        const int64_t end = i + count_households(slabs, point, households.n - i, &last);
        read_slab(slabs, begin, last - begin + 1);
        for (; i < end && h5_status() == WS_OK; i++) {
            wealth[i] = point.value == taken ? wealth[i - 1]
                                             : take_value(packing, range, point.value,
                                                   slabs->values[point.value - begin], refused);
            taken = point.value;
            initial_points_next(&point);
        }
    }
}

enum status initial_dataset_read(const struct initial_source *source, struct initial_range range,
    struct initial_households households, double *wealth, struct initial_refusal *refused)
{
    struct packing packing;
    struct slabs slabs;
    *refused = (struct initial_refusal){.position = INT64_MAX};
    if (households.n == 0)
        return WS_OK;
    const struct initial_points point =
        initial_points_at(households.first, households.n_global, source->count);
    h5_begin();
    const hid_t file = H5(H5Fopen(source->path, H5F_ACC_RDONLY, H5P_DEFAULT));
    const hid_t dataset = H5(H5Dopen2(file, source->dataset, H5P_DEFAULT));
    packing_of(dataset, &packing);
    enum status status = open_slabs(dataset, source->count, &slabs);
    if (status == WS_OK)
        read_pieces(&slabs, &packing, range, households, point, wealth, refused);
    free(slabs.values);
    H5(H5Dclose(dataset));
    H5(H5Fclose(file));
    return status == WS_OK ? h5_status() : status;
}
