/** Numbers of mlfg that the SPRNG library gave, recorded: what a build without it is held against. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** XXH3 of the first 512 numbers, as integers of 52 bits, of a stream of mlfg (parameter 3) after the discarded ones
 *  (random/stream.h). */
struct mlfg_record {
    uint32_t seed, stream;
    uint64_t digest;
};

enum { MLFG_RECORDS = 8, MLFG_RECORD_NUMBERS = 512 };
extern const struct mlfg_record mlfg_records[MLFG_RECORDS];

/** The digest of words whose upper 52 bits are the numbers. @param[in] words  [512] */
uint64_t mlfg_record_digest(const uint64_t *words);

/** Whether our own beginning of streams and bulk fill, at the vector level in use, give the record's numbers; or those of all
 *  of them. About 70 µs for a record. */
bool mlfg_gives(const struct mlfg_record *record);
bool mlfg_gives_all(void);
