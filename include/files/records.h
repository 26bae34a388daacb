/** Records, the cross-section's statistics at some periods, as variables of a file and in checkpoints. None of these
 *  functions is collective. */
#pragma once

#include "files/plain.h"
#include "files/variables.h"
#include "models/model.h"
#include "simulation/record.h"
#include "simulation/recording.h"

/** The bytes that a run's records take in a file, without what the file itself takes; and those that are taken for a time
 *  besides the records and the file, while they are written. */
int64_t records_bytes(const struct recording *recording, const struct model *model);
int64_t records_room(const struct recording *recording, const struct model *model);

/** What a statistic has besides quantity and period: nothing, or one of these dimensions. */
enum record_dimension { SINGLE, PROBABILITY, TOP, TAIL, RECORD_DIMENSIONS };

enum { RECORD_STATISTICS = 20, RECORD_SIDES = 2 * BEYOND_SIDES };

/** The records as variables over quantity, period, and probability, top or tail. dimension[SINGLE] is period alone. There is
 *  a quantity to tell only where the model has more than one. Behind the statistics, over period: who is beyond the knots,
 *  under a model that has some. */
struct record_variables {
    const struct recording *recording;
    const struct model *model;
    const struct record *records;
    int64_t n;
    int64_t *periods;
    char *quantity_names; /**< in a row, blanks between */
    struct dimension quantity, dimension[RECORD_DIMENSIONS];
    struct variable of[RECORD_STATISTICS + RECORD_SIDES];
    int n_of;
};

/** List them; they point into what is given, and to each other: not to be copied. records_variables_free in any case.
 *  @param[in] records  [n] @return WS_OK or WS_FAILED (memory) */
enum status records_variables(struct record_variables *variables, const struct recording *recording,
    const struct model *model, const struct record *records, int64_t n);
void records_variables_free(struct record_variables *variables);

/** Write n records into a checkpoint, n >= 0: the numbers alone (files/plain.h).
 *  @return WS_OK or WS_FAILED (memory); what HDF5 has to say is in h5_status */
enum status records_save(hid_t group, const struct recording *recording, const struct model *model,
    const struct record *records, int64_t n);

/** Read the n records that records_save has written for the same recording and model. Their periods are what the file says.
 *  @param[out] records  [n], zeroed; each to be destroyed by record_destroy, after a failure too
 *  @return WS_OK, or WS_FAILED with a message */
enum status records_restore(struct plain group, const struct recording *recording, const struct model *model,
    int64_t households, struct record *records, int64_t n);
