#include "io/checkpoint.h"
#include "io/disk.h"
#include "io/durable.h"
#include "io/h5.h"
#include "io/saved_options.h"
#include "io/section.h"
#include "runtime/version.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FORMAT = 2 };

/* What HDF5 adds to a file's structure for the large arrays, from above: made sure of beforehand. */
static const int64_t room_for_structure = 1 << 16;

/* ---- the large arrays ------------------------------------------------------------------------------------------- */

struct sections {
    struct section of[SECTION_KINDS];
    unsigned char *streams; /* saved streams, ours */
    double *paths;          /* the paths' first columns, ours */
};

static hid_t type_of(enum section_kind kind)
{
    return kind == SECTION_STREAMS     ? H5T_NATIVE_UINT8
           : kind == SECTION_COALESCED ? H5T_NATIVE_INT64
                                       : H5T_NATIVE_DOUBLE;
}

static void free_sections(struct sections *sections)
{
    free(sections->streams);
    free(sections->paths);
}

/* Which sections a run has, without their places: with streams of so many bytes, and paths of so many steps. */
static void list_ranges(
    struct section_range *ranges, const struct checkpoint_state *state, int64_t stream_bytes, int64_t steps)
{
    const struct population *population = state->population;
    const struct decomposition *part = &population->part;
    const int64_t number = sizeof(double);
    memset(ranges, 0, SECTION_KINDS * sizeof *ranges);
    ranges[SECTION_WEALTH] = (struct section_range){.n_global = part->n_global, .row_bytes = number};
    ranges[SECTION_STREAMS] =
        (struct section_range){.n_global = part->n_blocks_global, .row_bytes = stream_bytes};
    if (population->twin) {
        ranges[SECTION_TWIN] = ranges[SECTION_WEALTH];
        ranges[SECTION_COALESCED] =
            (struct section_range){.n_global = part->n_blocks_global, .row_bytes = number};
    }
    if (population->path)
        ranges[SECTION_PATHS] =
            (struct section_range){.n_global = state->options->paths, .row_bytes = steps * number};
}

/* This rank's rows of the sections, and their memory: the population's, and what is made here. */
static enum status make_sections(struct sections *sections, const struct section_range *ranges,
    const struct decomposition *part, const struct population *population)
{
    *sections = (struct sections){.streams = NULL};
    for (int kind = 0; kind < SECTION_KINDS; kind++)
        sections->of[kind] = section_of((enum section_kind)kind, ranges[kind], part);
    struct section *streams = &sections->of[SECTION_STREAMS], *paths = &sections->of[SECTION_PATHS];
    sections->streams = malloc((size_t)(streams->n * streams->range.row_bytes) + 1);
    sections->paths = malloc((size_t)(paths->n * paths->range.row_bytes) + 1);
    if (!sections->streams || !sections->paths)
        return error_memory((size_t)(streams->n * streams->range.row_bytes), "the checkpoint's streams");
    streams->data = sections->streams;
    paths->data = (unsigned char *)sections->paths;
    sections->of[SECTION_WEALTH].data = (unsigned char *)population->wealth;
    sections->of[SECTION_TWIN].data = (unsigned char *)population->twin;
    sections->of[SECTION_COALESCED].data = (unsigned char *)population->coalesced;
    return WS_OK;
}

/* ---- trailer ---------------------------------------------------------------------------------------------------- */

static const char magic[16] = "wealthsim-check";

struct trailer {
    char magic[16];
    int64_t bytes; /* of the file before the trailer */
    int64_t households;
    struct section_range ranges[SECTION_KINDS];
    uint64_t digest;
    uint64_t check; /* of the members before */
};

static uint64_t check_of(const struct trailer *trailer)
{
    return XXH3_64bits(trailer, offsetof(struct trailer, check));
}

static int64_t size_of_file(int file)
{
    struct stat found;
    return fstat(file, &found) == 0 ? (int64_t)found.st_size : -1;
}

