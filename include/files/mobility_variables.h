/** Mobility as variables of a file and in checkpoints (simulation/mobility_records.h). None of these functions is collective. */
#pragma once

#include "files/plain.h"
#include "files/variables.h"
#include "simulation/mobility_records.h"

enum { MOBILITY_VARIABLES = 5 };

/** Over scenario, where there is one to tell, mobility_period, and mobility_from and mobility_to, groups by their upper ends. They
 *  point into what is given, and to each other: not to be copied. */
struct mobility_variables {
    const struct mobility_records *records;
    double ends[MOBILITY_GROUPS];
    struct dimension period, from, to;
    struct variable of[MOBILITY_VARIABLES];
    int n_of;
};

/** List them: none where mobility is not recorded. @param[in] scenario  the dimension, or NULL
 *  @param[in] coordinates  as struct variable's, or NULL */
void mobility_variables(struct mobility_variables *variables, const struct mobility_records *records,
    const struct dimension *scenario, const char *coordinates);

/** Bytes of a file that mobility takes, and those that a variable of it takes for a time besides; 2^58 where they are more. */
int64_t mobility_variables_bytes(
    const struct mobility_plan *plan, const struct recording *recording, int n_scenarios);
int64_t mobility_variables_room(
    const struct mobility_plan *plan, const struct recording *recording, int n_scenarios);

/** Write what there is so far into a checkpoint's group: the numbers alone (files/plain.h).
 *  @return WS_OK or WS_FAILED (memory); what HDF5 has to say is in h5_status */
enum status mobility_save(hid_t group, const struct mobility_records *records);

/** Read what mobility_save has written for the same plan, at a period. Where there are no records on the way, mobility up to another
 *  last period is left out.
 *  @param[out] records  with room; n is 0 after a failure
 *  @return WS_OK, or WS_FAILED with a message */
enum status mobility_restore(
    struct plain group, int64_t period, int64_t households, struct mobility_records *records);
