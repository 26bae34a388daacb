/** The large variables of a file, of which each rank has some rows: written by all ranks at once.
 *
 *  HDF5 is not asked to write in parallel: a rank that fails within its collective calls leaves the others waiting. Rank 0
 *  has the variables take their space and says where; each rank opens the file by itself and writes its rows there;
 *  then they agree. Compressed ones go another way (files/chunks.h). */
#pragma once

#include "core/comm.h"
#include "core/error.h"
#include <stdint.h>

enum { ROWS_MOST = 8 };

/** A variable's rows on this rank. Ranks have them in their order, each row once. */
struct rows {
    const char *name;
    int64_t first, n; /**< n may be 0 */
    const void *data; /**< in the form that the file has; not owned */
    int compression; /**< deflate's level, 0 for none; compressed are variables of doubles with one dimension */
};

/** Write the rows of variables that a file has room for already. Collective over comm->world; names, compression and their
 *  number, up to ROWS_MOST, are the same on all ranks.
 *  @return WS_OK, or WS_FAILED on all ranks */
enum status rows_write(const struct comm *comm, const char *path, const struct rows *rows, int n);

/** Where a variable's rows begin in a file that is complete; -1 where that cannot be told. Not collective. */
int64_t rows_place(const char *path, const char *name);