static bool lies_within(const struct section_range *range, int64_t bytes)
{
    if (range->n_global == 0)
        return true;
    return range->n_global > 0 && range->row_bytes > 0 && range->place >= 0 && range->place < bytes &&
           range->row_bytes <= (bytes - range->place) / range->n_global;
}

/* Whether what it says is possible in a file of this length. */
static bool is_possible(const struct trailer *trailer, int64_t bytes)
{
    bool are_within = true;
    for (int kind = 0; kind < SECTION_KINDS; kind++)
        are_within = are_within && lies_within(&trailer->ranges[kind], bytes);
    return are_within && trailer->bytes == bytes && trailer->households >= 1 && trailer->households <= bytes;
}

static enum status read_trailer(int file, const char *path, struct trailer *trailer)
{
    const int64_t size = size_of_file(file), place = size - (int64_t)sizeof *trailer;
    if (place < 0)
        return error_set(WS_FAILED, "'%s' is cut short", path);
    const enum status status = disk_read(file, path, trailer, sizeof *trailer, place);
    if (status == WS_OK && (memcmp(trailer->magic, magic, sizeof magic) != 0 ||
                               trailer->check != check_of(trailer) || !is_possible(trailer, place)))
        return error_set(WS_FAILED, "'%s' is cut short, or damaged at its end", path);
    return status;
}

/* The digest of the whole file: from all ranks that of their rows, and from rank 0 that of the rest. Collective. */
static enum status sum_digest(const struct comm *comm, int file, const char *path,
    const struct trailer *trailer, enum status status, uint64_t mine, uint64_t *digest)
{
    if (status == WS_OK && comm->rank == 0)
        status = section_read_rest(file, path, trailer->ranges, trailer->bytes, &mine);
    MPI_CHECK(MPI_Allreduce(&mine, digest, 1, MPI_UINT64_T, MPI_SUM, comm->world));
    return error_agree(comm->world, status);
}

/* Hold what has been read against the trailer. Collective. */
static enum status check_digest(const struct comm *comm, int file, const char *path,
    const struct trailer *trailer, enum status status, uint64_t mine)
{
    uint64_t digest = 0;
    status = sum_digest(comm, file, path, trailer, status, mine, &digest);
    if (status == WS_OK && digest != trailer->digest)
        status =
            error_set(WS_FAILED, "'%s' is damaged: its digest is not the one that it was written with", path);
    return status;
}

/* Open a file on all ranks, with its trailer. Collective. @return WS_OK, or WS_FAILED on all ranks */
static enum status open_whole(const struct comm *comm, const char *path, int *file, struct trailer *trailer)
{
    *file = disk_open(path, O_RDONLY);
    enum status status =
        *file < 0 ? error_set(WS_FAILED, "cannot read '%s': %s", path, strerror(errno)) : WS_OK;
    if (status == WS_OK && comm->rank == 0)
        status = read_trailer(*file, path, trailer);
    MPI_CHECK(MPI_Bcast(trailer, sizeof *trailer, MPI_BYTE, 0, comm->world));
    return error_agree(comm->world, status);
}

