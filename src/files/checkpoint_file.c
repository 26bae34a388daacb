#include "files/checkpoint_file.h"
#include "core/hash.h"
#include "core/version.h"
#include "files/disk.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[16] = "wealthsim-check";
static const unsigned char beginning[8] = "\211HDF\r\n\032\n";

/* ---- sections --------------------------------------------------------------------------------------------------- */

const char *sections_name(const struct model *model, enum section_kind kind)
{
    return kind == SECTION_SHOCKS      ? "shocks"
           : kind == SECTION_PATHS     ? "path_wealth"
           : kind == SECTION_STREAMS   ? "streams"
           : kind == SECTION_COALESCED ? "coalesced"
           : kind == SECTION_MOBILITY  ? "mobility_wealth"
                                       : model->arrays[kind].name;
}

hid_t sections_type(const struct model *model, enum section_kind kind)
{
    const hid_t of_arrays[] = {[ARRAY_REAL] = H5T_NATIVE_DOUBLE,
        [ARRAY_UINT8] = H5T_NATIVE_UINT8,
        [ARRAY_UINT16] = H5T_NATIVE_UINT16,
        [ARRAY_INT] = H5T_NATIVE_INT32};
    if ((int)kind < MODEL_ARRAYS)
        return of_arrays[model->arrays[kind].type];
    return kind == SECTION_STREAMS     ? H5T_NATIVE_UINT8
           : kind == SECTION_COALESCED ? H5T_NATIVE_INT64
                                       : H5T_NATIVE_DOUBLE;
}

void sections_free(struct sections *sections)
{
    free(sections->streams);
    free(sections->paths);
}

void sections_list(
    struct section_range *ranges, const struct checkpoint_state *state, int64_t stream_bytes, int64_t steps)
{
    const struct population *population = state->population;
    const struct decomposition *part = &population->part;
    const struct section_range of_blocks = {.n_global = part->n_blocks_global, .planes = 1};
    memset(ranges, 0, SECTION_KINDS * sizeof *ranges);
    for (int array = 0; array < population->model->n_arrays; array++)
        ranges[array] = (struct section_range){.n_global = part->n_global,
            .row_bytes = (int64_t)model_array_bytes(population->model, array),
            .planes = population->n_scenarios};
    ranges[SECTION_STREAMS] = of_blocks;
    ranges[SECTION_STREAMS].row_bytes = stream_bytes;
    if (population->kept)
        ranges[SECTION_SHOCKS] = (struct section_range){
            .n_global = part->n_global, .row_bytes = sizeof *population->kept, .planes = 1};
    if (state->coalescence) {
        ranges[SECTION_COALESCED] = of_blocks;
        ranges[SECTION_COALESCED].row_bytes = sizeof *state->coalescence->periods;
        ranges[SECTION_COALESCED].planes = state->coalescence->n_pairs;
    }
    if (state->paths)
        ranges[SECTION_PATHS] = (struct section_range){.n_global = state->n_paths,
            .row_bytes = steps * (int64_t)sizeof(double),
            .planes = state->paths->n_scenarios};
    if (state->mobility)
        ranges[SECTION_MOBILITY] = (struct section_range){
            .n_global = part->n_global, .row_bytes = sizeof(double), .planes = state->mobility->n_scenarios};
}

enum status sections_make(struct sections *sections, const struct section_range *ranges,
    const struct decomposition *part, const struct checkpoint_state *state)
{
    const struct population *population = state->population;
    *sections = (struct sections){.streams = NULL};
    for (int kind = 0; kind < SECTION_KINDS; kind++)
        sections->of[kind] = section_of((enum section_kind)kind, ranges[kind], part);
    struct section *paths = &sections->of[SECTION_PATHS];
    paths->plane_bytes = paths->n * paths->range.row_bytes;
    sections->paths = malloc((size_t)(paths->range.planes * paths->plane_bytes) + 1);
    if (!sections->paths)
        return error_memory((size_t)(paths->range.planes * paths->plane_bytes), "the checkpoint's paths");
    paths->data = (unsigned char *)sections->paths;
    sections->of[SECTION_SHOCKS].data = (unsigned char *)population->kept;
    if (state->coalescence)
        sections->of[SECTION_COALESCED].data = (unsigned char *)state->coalescence->periods;
    sections->of[SECTION_COALESCED].plane_bytes = population->part.n_blocks_local * (int64_t)sizeof(int64_t);
    if (state->mobility) {
        sections->of[SECTION_MOBILITY].data = (unsigned char *)state->mobility->wealth;
        sections->of[SECTION_MOBILITY].plane_bytes = state->mobility->n_local * (int64_t)sizeof(double);
    }
    for (int array = 0; array < population->model->n_arrays; array++) {
        struct section *section = &sections->of[array];
        section->data = population->arrays[array];
        section->plane_bytes = population->plane * (int64_t)model_array_bytes(population->model, array);
    }
    return WS_OK;
}

