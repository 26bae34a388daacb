/** A variable in compressed chunks: each rank compresses those that begin in its rows, and rank 0 alone puts them into the
 *  file.
 *
 *  Chunks are compressed by HDF5 itself, into a file in memory, so that any reader of HDF5 knows them. In each round a rank
 *  compresses one chunk, and rank 0 then takes one from each: no rank holds more than one of them. A rank that fails sends
 *  an empty one, and rank 0 takes what comes after its own failure too: none is left waiting. */
#pragma once

#include "files/rows.h"

/** Write the rows of a compressed variable of doubles, or of one of its planes, for which the file has room already. Collective over comm->world.
 *  @return WS_OK, or WS_FAILED on all ranks */
enum status chunks_write(const struct comm *comm, const char *path, const struct rows *rows);
