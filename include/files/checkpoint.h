/** A checkpoint file: the whole state of a run at the end of a period, from which any number of ranks and threads can
 *  go on to the same bytes.
 *
 *  It is an HDF5 file with a trailer behind it, which says how long the file is, where the large arrays lie in it
 *  (files/section.h), and has its digest: the sum, modulo 2^64, of the arrays' digests and of XXH3 of what is between
 *  them, in pieces of 1 MiB with their place as seed. Ranks write and read the arrays by themselves, once, and digest
 *  them on the way. A file that is cut short or changed anywhere is told by its digest before HDF5 looks into it. The
 *  digest is no secret, though: what HDF5 finds is read as files/plain.h says, and each value that a run could not have
 *  written is refused. */
#pragma once

#include "core/comm.h"
#include "files/fields.h"
#include "files/mobility_variables.h"
#include "files/records.h"
#include "population/coalescence.h"
#include "population/paths.h"
#include "population/population.h"
#include "simulation/mobility_records.h"
#include "simulation/recording.h"

/** Why a checkpoint is not gone on from. */
enum checkpoint_fault {
    CHECKPOINT_FINE,
    CHECKPOINT_DAMAGED, /**< it was read, and is not as wealthsim writes it */
    CHECKPOINT_UNREAD   /**< it could not be opened or read, or is of another format: it may be whole */
};

/** What a file is, as far as its ends tell. */
enum checkpoint_kind {
    CHECKPOINT_SEALED,  /**< it has a checkpoint's end */
    CHECKPOINT_CUT,     /**< it has none, but begins as a checkpoint does, or is empty */
    CHECKPOINT_FOREIGN, /**< it is no checkpoint, nor a part of one */
    CHECKPOINT_UNKNOWN  /**< it cannot be opened or read: errno */
};

/** Not collective. */
enum checkpoint_kind checkpoint_kind_of(const char *path);

/** What is saved and restored. */
struct checkpoint_state {
    const struct fields *identity; /**< what tells the run from others */
    const struct recording *recording;
    enum rng_family family;
    int64_t n_paths; /**< over all ranks */
    struct population *population;
    struct paths *paths;             /**< NULL where none are kept */
    struct coalescence *coalescence; /**< NULL without a coupled run */
    struct records *records;
    struct mobility_records *mobility; /**< NULL without */
};

/** Write a checkpoint and make sure of it: it is flushed to disk, read back and compared with what is in memory.
 *  Collective over comm->world.
 *  @param[in] path        to be written, the same on all ranks; what is there is overwritten
 *  @param[in] number  counts the run's checkpoints
 *  @return WS_OK, or WS_FAILED on all ranks with the reason in a message; the file may then be there in part */
enum status checkpoint_write(
    const struct comm *comm, const char *path, int64_t number, const struct checkpoint_state *state);

/** Go on from a checkpoint. Collective over comm->world.
 *  @param[in,out] state  population was created and has no streams yet, paths and coalescence were, where the options
 *                        ask for them; there are no records; all are set as they were, records too, but for a
 *                        record that a run of these periods would not make
 *  @param[out] fault   CHECKPOINT_FINE but with WS_FAILED; the same on all ranks
 *  @return on all ranks: WS_OK; WS_FAILED when the file cannot be gone on from (the message says why: another may do;
 *          nothing of state is then changed but memory that will be overwritten); WS_USAGE when it is of a run with other
 *          parameters (a message for each difference) */
enum status checkpoint_read(
    const struct comm *comm, const char *path, struct checkpoint_state *state, enum checkpoint_fault *fault);