/* ---- trailer ---------------------------------------------------------------------------------------------------- */

static uint64_t check_of_identity(const struct trailer_identity *identity)
{
    return hash_bytes(identity, offsetof(struct trailer_identity, check), 0);
}

struct trailer trailer_of(int64_t households)
{
    struct trailer trailer = {.households = households, .identity = {.format = CHECKPOINT_FORMAT}};
    struct trailer_identity *identity = &trailer.identity;
    memcpy(identity->magic, magic, sizeof magic);
    snprintf(identity->version, sizeof identity->version, "%s", version_wealthsim());
    identity->check = check_of_identity(identity);
    return trailer;
}

uint64_t trailer_check(const struct trailer *trailer)
{
    struct trailer copy = *trailer;
    copy.check = 0;
    return hash_bytes(&copy, sizeof copy, 0);
}

static bool lies_within(const struct section_range *range, int64_t bytes)
{
    if (range->n_global == 0)
        return true;
    return range->n_global > 0 && range->row_bytes > 0 && range->planes > 0 && range->place >= 0 &&
           range->place < bytes &&
           range->row_bytes <= (bytes - range->place) / range->n_global / range->planes;
}

/* Whether two sections, both within the file, have a byte in common. */
static bool do_overlap(const struct section_range *a, const struct section_range *b)
{
    return a->n_global > 0 && b->n_global > 0 && a->place < b->place + section_range_bytes(b) &&
           b->place < a->place + section_range_bytes(a);
}

/* Whether what it says is possible in a file of this length. */
static bool is_possible(const struct trailer *trailer, int64_t bytes)
{
    for (int i = 0; i < SECTION_KINDS; i++)
        if (!lies_within(&trailer->ranges[i], bytes))
            return false;
    for (int i = 0; i < SECTION_KINDS; i++)
        for (int j = 0; j < i; j++)
            if (do_overlap(&trailer->ranges[i], &trailer->ranges[j]))
                return false;
    return trailer->bytes == bytes && trailer->households >= 1 && trailer->households <= bytes;
}

/* ---- other formats ---------------------------------------------------------------------------------------------- */

/* Read what is there, without a message where it cannot be: that is in errno then. */
static bool peek(int file, void *bytes, int64_t n, int64_t place)
{
    for (int64_t done = 0; done < n;) {
        const ssize_t got = pread(file, (char *)bytes + done, (size_t)(n - done), (off_t)(place + done));
        if (got == 0)
            errno = EIO; /* it has been cut since */
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        done += got > 0 ? got : 0;
    }
    return true;
}

/* Format 2 had the magic first in a trailer of 168 bytes, its check last, and the version in the file only: behind the
 * title among HDF5's texts, with 16 bytes between them. It is for a message, so it is looked for rather than read by HDF5. */
enum { TRAILER_OF_2 = 168, HEAD_OF_2 = 1 << 14 };

static bool is_of_2(int file, int64_t size)
{
    unsigned char old[TRAILER_OF_2];
    uint64_t check;
    if (size < TRAILER_OF_2 || !peek(file, old, sizeof old, size - TRAILER_OF_2))
        return false;
    memcpy(&check, old + sizeof old - sizeof check, sizeof check);
    return memcmp(old, magic, sizeof magic) == 0 && check == hash_bytes(old, sizeof old - sizeof check, 0);
}

static void find_version_of_2(int file, int64_t size, char *version)
{
    static const char title[] = "Checkpoint of wealthsim";
    static char head[HEAD_OF_2];
    const int64_t n = size < HEAD_OF_2 ? size : HEAD_OF_2;
    if (!peek(file, head, n, 0))
        return;
    const char *from = memmem(head, (size_t)n, title, sizeof title);
    if (from && from + sizeof title + 16 + CHECKPOINT_VERSION <= head + n)
        memcpy(version, from + sizeof title + 16, CHECKPOINT_VERSION - 1);
}

/* The format of a file, 0 where its end is not that of a checkpoint, -1 where that could not be read; and the version that
 * wrote it, [CHECKPOINT_VERSION], of printable characters. */
static int64_t format_of(int file, int64_t size, char *version)
{
    struct trailer_identity identity;
    int64_t format = 0;
    memset(version, 0, CHECKPOINT_VERSION);
    if (size < (int64_t)sizeof identity)
        return 0;
    if (!peek(file, &identity, sizeof identity, size - (int64_t)sizeof identity))
        return -1;
    if (memcmp(identity.magic, magic, sizeof magic) == 0 && identity.check == check_of_identity(&identity)) {
        format = identity.format;
        memcpy(version, identity.version, CHECKPOINT_VERSION - 1);
    } else if (is_of_2(file, size)) {
        format = 2;
        find_version_of_2(file, size, version);
    }
    for (char *c = version; *c; c++)
        if (!isprint((unsigned char)*c))
            *c = '?';
    return format;
}

