/** The large arrays of a checkpoint file, each of which is a range of bytes there: written, read and compared by plain
 *  calls, each rank its own rows, and digested in the same pass.
 *
 *  A rank's rows begin and end with blocks of households. The digest of a section is the sum, modulo 2^64, over its
 *  blocks of XXH3 of the block's rows with their place in the file as seed: sums of ranks can be added, however the
 *  blocks are spread over them. None of these functions is collective. */
#pragma once

#include "core/error.h"
#include "models/model.h"
#include "population/decomposition.h"
#include <stdint.h>

/** The arrays of the model's state, in its order, then what else a run has. */
enum section_kind {
    SECTION_ARRAYS = 0,
    SECTION_SHOCKS = MODEL_ARRAYS, /**< of the period, those that the population keeps */
    SECTION_PATHS,                 /**< of the first households, all periods so far */
    SECTION_STREAMS,
    SECTION_COALESCED,
    SECTION_MOBILITY, /**< wealth at the earlier period of a pair */
    SECTION_KINDS
};

/** Where a section lies: its planes, one per scenario, one after the other. */
struct section_range {
    int64_t place;     /**< of its first row in the file */
    int64_t n_global;  /**< rows of a plane; 0 when the file does not have the section */
    int64_t row_bytes; /**< at least 1 where there are rows */
    int64_t planes;    /**< at least 1 where there are rows */
};

/** Rows of all planes, and their bytes. */
int64_t section_range_rows(const struct section_range *range);
int64_t section_range_bytes(const struct section_range *range);

/** What is done with rows as they are read. @param[in] first  this rank's, counted over its planes
 *  @param[in] rows  [n][row_bytes], as they stand in the file: whether that is as it was written is not known yet */
typedef void section_take(void *taker, int64_t first, int64_t n, const unsigned char *rows);

struct section {
    struct section_range range;
    int64_t first, n;    /**< this rank's rows of each plane */
    int64_t block_rows;  /**< that are digested together */
    unsigned char *data; /**< this rank's rows, not owned; NULL: to be digested, and taken */
    section_take *take;  /**< of what is read, besides or without data; NULL: nothing */
    void *taker;         /**< not owned */
    int64_t plane_bytes; /**< from a plane's first row in data to the next one's */
};

/** A section with the rows that belong to a rank's households; data is NULL still. */
struct section section_of(
    enum section_kind kind, struct section_range range, const struct decomposition *part);

/** Write this rank's rows to an open file. The disk begins with each piece while the next is copied.
 *  @param[in,out] digest  theirs is added */
enum status section_write(int file, const char *path, const struct section *section, uint64_t *digest);

/** Read this rank's rows into data, or have them taken. @param[in,out] digest  theirs is added */
enum status section_read(int file, const char *path, const struct section *section, uint64_t *digest);

/** Read this rank's rows and hold them against data. @param[in,out] digest  that of what was read is added */
enum status section_compare(int file, const char *path, const struct section *section, uint64_t *digest);

/** Add to the digest what lies before a place and is of no section, the file's own structure: XXH3 of pieces of 1 MiB
 *  with their place in the file as seed. @param[in] ranges  [SECTION_KINDS] */
enum status section_read_rest(
    int file, const char *path, const struct section_range *ranges, int64_t end, uint64_t *digest);
