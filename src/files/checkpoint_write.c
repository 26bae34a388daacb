#include "core/version.h"
#include "files/atomic_file.h"
#include "files/checkpoint_file.h"
#include "files/disk.h"
#include "files/h5.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What HDF5 adds to a file's structure for the large arrays, from above: made sure of beforehand. */
static const int64_t room_for_structure = 1 << 16;

static enum status write_mobility(hid_t file, const struct mobility_records *mobility)
{
    if (!mobility)
        return WS_OK;
    const hid_t group = h5_create_group(file, "mobility");
    const enum status status = mobility_save(group, mobility);
    H5(H5Gclose(group));
    return status;
}

/* The file's own structure, from memory, without the large arrays. */
static enum status write_head(const char *path, int64_t number, const struct checkpoint_state *state)
{
    h5_begin();
    const hid_t file = h5_create_file();
    plain_write_text(file, "title", "Checkpoint of wealthsim");
    h5_attribute_int(file, "checkpoint_format", CHECKPOINT_FORMAT);
    h5_attribute_int(file, "generation", number);
    h5_attribute_int(file, "period", state->population->period);
    h5_attribute_int(file, "n_records", state->records->n);
    plain_write_text(file, "wealthsim_version", version_wealthsim());
    plain_write_text(file, "model_name", state->population->model->name);
    fields_write_plain(file, state->identity);
    const hid_t group = h5_create_group(file, "records");
    const enum status status = records_save(group, state->records);
    H5(H5Gclose(group));
    const enum status of_mobility = write_mobility(file, state->mobility);
    const enum status saved = h5_save(file, path, room_for_structure);
    return status != WS_OK ? status : of_mobility != WS_OK ? of_mobility : saved;
}

static enum status cannot_write(const char *path)
{
    return error_set(WS_FAILED, "cannot write '%s': %s", path, strerror(errno));
}

/* Make a file longer by so many bytes. */
static enum status lengthen(const char *path, int64_t bytes)
{
    struct stat found;
    const int file = disk_open_own(path, O_WRONLY);
    const bool is_long =
        file >= 0 && fstat(file, &found) == 0 && disk_resize(file, (int64_t)found.st_size + bytes) == 0;
    const enum status status = is_long ? WS_OK : cannot_write(path);
    if (file >= 0)
        disk_close(file);
    return status;
}

/* Take space in the file for the large arrays. It is as long beforehand, so that a limit is not met within HDF5. */
static enum status take_space(const char *path, const struct model *model, struct section_range *ranges)
{
    int64_t bytes = 0;
    for (int kind = 0; kind < SECTION_KINDS; kind++)
        bytes += section_range_bytes(&ranges[kind]);
    if (lengthen(path, bytes) != WS_OK)
        return WS_FAILED;
    h5_begin();
    const hid_t file = h5_open_alone(path);
    for (int kind = 0; kind < SECTION_KINDS; kind++) {
        struct section_range *range = &ranges[kind];
        if (range->n_global == 0)
            continue;
        const hid_t type = sections_type(model, (enum section_kind)kind);
        range->place = (int64_t)h5_create_rows(file, sections_name(model, (enum section_kind)kind), type,
            section_range_rows(range), range->row_bytes / (int64_t)H5Tget_size(type));
    }
    h5_close_written(file);
    return h5_status();
}

/* What rank 0 writes alone before the others come in. */
static enum status lay_out(
    const char *path, int64_t number, const struct checkpoint_state *state, struct section_range *ranges)
{
    const enum status status = write_head(path, number, state);
    return status == WS_OK ? take_space(path, state->population->model, ranges) : status;
}

/* Rows of all sections, with room for the streams as they are saved. */
static enum status make_sections(
    struct sections *sections, const struct section_range *ranges, const struct checkpoint_state *state)
{
    const enum status status = sections_make(sections, ranges, &state->population->part, state);
    struct section *streams = &sections->of[SECTION_STREAMS];
    const size_t bytes = (size_t)(streams->n * streams->range.row_bytes);
    if (status != WS_OK)
        return status;
    sections->streams = streams->data = malloc(bytes + 1);
    return streams->data ? WS_OK : error_memory(bytes, "the checkpoint's streams");
}