static int64_t size_of_file(int file)
{
    struct stat found;
    return fstat(file, &found) == 0 && S_ISREG(found.st_mode) ? (int64_t)found.st_size : -1;
}

enum checkpoint_kind checkpoint_kind_of(const char *path)
{
    char version[CHECKPOINT_VERSION];
    unsigned char bytes[sizeof beginning];
    const int file = disk_open(path, O_RDONLY | O_NONBLOCK);
    if (file < 0)
        return CHECKPOINT_UNKNOWN;
    const int64_t size = size_of_file(file);
    const int64_t n = size < (int64_t)sizeof bytes ? size : (int64_t)sizeof bytes;
    const int64_t format = size >= 0 ? format_of(file, size, version) : 0;
    enum checkpoint_kind kind = CHECKPOINT_FOREIGN;
    if (format < 0 || (size >= 0 && !peek(file, bytes, n, 0)))
        kind = CHECKPOINT_UNKNOWN;
    else if (format != 0)
        kind = CHECKPOINT_SEALED;
    else if (size >= 0 && memcmp(bytes, beginning, (size_t)n) == 0)
        kind = CHECKPOINT_CUT;
    disk_close(file);
    return kind;
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */

enum status checkpoint_refuse(struct checkpoint_source *source, const char *what)
{
    source->fault = CHECKPOINT_DAMAGED;
    return error_set(WS_FAILED, "'%s' is damaged: %s", source->path, what);
}

/* The fault is another one until the trailer has been read. */
static enum status read_trailer(struct checkpoint_source *source)
{
    struct trailer *trailer = &source->trailer;
    char version[CHECKPOINT_VERSION];
    const int64_t size = size_of_file(source->file), place = size - (int64_t)sizeof *trailer;
    if (size < 0)
        return error_set(WS_FAILED, "'%s' is not a file", source->path);
    const int64_t format = format_of(source->file, size, version);
    if (format < 0)
        return error_set(WS_FAILED, "cannot read the end of '%s': %s", source->path, strerror(errno));
    if (format != 0 && format != CHECKPOINT_FORMAT)
        return error_set(WS_FAILED,
            "'%s' has checkpoint format %" PRId64 ", of wealthsim %s, and this wealthsim (%s) reads format "
            "%d: go on with the one that wrote it, or start afresh with another --checkpoint FILE",
            source->path, format, version[0] ? version : "unknown", version_wealthsim(), CHECKPOINT_FORMAT);
    if (place >= 0 && disk_read(source->file, source->path, trailer, sizeof *trailer, place) != WS_OK)
        return WS_FAILED;
    source->fault = CHECKPOINT_DAMAGED;
    if (place < 0)
        return error_set(WS_FAILED, "'%s' is cut short", source->path);
    if (format == 0 || trailer->check != trailer_check(trailer) || !is_possible(trailer, place))
        return error_set(WS_FAILED, "'%s' is cut short, or damaged at its end", source->path);
    source->fault = CHECKPOINT_FINE;
    return WS_OK;
}

enum status checkpoint_open(const struct comm *comm, const char *path, struct checkpoint_source *source)
{
    *source = (struct checkpoint_source){.file = disk_open(path, O_RDONLY | O_NONBLOCK), .path = path};
    enum status status = WS_OK;
    if (source->file < 0) {
        source->fault = CHECKPOINT_UNREAD;
        status = error_set(WS_FAILED, "cannot read '%s': %s", path, strerror(errno));
    } else if (comm->rank == 0) {
        source->fault = CHECKPOINT_UNREAD;
        status = read_trailer(source);
    }
    MPI_CHECK(MPI_Bcast(&source->trailer, sizeof source->trailer, MPI_BYTE, 0, comm->world));
    return error_agree(comm->world, status);
}

void checkpoint_close(struct checkpoint_source *source)
{
    if (source->file >= 0)
        disk_close(source->file);
}

/* ---- digest ----------------------------------------------------------------------------------------------------- */

enum status checkpoint_sum_digest(const struct comm *comm, struct checkpoint_source *source,
    enum status status, uint64_t mine, uint64_t *digest)
{
    const struct trailer *trailer = &source->trailer;
    if (status == WS_OK && comm->rank == 0)
        status = section_read_rest(source->file, source->path, trailer->ranges, trailer->bytes, &mine);
    if (status != WS_OK)
        source->fault = CHECKPOINT_UNREAD;
    MPI_CHECK(MPI_Allreduce(&mine, digest, 1, MPI_UINT64_T, MPI_SUM, comm->world));
    return error_agree(comm->world, status);
}

enum status checkpoint_check_digest(
    const struct comm *comm, struct checkpoint_source *source, enum status status, uint64_t mine)
{
    uint64_t digest = 0;
    status = checkpoint_sum_digest(comm, source, status, mine, &digest);
    if (status == WS_OK && digest != source->trailer.digest)
        status = checkpoint_refuse(source, "its digest is not the one that it was written with");
    return status;
}
