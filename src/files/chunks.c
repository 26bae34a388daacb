#include "files/chunks.h"
#include "files/h5.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { TAG_HEAD = 1, TAG_CHUNK, IMAGE_INCREMENT = 1 << 21 };

/* A compressed chunk as it is sent: which filters were left out, and what came out of the others. */
struct packet {
    uint32_t left_out;
    unsigned char bytes[];
};

/* Who has what, and what this rank compresses. */
struct chunks {
    const struct comm *comm;
    const struct rows *rows;
    int64_t n_global, length;  /* values of the plane, of a chunk */
    int64_t (*ranges)[2];      /* [size] first row, number of rows of each rank */
    double *tail;              /* [length] later ranks' rows of this rank's last chunk */
    double *chunk;             /* [length] the one in work */
    struct packet *packet;     /* it, compressed */
    size_t packet_bytes, room; /* 0 where it could not be */
    hid_t memory, dataset;     /* where HDF5 compresses */
};

/* The first chunk that begins at a value or after it. */
static int64_t chunk_from(const struct chunks *chunks, int64_t value)
{
    return (value + chunks->length - 1) / chunks->length;
}

/* Chunks that begin in a rank's rows: the first, and how many. */
static int64_t first_chunk(const struct chunks *chunks, int rank)
{
    return chunk_from(chunks, chunks->ranges[rank][0]);
}

static int64_t count_chunks(const struct chunks *chunks, int rank)
{
    const int64_t *range = chunks->ranges[rank];
    return range[1] == 0 ? 0 : chunk_from(chunks, range[0] + range[1]) - first_chunk(chunks, rank);
}

/* Rows at a rank's beginning that belong to a chunk which an earlier rank compresses. */
static int64_t count_head(const struct chunks *chunks, int rank)
{
    const int64_t *range = chunks->ranges[rank];
    const int64_t before = first_chunk(chunks, rank) * chunks->length - range[0];
    return before < range[1] ? before : range[1];
}

