#include "files/rows.h"
#include "files/chunks.h"
#include "files/disk.h"
#include "files/h5.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* Rank 0: have the variables take their space. */
static enum status take_space(const char *path, const struct rows *rows, int n, struct h5_place *places)
{
    h5_begin();
    const hid_t file = h5_open_alone(path);
    for (int i = 0; i < n; i++)
        if (i > 0 && strcmp(rows[i].name, rows[i - 1].name) == 0)
            places[i] = places[i - 1];
        else if (rows[i].compression == 0)
            places[i] = h5_take_space(file, rows[i].name, rows[i].has_planes);
    h5_close_written(file);
    return h5_status();
}

static bool has_plain_rows(const struct rows *rows, int n)
{
    bool has = false;
    for (int i = 0; i < n; i++)
        has = has || (rows[i].n > 0 && rows[i].compression == 0);
    return has;
}

/* This rank's rows, to their places. */
static enum status write_mine(const char *path, const struct rows *rows, int n, const struct h5_place *places)
{
    if (!has_plain_rows(rows, n))
        return WS_OK;
    const int file = disk_open_own(path, O_RDWR);
    enum status status =
        file < 0 ? error_set(WS_FAILED, "cannot write '%s': %s", path, strerror(errno)) : WS_OK;
    for (int i = 0; i < n && status == WS_OK; i++) {
        const struct h5_place *place = &places[i];
        const int64_t of_plane = rows[i].has_planes ? rows[i].plane * place->plane_bytes : 0;
        if (rows[i].compression == 0)
            status = disk_write_long(file, path, rows[i].data, rows[i].n * place->row_bytes,
                place->first + of_plane + rows[i].first * place->row_bytes);
    }
    if (file >= 0 && disk_close(file) != 0 && status == WS_OK)
        status = error_set(WS_FAILED, "cannot write '%s': %s", path, strerror(errno));
    return status;
}

enum status rows_write(const struct comm *comm, const char *path, const struct rows *rows, int n)
{
    struct h5_place *places = calloc((size_t)n, sizeof *places);
    enum status status = error_agree(
        comm->world, places ? WS_OK : error_memory((size_t)n * sizeof *places, "the variables' places"));
    if (status == WS_OK) {
        status = comm->rank == 0 ? take_space(path, rows, n, places) : WS_OK;
        MPI_CHECK(MPI_Bcast(places, n * (int)sizeof *places, MPI_BYTE, 0, comm->world));
        status = error_agree(comm->world, status);
    }
    if (status == WS_OK)
        status = error_agree(comm->world, write_mine(path, rows, n, places));
    free(places);
    for (int i = 0; i < n && status == WS_OK; i++)
        if (rows[i].compression > 0)
            status = chunks_write(comm, path, &rows[i]);
    return status;
}

int64_t rows_place(const char *path, const char *name)
{
    h5_begin();
    const hid_t file = H5(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT));
    const hid_t variable = H5(H5Dopen2(file, name, H5P_DEFAULT));
    const haddr_t place = H5Dget_offset(variable);
    H5(H5Dclose(variable));
    H5(H5Fclose(file));
    return h5_status() == WS_OK && place != HADDR_UNDEF ? (int64_t)place : -1;
}
