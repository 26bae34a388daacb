#include "io/initial.h"
#include "io/h5.h"
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, LIST_BYTES = 1024 };

struct source {
    char path[PATH_BYTES], dataset[PATH_BYTES];
    bool is_hdf5;
};

/* The last colon parts file and dataset, unless a file of the whole name is there. */
static struct source source_of(const char *text)
{
    struct source source = {.dataset = "wealth"};
    const char *colon = strrchr(text, ':');
    if (colon && access(text, F_OK) != 0) {
        snprintf(source.path, sizeof source.path, "%.*s", (int)(colon - text), text);
        snprintf(source.dataset, sizeof source.dataset, "%s", colon + 1);
    } else {
        snprintf(source.path, sizeof source.path, "%s", text);
    }
    h5_begin();
    source.is_hdf5 = H5Fis_hdf5(source.path) > 0;
    return source;
}

static bool is_wealth(double value)
{
    return isfinite(value) && value >= 0;
}

static enum status refuse(const struct source *source, int64_t position, double value)
{
    return error_add(WS_USAGE, "--initial: value %" PRId64 " of '%s' is %g: wealth must be finite, 0 or more",
        position, source->path, value);
}

/* ---- text -----------------------------------------------------------------------------------------------------
 * Each rank reads through the file by itself and keeps its own values: no rank holds them all. */

struct text {
    FILE *file;
    char *line;
    size_t room;
    int64_t number; /* of the line, from 1 */
};

static struct text text_open(const struct source *source)
{
    return (struct text){.file = fopen(source->path, "r")};
}

static void text_close(struct text *text)
{
    free(text->line);
    if (text->file)
        fclose(text->file);
}

/* The next value of the file: 1, 0 at its end, -1 where a line is no number. */
static int next_value(struct text *text, double *value)
{
    static const char blanks[] = " \t\r\n";
    ssize_t length;
    while ((length = getline(&text->line, &text->room, text->file)) >= 0) {
        text->number++;
        const char *from = text->line + strspn(text->line, blanks);
        const bool is_text = strlen(text->line) == (size_t)length;
        if (is_text && (*from == '\0' || *from == '#'))
            continue;
        char *end = NULL;
        *value = strtod(from, &end);
        return is_text && end != from && end[strspn(end, blanks)] == '\0' ? 1 : -1;
    }
    return 0;
}

/* Count the values, and complain of the first that is none. */
static enum status count_text(const struct source *source, int64_t *count)
{
    struct text text = text_open(source);
    double value = 0;
    int got = 0;
    enum status status = WS_OK;
    *count = 0;
    while (text.file && status == WS_OK && (got = next_value(&text, &value)) > 0) {
        if (!is_wealth(value))
            status = refuse(source, *count, value);
        ++*count;
    }
    if (!text.file || ferror(text.file))
        status = error_add(WS_USAGE, "--initial: cannot read '%s': %s", source->path, strerror(errno));
    else if (got < 0)
        status = error_add(WS_USAGE, "--initial: %s:%" PRId64 ": not a number", source->path, text.number);
    text_close(&text);
    return status;
}

/* Value j of the file, j = 0 … count - 1, belongs to the places j - first, j - first + count, … of wealth. */
static enum status read_text(
    const struct source *source, int64_t count, int64_t first, int64_t n, double *wealth)
{
    struct text text = text_open(source);
    int64_t seen = 0;
    double value = 0;
    if (!text.file)
        return error_set(WS_FAILED, "--initial: cannot read '%s': %s", source->path, strerror(errno));
    for (; seen < count && next_value(&text, &value) > 0; seen++)
        for (int64_t i = (seen - first % count + count) % count; i < n; i += count)
            wealth[i] = value;
    text_close(&text);
    return seen == count
               ? WS_OK
               : error_set(WS_FAILED, "--initial: '%s' has changed while it was read", source->path);
}

/* ---- HDF5 ----------------------------------------------------------------------------------------------------- */

struct listing {
    char names[LIST_BYTES];
};

static herr_t list_dataset(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    struct listing *listing = context;
    const size_t used = strlen(listing->names);
    (void)info;
    const hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object >= 0 && H5Iget_type(object) == H5I_DATASET)
        snprintf(listing->names + used, sizeof listing->names - used, "%s%s", used > 0 ? ", " : "", name);
    if (object >= 0)
        H5Oclose(object);
    return 0;
}

