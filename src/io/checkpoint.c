#include "io/checkpoint.h"
#include "io/durable.h"
#include "io/h5.h"
#include "io/saved_options.h"
#include "runtime/version.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FORMAT = 1, MOST_SECTIONS = 5 };
static const int64_t piece_bytes = 4 << 20;

/* ---- sections: the large arrays, of which each rank has a range of rows ----------------------------------------- */

struct section {
    const char *name;
    hid_t type;
    void *data;
    int64_t first, n, n_global, columns; /* rows of this rank, of all; values of a row */
    haddr_t place;                       /* of the first row of all in the file */
};

struct sections {
    struct section of[MOST_SECTIONS];
    int n;
    unsigned char *streams; /* saved streams, ours */
    double *paths;          /* the paths' first columns, ours */
};

static size_t row_bytes(const struct section *section)
{
    return (size_t)section->columns * H5Tget_size(section->type);
}

static void add_section(struct sections *sections, const char *name, hid_t type, void *data, int64_t first,
    int64_t n, int64_t n_global, int64_t columns)
{
    sections->of[sections->n++] = (struct section){.name = name,
        .type = type,
        .data = data,
        .first = first,
        .n = n,
        .n_global = n_global,
        .columns = columns};
}

static void free_sections(struct sections *sections)
{
    free(sections->streams);
    free(sections->paths);
}

/* The sections of a run, with room for streams of so many bytes and paths of so many steps. */
static enum status list_sections(
    struct sections *sections, const struct checkpoint_state *state, int64_t stream_bytes, int64_t steps)
{
    const struct population *population = state->population;
    const struct decomposition *part = &population->part;
    const int64_t n_paths = population->n_paths_local;
    *sections = (struct sections){.streams = malloc((size_t)(part->n_blocks_local * stream_bytes) + 1),
        .paths = malloc((size_t)(n_paths * steps) * sizeof(double) + 1)};
    if (!sections->streams || !sections->paths)
        return error_memory((size_t)(part->n_blocks_local * stream_bytes), "the checkpoint's streams");
    add_section(sections, "wealth", H5T_NATIVE_DOUBLE, population->wealth, part->first_household,
        part->n_local, part->n_global, 1);
    add_section(sections, "streams", H5T_NATIVE_UINT8, sections->streams, part->first_block,
        part->n_blocks_local, part->n_blocks_global, stream_bytes);
    if (population->twin) {
        add_section(sections, "twin", H5T_NATIVE_DOUBLE, population->twin, part->first_household,
            part->n_local, part->n_global, 1);
        add_section(sections, "coalesced", H5T_NATIVE_INT64, population->coalesced, part->first_block,
            part->n_blocks_local, part->n_blocks_global, 1);
    }
    if (population->path)
        add_section(sections, "path_wealth", H5T_NATIVE_DOUBLE, sections->paths, part->first_household,
            n_paths, state->options->paths, steps);
    return WS_OK;
}

/* ---- trailer and digest ----------------------------------------------------------------------------------------- */

static const char magic[16] = "wealthsim-check";

struct trailer {
    char magic[16];
    int64_t bytes; /* of the file before the trailer */
    uint64_t digest;
    uint64_t check; /* of the members before */
};

static uint64_t check_of(const struct trailer *trailer)
{
    return XXH3_64bits(trailer, offsetof(struct trailer, check));
}

