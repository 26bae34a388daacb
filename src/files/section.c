#include "files/section.h"
#include "core/hash.h"
#include "files/disk.h"
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What is read at a time: it is digested while it lies in a core's own cache, and the system is asked for the next bytes
 * often enough for the disk to be at work all the time. */
static const int64_t read_bytes = 256 << 10;

static const int64_t write_bytes = 1 << 20;

/* Of what is of no section, the format's. */
static const int64_t rest_piece_bytes = 1 << 20;

int64_t section_range_rows(const struct section_range *range)
{
    return range->planes * range->n_global;
}

int64_t section_range_bytes(const struct section_range *range)
{
    return section_range_rows(range) * range->row_bytes;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Rows are households or blocks; those of whole blocks are digested together, of which no two are ever on different
 * ranks. */
struct section section_of(
    enum section_kind kind, struct section_range range, const struct decomposition *part)
{
    const bool is_of_blocks = kind == SECTION_STREAMS || kind == SECTION_COALESCED;
    const int64_t first = is_of_blocks ? part->first_block : part->first_household;
    const int64_t n = is_of_blocks ? part->n_blocks_local : part->n_local;
    const int64_t begin = least(first, range.n_global), end = least(first + n, range.n_global);
    return (struct section){.range = range,
        .first = begin,
        .n = end - begin,
        .block_rows = kind < SECTION_PATHS || kind == SECTION_MOBILITY ? BLOCK_SIZE : 1};
}

/* ---- pieces: some of a rank's rows, whole blocks but at a plane's end ------------------------------------------- */

struct piece {
    int64_t plane, done; /* its first row, of this rank's */
    int64_t rows, bytes;
    int64_t most;        /* bytes of the largest, but of one block at least */
    int64_t place;       /* in the file */
    unsigned char *data; /* in the section's array, or NULL */
};

/* Rows of the largest piece. */
static int64_t rows_at_once(const struct section *section, int64_t most)
{
    const int64_t of_block = section->block_rows * section->range.row_bytes;
    return section->block_rows * (of_block < most ? most / of_block : 1);
}

/* The piece that begins with this rank's row number `done` of a plane. */
static struct piece piece_at(const struct section *section, int64_t plane, int64_t done, int64_t most)
{
    const struct section_range *range = &section->range;
    const int64_t rows = least(section->n - done, rows_at_once(section, most));
    return (struct piece){.plane = plane,
        .done = done,
        .rows = rows,
        .bytes = rows * range->row_bytes,
        .most = most,
        .place = range->place + (plane * range->n_global + section->first + done) * range->row_bytes,
        .data =
            section->data ? section->data + plane * section->plane_bytes + done * range->row_bytes : NULL};
}

/* The first piece and the one after; without rows behind the last. */
static struct piece first_piece(const struct section *section, int64_t most)
{
    const struct piece none = {.rows = 0};
    const bool is_empty = section->n == 0 || section->range.planes == 0;
    return is_empty ? none : piece_at(section, 0, 0, most);
}

static struct piece next_piece(const struct section *section, const struct piece *piece)
{
    const int64_t done = piece->done + piece->rows;
    if (done < section->n)
        return piece_at(section, piece->plane, done, piece->most);
    const struct piece none = {.rows = 0};
    return piece->plane + 1 < section->range.planes ? piece_at(section, piece->plane + 1, 0, piece->most)
                                                    : none;
}

static uint64_t digest_of(
    const struct section *section, const struct piece *piece, const unsigned char *bytes)
{
    const int64_t of_block = section->block_rows * section->range.row_bytes;
    uint64_t sum = 0;
    for (int64_t done = 0; done < piece->bytes; done += of_block)
        sum += hash_bytes(
            bytes + done, (size_t)least(of_block, piece->bytes - done), (uint64_t)(piece->place + done));
    return sum;
}

/* Room for the largest piece of this rank that is read, or NULL with a message. */
static unsigned char *create_room(const struct section *section)
{
    const int64_t bytes = least(section->n, rows_at_once(section, read_bytes)) * section->range.row_bytes;
    unsigned char *room = malloc((size_t)bytes);
    if (!room)
        error_memory((size_t)bytes, "a piece of the checkpoint");
    return room;
}

enum status section_write(int file, const char *path, const struct section *section, uint64_t *digest)
{
    enum status status = WS_OK;
    for (struct piece piece = first_piece(section, write_bytes); status == WS_OK && piece.rows > 0;
         piece = next_piece(section, &piece)) {
        *digest += digest_of(section, &piece, piece.data);
        status = disk_write(file, path, piece.data, piece.bytes, piece.place);
        if (status == WS_OK) /* a hint: what goes wrong is seen by the fsync */
            sync_file_range(file, (off_t)piece.place, (off_t)piece.bytes, SYNC_FILE_RANGE_WRITE);
    }
    return status;
}

enum status section_read(int file, const char *path, const struct section *section, uint64_t *digest)
{
    if (section->n == 0)
        return WS_OK;
    unsigned char *room = section->data ? NULL : create_room(section);
    enum status status = section->data || room ? WS_OK : WS_FAILED;
    for (struct piece piece = first_piece(section, read_bytes); status == WS_OK && piece.rows > 0;
         piece = next_piece(section, &piece)) {
        unsigned char *bytes = piece.data ? piece.data : room;
        status = disk_read(file, path, bytes, piece.bytes, piece.place);
        *digest += status == WS_OK ? digest_of(section, &piece, bytes) : 0;
        if (status == WS_OK && section->take)
            section->take(section->taker, piece.plane * section->n + piece.done, piece.rows, bytes);
    }
    free(room);
    return status;
}

enum status section_compare(int file, const char *path, const struct section *section, uint64_t *digest)
{
    if (section->n == 0)
        return WS_OK;
    unsigned char *room = create_room(section);
    enum status status = room ? WS_OK : WS_FAILED;
    for (struct piece piece = first_piece(section, read_bytes); status == WS_OK && piece.rows > 0;
         piece = next_piece(section, &piece)) {
        status = disk_read(file, path, room, piece.bytes, piece.place);
        *digest += status == WS_OK ? digest_of(section, &piece, room) : 0;
        if (status == WS_OK && memcmp(room, piece.data, (size_t)piece.bytes) != 0)
            status = error_set(WS_FAILED, "'%s' does not read as it was written", path);
    }
    free(room);
    return status;
}

/* ---- the rest --------------------------------------------------------------------------------------------------- */

/* The range that begins next, from a place on; NULL when there is none before the end. */
static const struct section_range *next_range(const struct section_range *ranges, int64_t from, int64_t end)
{
    const struct section_range *next = NULL;
    for (int i = 0; i < SECTION_KINDS; i++)
        if (ranges[i].n_global > 0 && ranges[i].place >= from && ranges[i].place < end &&
            (!next || ranges[i].place < next->place))
            next = &ranges[i];
    return next;
}

static enum status read_range(
    int file, const char *path, unsigned char *room, int64_t from, int64_t to, uint64_t *digest)
{
    enum status status = WS_OK;
    for (int64_t place = from; status == WS_OK && place < to; place += rest_piece_bytes) {
        const int64_t n = least(rest_piece_bytes, to - place);
        status = disk_read(file, path, room, n, place);
        *digest += status == WS_OK ? hash_bytes(room, (size_t)n, (uint64_t)place) : 0;
    }
    return status;
}

enum status section_read_rest(
    int file, const char *path, const struct section_range *ranges, int64_t end, uint64_t *digest)
{
    unsigned char *room = malloc((size_t)rest_piece_bytes);
    enum status status = room ? WS_OK : error_memory((size_t)rest_piece_bytes, "a piece of the checkpoint");
    for (int64_t place = 0; status == WS_OK && place < end;) {
        const struct section_range *next = next_range(ranges, place, end);
        status = read_range(file, path, room, place, next ? next->place : end, digest);
        place = next ? next->place + section_range_bytes(next) : end;
    }
    free(room);
    return status;
}
