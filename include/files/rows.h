/** The large variables of a file, of which each rank has some rows: written by all ranks at once.
 *
 *  HDF5 is not asked to write in parallel: a rank that fails within its collective calls leaves the others waiting. Rank 0
 *  has the variables take their space and says where; each rank opens the file by itself and writes its rows there;
 *  then they agree. Compressed ones go another way (files/chunks.h). */
#pragma once

#include "core/comm.h"
#include "core/error.h"
#include <stdbool.h>
#include <stdint.h>

/** A variable's rows on this rank, of one plane where the variable has several. Ranks have them in their order, each row
 *  once. */
struct rows {
    const char *name;
    bool has_planes;
    int plane;
    int64_t first, n; /**< of the plane; n may be 0 */
    const void *data; /**< in the form that the file has; not owned */
    int compression; /**< deflate's level, 0 for none; compressed are variables of doubles whose rows are values */
};

/** Write the rows of variables that a file has room for already. Collective over comm->world; names, planes, compression
 *  and their number are the same on all ranks; the planes of a variable stand together.
 *  @return WS_OK, or WS_FAILED on all ranks */
enum status rows_write(const struct comm *comm, const char *path, const struct rows *rows, int n);

/** Where a variable's rows begin in a file that is complete; -1 where that cannot be told. Not collective. */
int64_t rows_place(const char *path, const char *name);
