/** What all laws of one model file share: made for the first of them, given back with the last. It stands with the
 *  file's values (struct tabulated_data), so that a law finds it by them. */
#pragma once

#include "models/model.h"
#include "models/tabulated_data.h"
#include "models/tabulated_tables.h"

struct tabulated_common {
    int64_t n_laws;
    int64_t n_aggregates;
    struct tabulated_tables *tables; /**< [n_aggregates] */
    uint8_t *group;                  /**< [states] tabulated_groups_of_states */
    double *cumulated; /**< [sample] weights of the initial sample; NULL where all are the same */
    bool has_theory;   /**< whether theory was asked for */
    struct theory theory;
};

/** Join the laws of a file. Not by two threads at a time.
 *  @return what they share, until as many have left; NULL without memory, with a message */
struct tabulated_common *tabulated_common_join(struct tabulated_data *data);
void tabulated_common_leave(struct tabulated_data *data);

/** What theory says (models/tabulated_theory.h), found when it is first asked for. Any thread may ask. */
struct theory tabulated_common_theory(const struct tabulated_data *data);

/** Memory that a file's values and what its laws share take, from above: bisections that are as long as any may be,
 *  and as many cells as are allowed. */
double tabulated_common_bytes(const struct tabulated_data *data);
