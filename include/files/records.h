/** Records, the cross-section's statistics at some periods, as variables of a file and in checkpoints. None of these
 *  functions is collective. */
#pragma once

#include "files/lacking.h"
#include "files/plain.h"
#include "files/record_numbers.h"
#include "files/variables.h"
#include "models/model.h"
#include "simulation/record.h"
#include "simulation/recording.h"
#include "statistics/statistic.h"

/** The bytes that the records of so many scenarios take in a file, without what the file itself takes; and those that are
 *  taken for a time besides the records and the file, while they are written. */
int64_t records_bytes(const struct recording *recording, const struct model *model, int n_scenarios);
int64_t records_room(const struct recording *recording, const struct model *model, int n_scenarios);

/** Room for the numbers of any one statistic in n records, or for their periods. */
size_t records_room_for(const struct recording *recording, const struct model *model, int64_t n);

enum { RECORD_VARIABLES = 2 + STATISTICS + 3 * STATISTIC_ERRORS + RECORD_SIDES, RECORD_NAME = 160 };

/** The records as variables over scenario, group, quantity, period, and probability, top or tail. dimension[SINGLE] is
 *  period alone. There is a scenario to tell, or a group or quantity, only where there are more than one. Before the
 *  statistics: the groups' households; behind them: their standard errors from sub-populations, where there are such; with
 *  several scenarios, the statistics' differences from the first one's, and their standard errors; who is beyond the knots,
 *  under a model that has some. */
struct record_variables {
    const struct records *records;
    int64_t *periods;
    char *quantity_names, *group_names; /**< in a row, blanks between */
    struct dimension scenario, group, quantity, dimension[STATISTIC_DIMENSIONS];
    char names[2 * STATISTIC_ERRORS][RECORD_NAME],
        long_names[2 * STATISTIC_ERRORS][RECORD_NAME]; /**< of differences */
    struct lacking_comments comments;
    struct variable of[RECORD_VARIABLES];
    int n_of;
};

/** List them; they point into what is given, and to each other: not to be copied. records_variables_free in any case.
 *  @param[in] coordinates  that all have, as struct variable's; or NULL @return WS_OK or WS_FAILED (memory) */
enum status records_variables(
    struct record_variables *variables, const struct records *records, const char *coordinates);
void records_variables_free(struct record_variables *variables);

/** Write records, 0 or more, into a checkpoint: the numbers alone (files/plain.h).
 *  @return WS_OK or WS_FAILED (memory); what HDF5 has to say is in h5_status */
enum status records_save(hid_t group, const struct records *records);

/** Read the n records of each scenario that records_save has written of records made alike. Their periods are what the file
 *  says.
 *  @param[out] records  with room for n, and none so far; what is there after a failure means nothing
 *  @return WS_OK, or WS_FAILED with a message */
enum status records_restore(struct plain group, struct records *records, int64_t n);
