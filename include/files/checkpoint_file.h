/** What writing and reading a checkpoint file have in common: its sections in a rank's memory, and its trailer.
 */
#pragma once

#include "files/checkpoint.h"
#include "files/section.h"
#include <hdf5.h>

enum { CHECKPOINT_FORMAT = 6, CHECKPOINT_VERSION = 64 };

/** Which wealthsim wrote a file: its last bytes, in every format from 3 on. */
struct trailer_identity {
    char version[CHECKPOINT_VERSION];
    int64_t format;
    uint64_t check; /**< XXH3 of the members before */
    char magic[16];
};

struct trailer {
    int64_t bytes; /**< of the file before the trailer */
    int64_t households;
    struct section_range ranges[SECTION_KINDS];
    uint64_t digest; /**< of the file before the trailer */
    uint64_t check;  /**< trailer_check */
    struct trailer_identity identity;
};

/** A trailer for so many households, without places, lengths and digest. */
struct trailer trailer_of(int64_t households);

/** XXH3 of the trailer with check 0. */
uint64_t trailer_check(const struct trailer *trailer);

/** An open file; path is for messages. */
struct checkpoint_source {
    int file;
    const char *path;
    struct trailer trailer;
    enum checkpoint_fault fault; /**< of this rank's reading */
};

/** Open a file on all ranks, with its trailer. Collective over comm->world.
 *  @param[out] source  to be closed with checkpoint_close, after a failure too
 *  @return WS_OK, or WS_FAILED on all ranks */
enum status checkpoint_open(const struct comm *comm, const char *path, struct checkpoint_source *source);
void checkpoint_close(struct checkpoint_source *source);

/** A failure of what was read, which is not as wealthsim writes it: the fault, and the message if there is none. */
enum status checkpoint_refuse(struct checkpoint_source *source, const char *what);

/** The digest of the whole file: from all ranks that of their rows, and from rank 0 that of the rest. Collective.
 *  @param[in] status  of the calling rank so far
 *  @param[in] mine    the digest of this rank's rows
 *  @return the worst status, on all ranks */
enum status checkpoint_sum_digest(const struct comm *comm, struct checkpoint_source *source,
    enum status status, uint64_t mine, uint64_t *digest);

/** Hold what has been read against the trailer. Collective; as checkpoint_sum_digest. */
enum status checkpoint_check_digest(
    const struct comm *comm, struct checkpoint_source *source, enum status status, uint64_t mine);

/** This rank's rows of the sections. */
struct sections {
    struct section of[SECTION_KINDS];
    unsigned char *streams; /**< saved streams, ours; NULL where they are taken as they are read */
    double *paths;          /**< the paths' first columns, ours */
};

/** A section's dataset: its name, and the type of its numbers, H5T_NATIVE_…. */
const char *sections_name(const struct model *model, enum section_kind kind);
hid_t sections_type(const struct model *model, enum section_kind kind);

/** Which sections a run has, without their places: with streams of so many bytes, and paths of so many steps.
 *  @param[out] ranges  [SECTION_KINDS] */
void sections_list(
    struct section_range *ranges, const struct checkpoint_state *state, int64_t stream_bytes, int64_t steps);

/** Rows where the ranges say, in the state's memory and in what is made here, but for the streams, which get no memory;
 *  sections_free after a failure too. @return WS_OK, or WS_FAILED (memory) */
enum status sections_make(struct sections *sections, const struct section_range *ranges,
    const struct decomposition *part, const struct checkpoint_state *state);
void sections_free(struct sections *sections);