/* The rank whose chunk the head of a rank belongs to: the last before it that has a chunk. */
static int owner_of_head(const struct chunks *chunks, int rank)
{
    do
        rank--;
    while (rank > 0 && count_chunks(chunks, rank) == 0);
    return rank;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* A file in memory with a variable of one chunk, compressed like the file's. */
static void create_in_memory(struct chunks *chunks)
{
    const hsize_t length = (hsize_t)chunks->length;
    const hid_t access = H5(H5Pcreate(H5P_FILE_ACCESS)), space = H5(H5Screate_simple(1, &length, NULL));
    const hid_t creation = h5_create_compression(&length, 1, chunks->rows->compression);
    H5(H5Pset_fapl_core(access, IMAGE_INCREMENT, false));
    chunks->memory = H5(H5Fcreate("chunk", H5F_ACC_TRUNC, H5P_DEFAULT, access));
    chunks->dataset =
        H5(H5Dcreate2(chunks->memory, "chunk", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    H5(H5Pclose(creation));
    H5(H5Sclose(space));
    H5(H5Pclose(access));
}

static enum status create(struct chunks *chunks)
{
    const size_t bytes = (size_t)chunks->length * sizeof(double);
    chunks->room = sizeof *chunks->packet + bytes + bytes / 8 + 1024; /* deflate grows random data by less */
    chunks->tail = malloc(bytes);
    chunks->chunk = malloc(bytes);
    chunks->packet = malloc(chunks->room);
    h5_begin();
    if (!chunks->tail || !chunks->chunk || !chunks->packet)
        return error_memory(chunks->room + 2 * bytes, "a compressed chunk");
    create_in_memory(chunks);
    return h5_status();
}

static void destroy(struct chunks *chunks)
{
    if (chunks->dataset >= 0)
        H5Dclose(chunks->dataset);
    if (chunks->memory >= 0)
        H5Fclose(chunks->memory);
    free(chunks->packet);
    free(chunks->chunk);
    free(chunks->tail);
    free(chunks->ranges);
}

/* ---- compressing ------------------------------------------------------------------------------------------------- */

/* Each rank's first rows to where their chunk begins, from the last rank on: 1 MB at most for each. Collective. */
static void exchange_heads(struct chunks *chunks)
{
    const struct comm *comm = chunks->comm;
    const int64_t head = count_head(chunks, comm->rank);
    int64_t got = 0;
    for (int rank = comm->rank + 1; rank < comm->size && count_chunks(chunks, comm->rank) > 0; rank++) {
        const int64_t theirs = count_head(chunks, rank);
        if (theirs > 0)
            MPI_CHECK(MPI_Recv(
                chunks->tail + got, (int)theirs, MPI_DOUBLE, rank, TAG_HEAD, comm->world, MPI_STATUS_IGNORE));
        got += theirs;
        if (count_chunks(chunks, rank) > 0)
            break;
    }
    if (head > 0)
        MPI_CHECK(MPI_Send(chunks->rows->data, (int)head, MPI_DOUBLE, owner_of_head(chunks, comm->rank),
            TAG_HEAD, comm->world));
}

/* The values of this rank's chunk number i; zeros behind the variable's end. */
static void gather_chunk(struct chunks *chunks, int64_t i)
{
    const int64_t *range = chunks->ranges[chunks->comm->rank];
    const int64_t begin = (first_chunk(chunks, chunks->comm->rank) + i) * chunks->length;
    const int64_t end = begin + chunks->length < chunks->n_global ? begin + chunks->length : chunks->n_global;
    const int64_t own = range[0] + range[1] < end ? range[0] + range[1] - begin : end - begin;
    memset(chunks->chunk, 0, (size_t)chunks->length * sizeof(double));
    memcpy(
        chunks->chunk, (const double *)chunks->rows->data + (begin - range[0]), (size_t)own * sizeof(double));
    memcpy(chunks->chunk + own, chunks->tail, (size_t)(end - begin - own) * sizeof(double));
}

/* Compress this rank's chunk number i. */
static enum status compress(struct chunks *chunks, int64_t i)
{
    const hsize_t first = 0;
    hsize_t bytes = 0;
    chunks->packet_bytes = 0;
    h5_begin();
    gather_chunk(chunks, i);
    H5(H5Dwrite(chunks->dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, chunks->chunk));
    H5(H5Dget_chunk_storage_size(chunks->dataset, &first, &bytes));
    H5(sizeof *chunks->packet + bytes <= chunks->room ? 0 : -1);
    if (h5_status() == WS_OK)
        H5(H5Dread_chunk(
            chunks->dataset, H5P_DEFAULT, &first, &chunks->packet->left_out, chunks->packet->bytes));
    if (h5_status() == WS_OK)
        chunks->packet_bytes = sizeof *chunks->packet + (size_t)bytes;
    return h5_status();
}

/* ---- rounds ------------------------------------------------------------------------------------------------------ */

/* Rank 0: put a packet into the file as a chunk of the variable. */
static enum status place(struct chunks *chunks, hid_t variable, int64_t chunk)
{
    const hsize_t first[] = {(hsize_t)chunks->rows->plane, (hsize_t)chunk * (hsize_t)chunks->length};
    h5_begin();
    H5(H5Dwrite_chunk(variable, H5P_DEFAULT, chunks->packet->left_out,
        chunks->rows->has_planes ? first : first + 1, chunks->packet_bytes - sizeof *chunks->packet,
        chunks->packet->bytes));
    return h5_status();
}

/* Rank 0: take a chunk from each rank that has one in this round. */
static enum status take_round(struct chunks *chunks, hid_t variable, int64_t round, enum status status)
{
    const struct comm *comm = chunks->comm;
    for (int rank = 0; rank < comm->size; rank++) {
        if (round >= count_chunks(chunks, rank))
            continue;
        if (rank > 0) {
            MPI_Status got;
            int bytes = 0;
            MPI_CHECK(
                MPI_Recv(chunks->packet, (int)chunks->room, MPI_BYTE, rank, TAG_CHUNK, comm->world, &got));
            MPI_CHECK(MPI_Get_count(&got, MPI_BYTE, &bytes));
            chunks->packet_bytes = (size_t)bytes;
        }
        if (status == WS_OK && chunks->packet_bytes > 0)
            status = place(chunks, variable, first_chunk(chunks, rank) + round);
    }
    return status;
}

/* All chunks. @param[in] file  on rank 0 the file, else none */
static enum status write_all(struct chunks *chunks, hid_t file, enum status status)
{
    const struct comm *comm = chunks->comm;
    int64_t rounds = count_chunks(chunks, comm->rank), most = 0;
    MPI_CHECK(MPI_Allreduce(&rounds, &most, 1, MPI_INT64_T, MPI_MAX, comm->world));
    const hid_t variable = comm->rank == 0 && status == WS_OK
                               ? H5(H5Dopen2(file, chunks->rows->name, H5P_DEFAULT))
                               : H5I_INVALID_HID;
    if (status == WS_OK)
        status = h5_status();
    for (int64_t round = 0; round < most; round++) {
        if (round < rounds) {
            chunks->packet_bytes = 0;
            if (status == WS_OK)
                status = compress(chunks, round);
            if (comm->rank > 0)
                MPI_CHECK(
                    MPI_Send(chunks->packet, (int)chunks->packet_bytes, MPI_BYTE, 0, TAG_CHUNK, comm->world));
        }
        if (comm->rank == 0)
            status = take_round(chunks, variable, round, status);
    }
    if (variable >= 0)
        H5(H5Dclose(variable));
    return status;
}

/* Open the file on rank 0, write, close. Collective; all have what create makes. */
static enum status write_to_file(struct chunks *chunks, const char *path)
{
    hid_t file = H5I_INVALID_HID;
    enum status status = WS_OK;
    h5_begin();
    if (chunks->comm->rank == 0) {
        file = h5_open_alone(path);
        status = h5_status();
    }
    exchange_heads(chunks);
    status = write_all(chunks, file, status);
    if (file >= 0) {
        h5_close_written(file);
        status = status == WS_OK ? h5_status() : status;
    }
    return error_agree(chunks->comm->world, status);
}

enum status chunks_write(const struct comm *comm, const char *path, const struct rows *rows)
{
    const int64_t mine[2] = {rows->first, rows->n};
    struct chunks chunks = {.comm = comm,
        .rows = rows,
        .length = 1,
        .ranges = malloc((size_t)comm->size * sizeof *chunks.ranges),
        .memory = H5I_INVALID_HID,
        .dataset = H5I_INVALID_HID};
    enum status status = error_agree(comm->world,
        chunks.ranges ? WS_OK : error_memory((size_t)comm->size * sizeof *chunks.ranges, "the ranks' rows"));
    if (status == WS_OK) {
        MPI_CHECK(MPI_Allgather(mine, 2, MPI_INT64_T, chunks.ranges, 2, MPI_INT64_T, comm->world));
        for (int rank = 0; rank < comm->size; rank++)
            chunks.n_global += chunks.ranges[rank][1];
        ENSURE(chunks.n_global >= 1);
        chunks.length = chunks.n_global < H5_CHUNK_VALUES ? chunks.n_global : H5_CHUNK_VALUES;
        status = error_agree(comm->world, create(&chunks));
    }
    if (status == WS_OK)
        status = write_to_file(&chunks, path);
    destroy(&chunks);
    return status;
}
