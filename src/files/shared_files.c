#include "files/shared_files.h"
#include "core/hash.h"
#include "files/atomic_file.h"
#include "files/disk.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROBE_BYTES = 32, PIECE_BYTES = 1 << 20 };

static enum status say_not_shared(
    const struct comm *comm, const char *option, const char *path, const char *what)
{
    return error_add(WS_USAGE,
        "--%s: host %s does not see %s '%s' as rank 0 does: all ranks need the same current folder, and a "
        "file "
        "system that they share",
        option, comm->host_name, what, path);
}

/* ---- folders ----------------------------------------------------------------------------------------------------- */

/* A temporary that rank 0 has made. */
struct probe {
    char temporary[ATOMIC_FILE_PATH];
    unsigned char content[PROBE_BYTES];
};

/* @return whether it is there */
static bool make_probe(const char *path, struct probe *probe)
{
    const int file = temporary_create(path, probe->temporary);
    if (file < 0)
        return false;
    disk_random(probe->content, sizeof probe->content);
    memcpy(probe->content, "wealthsim ", 10); /* by which it is known when a kill has left it over */
    const bool is_written = disk_write(file, path, probe->content, PROBE_BYTES, 0) == WS_OK;
    return disk_close(file) == 0 && is_written;
}

/* Whether this rank can open the file as at the end, and reads in it what rank 0 has written. */
static bool sees(const struct probe *probe)
{
    unsigned char bytes[PROBE_BYTES];
    const int file = disk_open_own(probe->temporary, O_RDWR);
    if (file < 0)
        error_set(WS_USAGE, "cannot open '%s': %s", probe->temporary, strerror(errno));
    const bool is_seen = file >= 0 && disk_read(file, probe->temporary, bytes, PROBE_BYTES, 0) == WS_OK &&
                         memcmp(bytes, probe->content, PROBE_BYTES) == 0;
    if (file >= 0)
        disk_close(file);
    return is_seen;
}

enum status shared_check_folder(const struct comm *comm, const char *path, const char *option)
{
    struct probe probe = {.temporary = ""};
    enum status status = WS_OK;
    if (comm->rank == 0 && !make_probe(path, &probe))
        status =
            error_add(WS_USAGE, "--%s: no file can be made beside '%s': %s", option, path, strerror(errno));
    MPI_CHECK(MPI_Bcast(&probe, sizeof probe, MPI_BYTE, 0, comm->world));
    if (comm->rank != 0 && probe.temporary[0] && !sees(&probe))
        status = say_not_shared(comm, option, path, "the folder of");
    status = error_agree(comm->world, status);
    atomic_file_abandon(comm, probe.temporary);
    return status;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* What a rank sees of a file. */
struct sight {
    int64_t is_there, device, number, bytes;
    uint64_t digest;
};

static struct sight look(const char *path)
{
    struct stat found;
    if (stat(path, &found) != 0)
        return (struct sight){.is_there = false};
    return (struct sight){.is_there = true,
        .device = (int64_t)found.st_dev,
        .number = (int64_t)found.st_ino,
        .bytes = (int64_t)found.st_size};
}

/* Bytes of a piece that are there, up to a piece's; -1 where they cannot be read. */
static ssize_t read_piece(int file, unsigned char *piece, int64_t place)
{
    ssize_t done = 0, got = 1;
    while (got != 0 && done < (ssize_t)PIECE_BYTES) {
        got = pread(file, piece + done, (size_t)(PIECE_BYTES - done), (off_t)(place + done));
        if (got < 0 && errno != EINTR)
            return -1;
        done += got > 0 ? got : 0;
    }
    return done;
}

/* Read it through: the sum of its pieces' hashes, with their places as seeds. */
static void digest(const char *path, struct sight *sight)
{
    unsigned char *piece = malloc(PIECE_BYTES);
    const int file = disk_open(path, O_RDONLY);
    ssize_t got = piece && file >= 0 ? 1 : -1;
    sight->digest = 0;
    for (int64_t place = 0; got > 0; place += got) {
        got = read_piece(file, piece, place);
        if (got > 0)
            sight->digest += hash_bytes(piece, (size_t)got, (uint64_t)place);
    }
    sight->is_there = sight->is_there && got == 0;
    if (file >= 0)
        disk_close(file);
    free(piece);
}

enum status shared_check_file(const struct comm *comm, const char *path, const char *option)
{
    char name[ATOMIC_FILE_PATH] = "";
    if (comm->rank == 0)
        snprintf(name, sizeof name, "%s", path);
    MPI_CHECK(MPI_Bcast(name, sizeof name, MPI_CHAR, 0, comm->world));
    struct sight mine = look(name), leader;
    if (comm->host_rank == 0 && comm->size > 1)
        digest(name, &mine);
    leader = mine;
    MPI_CHECK(MPI_Bcast(&leader, sizeof leader, MPI_BYTE, 0, comm->host));
    if (mine.device == leader.device && mine.number == leader.number)
        mine = leader;
    else if (mine.is_there)
        digest(name, &mine);
    struct sight of_rank_0 = mine;
    MPI_CHECK(MPI_Bcast(&of_rank_0, sizeof of_rank_0, MPI_BYTE, 0, comm->world));
    const bool same = mine.is_there && mine.bytes == of_rank_0.bytes && mine.digest == of_rank_0.digest;
    return error_agree(comm->world, same ? WS_OK : say_not_shared(comm, option, name, "the file"));
}
