/** Averages over time as variables of a result file: of each statistic that has them NAME_average, its standard error, how
 *  many batches that is from, and the drift, over the statistic's dimensions without the period. Not collective. */
#pragma once

#include "files/records.h"
#include "simulation/averages.h"

enum {
    AVERAGE_PARTS = 4,
    AVERAGE_VARIABLES = STATISTICS * AVERAGE_PARTS,
    AVERAGE_NAME = 48,
    AVERAGE_LONG_NAME = 160
};

/** They point into the averages, the records' variables, and to each other: not to be copied. */
struct average_variables {
    const struct averages *averages;
    const struct record_variables *records; /**< whose dimensions they have */
    char names[AVERAGE_VARIABLES][AVERAGE_NAME], long_names[AVERAGE_VARIABLES][AVERAGE_LONG_NAME];
    struct lacking_comments comments;
    struct variable of[AVERAGE_VARIABLES];
    int n_of;
};

/** Bytes that they take in a file. @param[in] from  as of struct averages: none below 0 */
int64_t average_variables_bytes(
    const struct recording *recording, const struct model *model, int n_scenarios, int64_t from);

/** List them; none where there are no averages. average_variables_free in any case.
 *  @param[in] records  listed already @return WS_OK or WS_FAILED (memory) */
enum status average_variables(struct average_variables *variables, const struct averages *averages,
    const struct record_variables *records);
void average_variables_free(struct average_variables *variables);
