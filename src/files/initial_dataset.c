#include "files/h5.h"
#include "files/initial_source.h"
#include "files/input_file.h"
#include "files/packing.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_BYTES = 1024, WORDS = 256 };

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

static void read_slab(hid_t dataset, int64_t first, int64_t n, double *values)
{
    hsize_t start[H5S_MAX_RANK] = {0}, count[H5S_MAX_RANK];
    const hsize_t length = (hsize_t)n;
    const hid_t in_file = H5(H5Dget_space(dataset)), in_memory = H5(H5Screate_simple(1, &length, NULL));
    const int axis = axis_of(in_file);
    for (int i = 0; i < H5S_MAX_RANK; i++)
        count[i] = 1;
    if (axis >= 0) {
        start[axis] = (hsize_t)first;
        count[axis] = length;
    }
    H5(H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, count, NULL));
    H5(H5Dread(dataset, H5T_NATIVE_DOUBLE, in_memory, in_file, H5P_DEFAULT, values));
    H5(H5Sclose(in_memory));
    H5(H5Sclose(in_file));
}

/* Unpack a value; note it where it is no wealth and comes before what was noted. */
static void take_value(
    const struct packing *packing, int64_t position, double *value, struct initial_refusal *refused)
{
    char why[sizeof refused->why];
    const double packed = *value;
    const bool is_value = packing_unpack(packing, packed, value, why, sizeof why);
    if ((is_value && isfinite(*value) && *value >= 0) || position >= refused->position)
        return;
    if (is_value)
        snprintf(why, sizeof why, "%g: wealth must be finite, 0 or more", *value);
    *refused = (struct initial_refusal){.position = position};
    memcpy(refused->why, why, sizeof why);
}

/* One round of the values, which begins in their middle, is read; further rounds are copies of it. */
enum status initial_dataset_read(const struct initial_source *source, int64_t first, int64_t n,
    double *wealth, struct initial_refusal *refused)
{
    const int64_t count = source->count, start = first % count, round = n < count ? n : count;
    const int64_t before_end = count - start < round ? count - start : round;
    struct packing packing;
    *refused = (struct initial_refusal){.position = INT64_MAX};
    if (n == 0)
        return WS_OK;
    h5_begin();
    const hid_t file = H5(H5Fopen(source->path, H5F_ACC_RDONLY, H5P_DEFAULT));
    const hid_t dataset = H5(H5Dopen2(file, source->dataset, H5P_DEFAULT));
    packing_of(dataset, &packing);
    read_slab(dataset, start, before_end, wealth);
    if (round > before_end)
        read_slab(dataset, 0, round - before_end, wealth + before_end);
    H5(H5Dclose(dataset));
    H5(H5Fclose(file));
    if (h5_status() != WS_OK)
        return h5_status();
    for (int64_t i = 0; i < round; i++)
        take_value(&packing, (start + i) % count, &wealth[i], refused);
    for (int64_t i = round; i < n; i++)
        wealth[i] = wealth[i - round];
    return WS_OK;
}