/* The streams, and the paths without what is still to come. */
static enum status fill_sections(struct sections *sections, const struct checkpoint_state *state)
{
    const struct paths *paths = state->paths;
    const int64_t steps = state->population->period + 1;
    for (int64_t i = 0; paths && i < paths->n_scenarios * paths->n_local; i++)
        memcpy(sections->paths + i * steps, paths->wealth + i * paths->steps,
            (size_t)steps * sizeof *sections->paths);
    return streams_save(state->population->streams, sections->streams);
}

static enum status write_sections(int file, const char *path, const struct sections *sections,
    enum section_kind begin, enum section_kind end, uint64_t *digest)
{
    enum status status = WS_OK;
    for (int kind = (int)begin; status == WS_OK && kind < (int)end; kind++)
        status = section_write(file, path, &sections->of[kind], digest);
    return status;
}

/* All ranks' rows, and then the trailer. The disk is at work with the households while the streams are packed. Collective. */
static enum status write_arrays(const struct comm *comm, const char *path, struct sections *sections,
    const struct checkpoint_state *state, struct trailer *trailer)
{
    uint64_t mine = 0;
    struct stat found;
    struct checkpoint_source source = {.file = disk_open_own(path, O_RDWR), .path = path};
    const int file = source.file;
    enum status status = file < 0 ? cannot_write(path) : WS_OK;
    if (status == WS_OK)
        status = write_sections(file, path, sections, SECTION_ARRAYS, SECTION_PATHS, &mine);
    if (status == WS_OK)
        status = fill_sections(sections, state);
    if (status == WS_OK)
        status = write_sections(file, path, sections, SECTION_PATHS, SECTION_KINDS, &mine);
    if (status == WS_OK && fstat(file, &found) == 0)
        trailer->bytes = (int64_t)found.st_size;
    source.trailer = *trailer;
    status = checkpoint_sum_digest(comm, &source, status, mine, &trailer->digest);
    trailer->check = trailer_check(trailer);
    if (status == WS_OK && comm->rank == 0)
        status = disk_write(file, path, trailer, sizeof *trailer, trailer->bytes);
    if (file >= 0 && disk_close(file) != 0 && status == WS_OK)
        status = cannot_write(path);
    return error_agree(comm->world, status);
}

/* Read all of it back, and hold it against memory and the digest. Collective. */
static enum status read_back(const struct comm *comm, const char *path, const struct sections *sections)
{
    struct checkpoint_source source;
    uint64_t mine = 0;
    enum status status = checkpoint_open(comm, path, &source);
    if (status == WS_OK) {
        for (int kind = 0; status == WS_OK && kind < SECTION_KINDS; kind++)
            status = section_compare(source.file, path, &sections->of[kind], &mine);
        status = checkpoint_check_digest(comm, &source, status, mine);
    }
    checkpoint_close(&source);
    return status;
}

/* Which sections there will be, and where: decided by rank 0, with the file's structure. Collective. */
static enum status begin(const struct comm *comm, const char *path, int64_t number,
    const struct checkpoint_state *state, struct trailer *trailer)
{
    const struct population *population = state->population;
    const int64_t mine = (int64_t)streams_saved_bytes(population->streams);
    int64_t stream_bytes = 0;
    enum status status = WS_OK;
    MPI_CHECK(MPI_Allreduce(&mine, &stream_bytes, 1, MPI_INT64_T, MPI_MAX, comm->world));
    *trailer = trailer_of(population->part.n_global);
    sections_list(trailer->ranges, state, stream_bytes, population->period + 1);
    if (comm->rank == 0)
        status = lay_out(path, number, state, trailer->ranges);
    MPI_CHECK(MPI_Bcast(trailer, sizeof *trailer, MPI_BYTE, 0, comm->world));
    return error_agree(comm->world, status);
}

enum status checkpoint_write(
    const struct comm *comm, const char *path, int64_t number, const struct checkpoint_state *state)
{
    struct sections sections = {.streams = NULL};
    struct trailer trailer;
    enum status status = begin(comm, path, number, state, &trailer);
    if (status == WS_OK)
        status = error_agree(comm->world, make_sections(&sections, trailer.ranges, state));
    if (status == WS_OK)
        status = write_arrays(comm, path, &sections, state, &trailer);
    if (status == WS_OK)
        status = atomic_file_sync(comm, path);
    if (status == WS_OK)
        status = read_back(comm, path, &sections);
    sections_free(&sections);
    return status;
}
