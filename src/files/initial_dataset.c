#include "files/h5.h"
#include "files/initial_source.h"
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

/* The innermost of what HDF5 says of a failure. */
static herr_t innermost(unsigned n, const H5E_error2_t *entry, void *context)
{
    (void)n;
    snprintf(context, WORDS, "%s", entry->desc ? entry->desc : "");
    return 0;
}

static enum status refuse_file(const struct initial_source *source)
{
    char why[WORDS] = "";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, innermost, why);
    return error_add(WS_USAGE,
        "--initial: '%s' is a damaged HDF5 file, or cannot be read now: HDF5 says '%s'", source->path, why);
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
        "dataset of its "
        "own",
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

/* Filters that the data went through, all of which are to be here. */
static enum status check_filters(const struct initial_source *source, hid_t dataset)
{
    const hid_t plan = H5Dget_create_plist(dataset);
    enum status status = WS_OK;
    for (int i = 0; i < H5Pget_nfilters(plan) && status == WS_OK; i++) {
        unsigned flags = 0;
        size_t n_values = 0;
        char name[64] = "";
        const H5Z_filter_t filter =
            H5Pget_filter2(plan, (unsigned)i, &flags, &n_values, NULL, sizeof name, name, NULL);
        if (filter >= 0 && H5Zfilter_avail(filter) <= 0)
            status = error_add(WS_USAGE,
                "--initial: dataset '%s' of '%s' needs HDF5's filter %d (%.60s), which is not here: name the "
                "folder "
                "of its plugin in HDF5_PLUGIN_PATH, or write the file anew without it (h5repack -f NONE, "
                "where it is "
                "there)",
                source->dataset, source->path, (int)filter, name[0] ? name : "without a name");
    }
    H5Pclose(plan);
    return status;
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
        status = check_filters(source, dataset);
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
    h5_begin();
    const hid_t file = H5Fopen(source->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0)
        return refuse_file(source);
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