static void close_read(int file)
{
    if (file >= 0)
        disk_close(file);
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* The file's own structure, from memory, without the large arrays. */
static enum status write_head(const char *path, int64_t generation, const struct checkpoint_state *state)
{
    h5_begin();
    const hid_t file = h5_create_file();
    h5_attribute_text(file, "title", "Checkpoint of wealthsim");
    h5_attribute_int(file, "checkpoint_format", FORMAT);
    h5_attribute_int(file, "generation", generation);
    h5_attribute_int(file, "period", state->population->period);
    h5_attribute_int(file, "n_records", state->n_records);
    h5_attribute_text(file, "wealthsim_version", version_wealthsim());
    saved_options_write(file, state->options, state->takes);
    const hid_t group = h5_create_group(file, "records");
    const enum status status = records_write(group, state->options, state->records, state->n_records);
    H5(H5Gclose(group));
    const enum status saved = h5_save(file, path, room_for_structure);
    return status == WS_OK ? saved : status;
}

/* Take space in the file for the large arrays. It is as long beforehand, so that a limit is not met within HDF5. */
static enum status take_space(const char *path, struct section_range *ranges)
{
    struct stat found = {.st_size = 0};
    int64_t bytes = 0;
    for (int kind = 0; kind < SECTION_KINDS; kind++)
        bytes += ranges[kind].n_global * ranges[kind].row_bytes;
    const int descriptor = disk_open_own(path, O_WRONLY);
    const bool is_long = descriptor >= 0 && fstat(descriptor, &found) == 0 &&
                         disk_resize(descriptor, (int64_t)found.st_size + bytes) == 0;
    const int why = errno;
    if (descriptor >= 0)
        disk_close(descriptor);
    if (!is_long)
        return error_set(WS_FAILED, "cannot write '%s': %s", path, strerror(why));
    h5_begin();
    const hid_t file = h5_open_alone(path);
    for (int kind = 0; kind < SECTION_KINDS; kind++) {
        struct section_range *range = &ranges[kind];
        const hid_t type = type_of((enum section_kind)kind);
        if (range->n_global > 0)
            range->place = (int64_t)h5_create_rows(file, section_name((enum section_kind)kind), type,
                range->n_global, range->row_bytes / (int64_t)H5Tget_size(type));
    }
    h5_close_written(file);
    return h5_status();
}

/* What rank 0 writes alone before the others come in. */
static enum status lay_out(
    const char *path, int64_t generation, const struct checkpoint_state *state, struct section_range *ranges)
{
    const enum status status = write_head(path, generation, state);
    return status == WS_OK ? take_space(path, ranges) : status;
}

/* The streams, and the paths without what is still to come. */
static enum status fill_sections(
    struct sections *sections, const struct population *population, int64_t steps)
{
    for (int64_t i = 0; i < population->n_paths_local; i++)
        memcpy(sections->paths + i * steps, population->path + i * population->path_steps,
            (size_t)steps * sizeof *sections->paths);
    return streams_save(population->streams, sections->streams);
}

static enum status write_sections(int file, const char *path, const struct sections *sections,
    enum section_kind begin, enum section_kind end, uint64_t *digest)
{
    enum status status = WS_OK;
    for (int kind = (int)begin; status == WS_OK && kind < (int)end; kind++)
        status = section_write(file, path, &sections->of[kind], digest);
    return status;
}

/* All ranks' rows, and then the trailer. The disk is at work with wealth while the streams are packed. Collective. */
static enum status write_arrays(const struct comm *comm, const char *path, struct sections *sections,
    const struct population *population, struct trailer *trailer)
{
    uint64_t mine = 0;
    const int file = disk_open_own(path, O_RDWR);
    enum status status =
        file < 0 ? error_set(WS_FAILED, "cannot write '%s': %s", path, strerror(errno)) : WS_OK;
    if (status == WS_OK)
        status = write_sections(file, path, sections, 0, SECTION_PATHS, &mine);
    if (status == WS_OK)
        status = fill_sections(sections, population, population->period + 1);
    if (status == WS_OK)
        status = write_sections(file, path, sections, SECTION_PATHS, SECTION_KINDS, &mine);
    if (status == WS_OK)
        trailer->bytes = size_of_file(file);
    status = sum_digest(comm, file, path, trailer, status, mine, &trailer->digest);
    trailer->check = check_of(trailer);
    if (status == WS_OK && comm->rank == 0)
        status = disk_write(file, path, trailer, sizeof *trailer, trailer->bytes);
    if (file >= 0 && disk_close(file) != 0)
        status = error_set(WS_FAILED, "cannot write '%s': %s", path, strerror(errno));
    return error_agree(comm->world, status);
}

/* Read all of it back, and hold it against memory and the digest. Collective. */
static enum status read_back(const struct comm *comm, const char *path, const struct sections *sections)
{
    struct trailer trailer = {.bytes = 0};
    uint64_t mine = 0;
    int file = -1;
    enum status status = open_whole(comm, path, &file, &trailer);
    if (status == WS_OK) {
        for (int kind = 0; status == WS_OK && kind < SECTION_KINDS; kind++)
            status = section_compare(file, path, &sections->of[kind], &mine);
        status = check_digest(comm, file, path, &trailer, status, mine);
    }
    close_read(file);
    return status;
}

/* Which sections there will be, and where: decided by rank 0, with the file's structure. Collective. */
static enum status begin(const struct comm *comm, const char *path, int64_t generation,
    const struct checkpoint_state *state, struct trailer *trailer)
{
    const struct population *population = state->population;
    const int64_t mine = (int64_t)streams_saved_bytes(population->streams);
    int64_t stream_bytes = 0;
    enum status status = WS_OK;
    MPI_CHECK(MPI_Allreduce(&mine, &stream_bytes, 1, MPI_INT64_T, MPI_MAX, comm->world));
    *trailer = (struct trailer){.households = population->part.n_global};
    memcpy(trailer->magic, magic, sizeof magic);
    list_ranges(trailer->ranges, state, stream_bytes, population->period + 1);
    if (comm->rank == 0)
        status = lay_out(path, generation, state, trailer->ranges);
    MPI_CHECK(MPI_Bcast(trailer, sizeof *trailer, MPI_BYTE, 0, comm->world));
    return error_agree(comm->world, status);
}

enum status checkpoint_write(
    const struct comm *comm, const char *path, int64_t generation, const struct checkpoint_state *state)
{
    struct sections sections = {.streams = NULL};
    struct trailer trailer;
    enum status status = begin(comm, path, generation, state, &trailer);
    if (status == WS_OK)
        status = error_agree(comm->world,
            make_sections(&sections, trailer.ranges, &state->population->part, state->population));
    if (status == WS_OK)
        status = write_arrays(comm, path, &sections, state->population, &trailer);
    if (status == WS_OK)
        status = durable_sync(comm, path);
    if (status == WS_OK)
        status = read_back(comm, path, &sections);
    free_sections(&sections);
    return status;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static enum status compare_run(
    hid_t file, const char *path, const struct checkpoint_state *state, int64_t period)
{
    enum status status = saved_options_compare(file, state->options, state->takes);
    if (period > state->options->periods)
        status = error_add(WS_USAGE,
            "--periods: the checkpoint is at period %" PRId64 " already, this run ends at %" PRId64, period,
            state->options->periods);
    if (status != WS_OK)
        error_add(WS_USAGE,
            "'%s' is the checkpoint of another run: give it that run's options, or another --checkpoint",
            path);
    return status;
}

/* Leave the memory of this run alone where a file's section has another shape. @return whether all have this run's */
static bool keep_fitting(
    struct sections *sections, const struct trailer *trailer, const struct checkpoint_state *state)
{
    struct section_range ours[SECTION_KINDS];
    const struct section_range *theirs = trailer->ranges;
    bool all_fit = true;
    list_ranges(ours, state, theirs[SECTION_STREAMS].row_bytes,
        theirs[SECTION_PATHS].row_bytes / (int64_t)sizeof(double));
    for (int kind = 0; kind < SECTION_KINDS; kind++) {
        const bool fits = theirs[kind].n_global == ours[kind].n_global &&
                          (ours[kind].n_global == 0 || theirs[kind].row_bytes == ours[kind].row_bytes);
        if (!fits || trailer->households != state->population->part.n_global)
            sections->of[kind].data = NULL;
        all_fit = all_fit && fits;
    }
    return all_fit;
}

/* Read this rank's rows of all sections into the run's memory, and see that the whole file is as it was written.
 * Collective. */
static enum status read_arrays(const struct comm *comm, int file, const char *path,
    const struct trailer *trailer, const struct sections *sections)
{
    uint64_t mine = 0;
    enum status status = WS_OK;
    posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL);
    for (int kind = 0; status == WS_OK && kind < SECTION_KINDS; kind++)
        status = section_read(file, path, &sections->of[kind], &mine);
    return check_digest(comm, file, path, trailer, status, mine);
}

static enum status restore_population(
    const struct sections *sections, struct population *population, enum rng_family family, int64_t steps)
{
    const struct section *streams = &sections->of[SECTION_STREAMS];
    for (int64_t i = 0; i < population->n_paths_local; i++)
        memcpy(population->path + i * population->path_steps, sections->paths + i * steps,
            (size_t)steps * sizeof *sections->paths);
    return streams_restore(&population->streams, family, streams->n, population->threads, streams->data,
        (size_t)streams->range.row_bytes);
}

/* The records so far. The last one of a shorter run may be one that this run does not make: it is dropped. */
static enum status restore_records(hid_t file, const char *path, struct checkpoint_state *state, int64_t n)
{
    if (n < 0 || n > records_count(state->options))
        return error_set(WS_FAILED, "'%s' has %" PRId64 " records, more than the run can have", path, n);
    const hid_t group = H5(H5Gopen2(file, "records", H5P_DEFAULT));
    const enum status status = records_read(group, state->options, state->records, n);
    H5(H5Gclose(group));
    state->n_records = n;
    if (n > 0 && !records_due(state->options, state->records[n - 1].period))
        summary_destroy(&state->records[--state->n_records].summary);
    return status;
}

/* What each rank takes from the file's structure by itself; the file is known to be whole, its arrays have been read.
 * all_fit: in the shapes of this run */
static enum status restore(
    const char *path, const struct sections *sections, bool all_fit, struct checkpoint_state *state)
{
    struct population *population = state->population;
    h5_begin();
    const hid_t file = H5(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT));
    const int64_t format = h5_read_attribute_int(file, "checkpoint_format");
    const int64_t period = h5_read_attribute_int(file, "period");
    const int64_t n_records = h5_read_attribute_int(file, "n_records");
    enum status status = h5_status();
    if (status == WS_OK && format != FORMAT)
        status = error_set(
            WS_FAILED, "'%s' has format %" PRId64 ", this wealthsim reads %d", path, format, FORMAT);
    if (status == WS_OK)
        status = compare_run(file, path, state, period);
    if (status == WS_OK && !all_fit)
        status = error_set(WS_FAILED, "'%s' does not have the arrays of this run", path);
    if (status == WS_OK)
        status = restore_population(sections, population, (enum rng_family)state->options->rng, period + 1);
    if (status == WS_OK && state->options->record_every > 0)
        status = restore_records(file, path, state, n_records);
    population->period = status == WS_OK ? period : 0;
    if (file >= 0)
        H5(H5Fclose(file));
    return status;
}

/* As if it had not been tried. */
static void forget(struct checkpoint_state *state)
{
    for (int64_t i = 0; i < records_count(state->options); i++)
        summary_destroy(&state->records[i].summary);
    state->n_records = 0;
    state->population->period = 0;
    streams_destroy(state->population->streams);
    state->population->streams = NULL;
}

enum status checkpoint_read(const struct comm *comm, const char *path, struct checkpoint_state *state)
{
    struct sections sections = {.streams = NULL};
    struct trailer trailer = {.bytes = 0};
    bool all_fit = false;
    int file = -1;
    enum status status = open_whole(comm, path, &file, &trailer);
    if (status == WS_OK) {
        const struct decomposition part = decomposition_of(trailer.households, comm->rank, comm->size);
        status = make_sections(&sections, trailer.ranges, &part, state->population);
        all_fit = keep_fitting(&sections, &trailer, state);
        status = error_agree(comm->world, status);
    }
    if (status == WS_OK)
        status = read_arrays(comm, file, path, &trailer, &sections);
    close_read(file);
    if (status == WS_OK) {
        status = error_agree(comm->world, restore(path, &sections, all_fit, state));
        if (status != WS_OK)
            forget(state);
    }
    free_sections(&sections);
    return status;
}
