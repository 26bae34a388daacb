/** Records: the cross-section's statistics at some periods, as variables of a file. None of these functions is collective. */
#pragma once

#include "core/options.h"
#include "files/plain.h"
#include "statistics/summary.h"
#include <stdbool.h>
#include <stdint.h>

/** The cross-section of one period. */
struct record {
    int64_t period;
    struct summary summary;
};

/** How many records a run makes; the bytes that they take in a file, without what the file itself takes; and those that
 *  are taken for a time beside the records and the file, while they are written. */
int64_t records_count(const struct options *options);
int64_t records_bytes(const struct options *options);
int64_t records_room(const struct options *options);

/** Whether a period is one to be recorded, and how many periods after this one the next such is. The last period is
 *  always recorded. period < options->periods for the second. */
bool records_due(const struct options *options, int64_t period);
int64_t records_next(const struct options *options, int64_t period);

/** Write n records, n >= 0, with the dimensions period and probability.
 *  @return WS_OK or WS_FAILED (memory); what HDF5 has to say is in h5_status */
enum status records_write(hid_t file, const struct options *options, const struct record *records, int64_t n);

/** The same without labels, for a checkpoint: the numbers alone (files/plain.h). */
enum status records_save(hid_t group, const struct options *options, const struct record *records, int64_t n);

/** Read the n records that records_save has written for the same options. Their periods are what the file says.
 *  @param[out] records  [n], zeroed; each to be destroyed by summary_destroy, after a failure too
 *  @return WS_OK, or WS_FAILED with a message */
enum status records_restore(
    struct plain group, const struct options *options, struct record *records, int64_t n);