/* Read n bytes at a place, or say why not. */
static enum status read_at(int file, const char *path, void *bytes, size_t n, int64_t place)
{
    for (size_t done = 0; done < n;) {
        const ssize_t got = pread(file, (char *)bytes + done, n - done, (off_t)(place + (int64_t)done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(WS_FAILED, "cannot read '%s': %s", path, strerror(errno));
        if (got == 0)
            return error_set(WS_FAILED, "'%s' is cut short", path);
        done += (size_t)got;
    }
    return WS_OK;
}

/* The digest of a file's first bytes; each rank reads a range of pieces from its beginning to its end. Collective. */
static enum status digest_file(const struct comm *comm, const char *path, int64_t bytes, uint64_t *digest)
{
    const int file = open(path, O_RDONLY);
    char *piece = malloc((size_t)piece_bytes);
    const int64_t pieces = (bytes + piece_bytes - 1) / piece_bytes;
    const int64_t first = pieces * comm->rank / comm->size, end = pieces * (comm->rank + 1) / comm->size;
    enum status status = WS_OK;
    uint64_t sum = 0;
    if (file >= 0)
        posix_fadvise(
            file, (off_t)(first * piece_bytes), (off_t)((end - first) * piece_bytes), POSIX_FADV_SEQUENTIAL);
    if (file < 0)
        status = error_set(WS_FAILED, "cannot read '%s': %s", path, strerror(errno));
    else if (!piece)
        status = error_memory((size_t)piece_bytes, "a piece of the checkpoint");
    for (int64_t i = first; status == WS_OK && i < end; i++) {
        const int64_t left = bytes - i * piece_bytes;
        const size_t n = (size_t)(left < piece_bytes ? left : piece_bytes);
        status = read_at(file, path, piece, n, i * piece_bytes);
        sum += status == WS_OK ? XXH3_64bits_withSeed(piece, n, (uint64_t)i) : 0;
    }
    free(piece);
    if (file >= 0)
        close(file);
    MPI_CHECK(MPI_Allreduce(&sum, digest, 1, MPI_UINT64_T, MPI_SUM, comm->world));
    return error_agree(comm->world, status);
}

static int64_t size_of_file(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 ? (int64_t)found.st_size : -1;
}

static enum status append_trailer(const char *path, int64_t bytes, uint64_t digest)
{
    struct trailer trailer = {.bytes = bytes, .digest = digest};
    memcpy(trailer.magic, magic, sizeof magic);
    trailer.check = check_of(&trailer);
    const int file = open(path, O_WRONLY);
    bool good = file >= 0 && pwrite(file, &trailer, sizeof trailer, (off_t)bytes) == sizeof trailer;
    good = good && fsync(file) == 0;
    const int why = errno;
    if (file >= 0)
        good = close(file) == 0 && good;
    return good ? WS_OK : error_set(WS_FAILED, "cannot write '%s': %s", path, strerror(why));
}

static enum status read_trailer(const char *path, struct trailer *trailer)
{
    const int64_t size = size_of_file(path);
    const int file = open(path, O_RDONLY);
    enum status status = WS_OK;
    if (file < 0)
        return error_set(WS_FAILED, "cannot read '%s': %s", path, strerror(errno));
    if (size < (int64_t)sizeof *trailer)
        status = error_set(WS_FAILED, "'%s' is cut short", path);
    else
        status = read_at(file, path, trailer, sizeof *trailer, size - (int64_t)sizeof *trailer);
    close(file);
    if (status == WS_OK &&
        (memcmp(trailer->magic, magic, sizeof magic) != 0 || trailer->check != check_of(trailer) ||
            trailer->bytes != size - (int64_t)sizeof *trailer))
        status = error_set(WS_FAILED, "'%s' is cut short, or damaged at its end", path);
    return status;
}

/* Hold the whole file against its trailer. Collective. */
static enum status verify(const struct comm *comm, const char *path)
{
    struct trailer trailer = {.bytes = 0};
    uint64_t digest = 0;
    enum status status = WS_OK;
    if (comm->rank == 0)
        status = read_trailer(path, &trailer);
    MPI_CHECK(MPI_Bcast(&trailer, sizeof trailer, MPI_BYTE, 0, comm->world));
    status = error_agree(comm->world, status);
    if (status == WS_OK)
        status = digest_file(comm, path, trailer.bytes, &digest);
    if (status == WS_OK && digest != trailer.digest)
        status =
            error_set(WS_FAILED, "'%s' is damaged: its digest is not the one that it was written with", path);
    return status;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* What rank 0 writes alone. */
static enum status lay_out(const char *path, int64_t generation, const struct checkpoint_state *state,
    const struct sections *sections)
{
    int64_t room = 0;
    h5_begin();
    const hid_t file = h5_create_file();
    h5_attribute_text(file, "title", "Checkpoint of wealthsim");
    h5_attribute_int(file, "checkpoint_format", FORMAT);
    h5_attribute_int(file, "generation", generation);
    h5_attribute_int(file, "period", state->population->period);
    h5_attribute_int(file, "n_records", state->n_records);
    h5_attribute_text(file, "wealthsim_version", version_wealthsim());
    saved_options_write(file, state->options, state->takes);
    for (int i = 0; i < sections->n; i++) {
        const struct section *section = &sections->of[i];
        h5_create_rows(file, section->name, section->type, section->n_global, section->columns);
        room += section->n_global * (int64_t)row_bytes(section);
    }
    const hid_t group = h5_create_group(file, "records");
    const enum status status = records_write(group, state->options, state->records, state->n_records);
    H5(H5Gclose(group));
    const enum status saved = h5_save(file, path, room + (1 << 16));
    return status == WS_OK ? saved : status;
}

/* What all ranks write together. */
static enum status write_sections(const struct comm *comm, const char *path, struct sections *sections)
{
    h5_begin();
    const hid_t file = h5_open_parallel(comm->world, path);
    if (error_agree(comm->world, h5_status()) == WS_OK)
        for (int i = 0; i < sections->n; i++) {
            struct section *section = &sections->of[i];
            h5_write_rows(
                comm->world, file, section->name, section->type, section->data, section->first, section->n);
            section->place = h5_place(file, section->name);
        }
    h5_close_parallel(file);
    return error_agree(comm->world, h5_status());
}

/* Read this rank's rows back and compare them with what they are in memory. */
static enum status compare_rows(int file, const char *path, const struct section *section, char *piece)
{
    const int64_t all = section->n * (int64_t)row_bytes(section);
    const int64_t begin = (int64_t)section->place + section->first * (int64_t)row_bytes(section);
    enum status status = WS_OK;
    for (int64_t done = 0; status == WS_OK && done < all; done += piece_bytes) {
        const size_t n = (size_t)(all - done < piece_bytes ? all - done : piece_bytes);
        status = read_at(file, path, piece, n, begin + done);
        if (status == WS_OK && memcmp(piece, (const char *)section->data + done, n) != 0)
            status = error_set(WS_FAILED, "'%s' does not read as it was written", path);
    }
    return status;
}

static enum status read_back(const char *path, const struct sections *sections)
{
    const int file = open(path, O_RDONLY);
    char *piece = malloc((size_t)piece_bytes);
    enum status status = WS_OK;
    if (file < 0 || !piece)
        status = error_set(WS_FAILED, "cannot read '%s' back: %s", path, strerror(errno));
    for (int i = 0; status == WS_OK && i < sections->n; i++)
        status = compare_rows(file, path, &sections->of[i], piece);
    free(piece);
    if (file >= 0)
        close(file);
    return status;
}

static enum status seal(const struct comm *comm, const char *path)
{
    int64_t bytes = 0;
    uint64_t digest = 0;
    if (comm->rank == 0)
        bytes = size_of_file(path);
    MPI_CHECK(MPI_Bcast(&bytes, 1, MPI_INT64_T, 0, comm->world));
    enum status status = digest_file(comm, path, bytes, &digest);
    if (status == WS_OK && comm->rank == 0)
        status = append_trailer(path, bytes, digest);
    return error_agree(comm->world, status);
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

enum status checkpoint_write(
    const struct comm *comm, const char *path, int64_t generation, const struct checkpoint_state *state)
{
    const struct population *population = state->population;
    const int64_t mine = (int64_t)streams_saved_bytes(population->streams), steps = population->period + 1;
    int64_t stream_bytes = 0;
    struct sections sections;
    MPI_CHECK(MPI_Allreduce(&mine, &stream_bytes, 1, MPI_INT64_T, MPI_MAX, comm->world));
    enum status status = list_sections(&sections, state, stream_bytes, steps);
    if (status == WS_OK)
        status = fill_sections(&sections, population, steps);
    if (status == WS_OK && comm->rank == 0)
        status = lay_out(path, generation, state, &sections);
    status = error_agree(comm->world, status);
    if (status == WS_OK)
        status = write_sections(comm, path, &sections);
    if (status == WS_OK)
        status = durable_sync(comm, path);
    if (status == WS_OK)
        status = error_agree(comm->world, read_back(path, &sections));
    if (status == WS_OK)
        status = seal(comm, path);
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

static enum status restore_sections(hid_t file, struct sections *sections, struct population *population,
    enum rng_family family, int64_t stream_bytes, int64_t steps)
{
    for (int i = 0; i < sections->n; i++)
        h5_read_rows(file, sections->of[i].name, sections->of[i].type, sections->of[i].data,
            sections->of[i].first, sections->of[i].n);
    if (h5_status() != WS_OK)
        return WS_FAILED;
    for (int64_t i = 0; i < population->n_paths_local; i++)
        memcpy(population->path + i * population->path_steps, sections->paths + i * steps,
            (size_t)steps * sizeof *sections->paths);
    return streams_restore(&population->streams, family, population->part.n_blocks_local, population->threads,
        sections->streams, (size_t)stream_bytes);
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

/* What each rank reads by itself; the file is known to be whole. */
static enum status restore(const char *path, struct checkpoint_state *state)
{
    struct population *population = state->population;
    struct sections sections = {.n = 0};
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
    if (status == WS_OK) {
        const int64_t stream_bytes = h5_variable_values(file, "streams") / population->part.n_blocks_global;
        status = list_sections(&sections, state, stream_bytes, period + 1);
        if (status == WS_OK)
            status = restore_sections(
                file, &sections, population, (enum rng_family)state->options->rng, stream_bytes, period + 1);
    }
    if (status == WS_OK && state->options->record_every > 0)
        status = restore_records(file, path, state, n_records);
    population->period = status == WS_OK ? period : 0;
    if (file >= 0)
        H5(H5Fclose(file));
    free_sections(&sections);
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
    enum status status = verify(comm, path);
    if (status != WS_OK)
        return status;
    status = error_agree(comm->world, restore(path, state));
    if (status != WS_OK)
        forget(state);
    return status;
}