/* The length of the dataset, with a fault where it is not there, not of numbers or not one-dimensional. */
static enum status count_dataset(const struct source *source, hid_t file, int64_t *count)
{
    struct listing listing = {""};
    hid_t dataset = H5I_INVALID_HID;
    if (H5Lexists(file, source->dataset, H5P_DEFAULT) > 0)
        dataset = H5Dopen2(file, source->dataset, H5P_DEFAULT);
    if (dataset < 0) {
        H5Literate(file, H5_INDEX_NAME, H5_ITER_INC, NULL, list_dataset, &listing);
        return error_add(WS_USAGE, "--initial: '%s' has no dataset '%s'; it has: %s", source->path,
            source->dataset, listing.names[0] ? listing.names : "none");
    }
    const hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
    const H5T_class_t class = H5Tget_class(type);
    const int dimensions = H5Sget_simple_extent_ndims(space);
    *count = H5Sget_simple_extent_npoints(space);
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(dataset);
    if (dimensions != 1 || (class != H5T_FLOAT && class != H5T_INTEGER))
        return error_add(WS_USAGE, "--initial: dataset '%s' of '%s' is not one-dimensional, of numbers",
            source->dataset, source->path);
    return WS_OK;
}

static void read_slab(hid_t dataset, int64_t first, int64_t n, double *values)
{
    const hsize_t start = (hsize_t)first, count = (hsize_t)n;
    const hid_t in_file = H5(H5Dget_space(dataset)), in_memory = H5(H5Screate_simple(1, &count, NULL));
    H5(H5Sselect_hyperslab(in_file, H5S_SELECT_SET, &start, NULL, &count, NULL));
    H5(H5Dread(dataset, H5T_NATIVE_DOUBLE, in_memory, in_file, H5P_DEFAULT, values));
    H5(H5Sclose(in_memory));
    H5(H5Sclose(in_file));
}

/* One round of the values, which begins in their middle, is read; further rounds are copies of it.
 * refused: position of the first value that is no wealth, INT64_MAX when all are. */
static enum status read_dataset(
    const struct source *source, int64_t count, int64_t first, int64_t n, double *wealth, int64_t *refused)
{
    *refused = INT64_MAX;
    if (n == 0)
        return WS_OK;
    const int64_t start = first % count, round = n < count ? n : count;
    const int64_t before_end = count - start < round ? count - start : round;
    h5_begin();
    const hid_t file = H5(H5Fopen(source->path, H5F_ACC_RDONLY, H5P_DEFAULT));
    const hid_t dataset = H5(H5Dopen2(file, source->dataset, H5P_DEFAULT));
    read_slab(dataset, start, before_end, wealth);
    if (round > before_end)
        read_slab(dataset, 0, round - before_end, wealth + before_end);
    H5(H5Dclose(dataset));
    H5(H5Fclose(file));
    for (int64_t i = 0; i < round && h5_status() == WS_OK; i++)
        if (!is_wealth(wealth[i]) && (start + i) % count < *refused)
            *refused = (start + i) % count;
    for (int64_t i = round; i < n; i++)
        wealth[i] = wealth[i - round];
    return h5_status();
}

/* The same on all ranks: those that have the first value which is no wealth complain of it. Collective. */
static enum status read_dataset_together(const struct comm *comm, const struct source *source, int64_t count,
    int64_t first, int64_t n, double *wealth)
{
    int64_t refused = INT64_MAX, first_refused = INT64_MAX;
    const enum status status = read_dataset(source, count, first, n, wealth, &refused);
    MPI_CHECK(MPI_Allreduce(&refused, &first_refused, 1, MPI_INT64_T, MPI_MIN, comm->world));
    if (status == WS_OK && refused == first_refused && refused != INT64_MAX)
        return refuse(source, refused, wealth[(refused - first % count + count) % count]);
    return status;
}

/* ---------------------------------------------------------------------------------------------------------------- */

static enum status count_values(const struct source *source, int64_t *count)
{
    enum status status = WS_OK;
    if (source->is_hdf5) {
        const hid_t file = H5Fopen(source->path, H5F_ACC_RDONLY, H5P_DEFAULT);
        if (file < 0)
            return error_add(WS_USAGE, "--initial: '%s' is a damaged HDF5 file", source->path);
        status = count_dataset(source, file, count);
        H5Fclose(file);
    } else {
        status = count_text(source, count);
    }
    if (status == WS_OK && *count == 0)
        status = error_add(WS_USAGE, "--initial: '%s' has no values", source->path);
    return status;
}

enum status initial_check(const char *text)
{
    const struct source source = source_of(text);
    FILE *file = fopen(source.path, "r");
    int64_t count = 0;
    if (!file)
        return error_add(WS_USAGE, "--initial: cannot read '%s': %s", source.path, strerror(errno));
    fclose(file);
    return count_values(&source, &count);
}

enum status initial_read(const struct comm *comm, const char *text, int64_t first, int64_t n, double *wealth)
{
    const struct source source = source_of(text);
    int64_t count = 0;
    enum status status = WS_OK;
    if (comm->rank == 0)
        status = count_values(&source, &count);
    MPI_CHECK(MPI_Bcast(&count, 1, MPI_INT64_T, 0, comm->world));
    status = error_agree(comm->world, status);
    if (status == WS_OK)
        status = source.is_hdf5 ? read_dataset_together(comm, &source, count, first, n, wealth)
                                : read_text(&source, count, first, n, wealth);
    return error_agree(comm->world, status);
}
