#include "files/initial.h"
#include "files/initial_source.h"
#include "files/input_file.h"
#include "files/shared_files.h"
#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Parted at the last colon that a file stands before; whole, where it is a file's name itself. Where there is no such
 * file, at the last colon. */
static void part(const char *text, char *path, char *dataset)
{
    const char *colon = text + strlen(text), *last = strrchr(text, ':');
    struct stat found;
    snprintf(path, INITIAL_PATH, "%s", text);
    snprintf(dataset, INITIAL_PATH, "wealth");
    while (stat(path, &found) != 0 && colon > text) {
        colon--;
        if (*colon == ':') {
            snprintf(path, INITIAL_PATH, "%.*s", (int)(colon - text), text);
            snprintf(dataset, INITIAL_PATH, "%s", colon + 1);
        }
    }
    if (last && stat(path, &found) != 0) {
        snprintf(path, INITIAL_PATH, "%.*s", (int)(last - text), text);
        snprintf(dataset, INITIAL_PATH, "%s", last + 1);
    }
}

void initial_path(const char *text, char path[INITIAL_PATH])
{
    char dataset[INITIAL_PATH];
    part(text, path, dataset);
}

const struct initial_range initial_range_positive = {0, DBL_MAX};

bool initial_is_wealth(struct initial_range range, double value)
{
    return value >= range.low && value <= range.high;
}

const char *initial_refuse(struct initial_range range, double value, char *why)
{
    if (range.low == 0 && range.high == DBL_MAX)
        snprintf(why, INITIAL_WHY, "%g: wealth must be finite, 0 or more", value);
    else
        snprintf(
            why, INITIAL_WHY, "%.10g: wealth must be within %.10g and %.10g", value, range.low, range.high);
    return why;
}

/* Find it, and see what it has. */
static enum status look(const char *text, struct initial_range range, struct initial_source *source)
{
    memset(source, 0, sizeof *source);
    part(text, source->path, source->dataset);
    enum status status = input_file_find("initial", source->path, &source->is_hdf5);
    if (status == WS_OK)
        status = source->is_hdf5 ? initial_dataset_count(source) : initial_text_count(source, range);
    if (status == WS_OK && source->count == 0)
        status = error_add(WS_USAGE, "--initial: '%s' has no values", source->path);
    return status;
}

enum status initial_check(const char *text, struct initial_range range, FILE *log)
{
    struct initial_source source;
    const enum status status = look(text, range, &source);
    if (status == WS_OK && source.header[0])
        fprintf(log, "wealthsim: warning: --initial: line %" PRId64 " of '%s' is taken for a header: %s\n",
            source.header_line, source.path, source.header);
    return status;
}

/* The ranks that have the first value which is no wealth complain of it. Collective. */
static enum status read_dataset_together(const struct comm *comm, const struct initial_source *source,
    struct initial_range range, struct initial_households households, double *wealth)
{
    struct initial_refusal refused;
    int64_t first_refused = INT64_MAX;
    const enum status status = initial_dataset_read(source, range, households, wealth, &refused);
    MPI_CHECK(MPI_Allreduce(&refused.position, &first_refused, 1, MPI_INT64_T, MPI_MIN, comm->world));
    if (status != WS_OK || refused.position != first_refused || first_refused == INT64_MAX)
        return status;
    return error_add(
        WS_USAGE, "--initial: value %" PRId64 " of '%s' is %s", refused.position, source->path, refused.why);
}

enum status initial_read(const struct comm *comm, const char *text, struct initial_range range,
    struct initial_households households, double *wealth)
{
    struct initial_source source = {.count = 0};
    enum status status = WS_OK;
    if (comm->rank == 0)
        status = look(text, range, &source);
    MPI_CHECK(MPI_Bcast(&source, sizeof source, MPI_BYTE, 0, comm->world));
    status = error_agree(comm->world, status);
    if (status == WS_OK)
        status = shared_check_file(comm, source.path, "initial");
    if (status == WS_OK)
        status = source.is_hdf5 ? read_dataset_together(comm, &source, range, households, wealth)
                                : initial_text_read(&source, range, households, wealth);
    return error_agree(comm->world, status);
}
