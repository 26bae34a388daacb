/** The groups of households that model files tell apart by labels of their states. None of these functions is collective. */
#pragma once

#include "models/tabulated_data.h"

/** List a file's labels: its own, and for the time being all. @return whether there are MODEL_GROUPS at most */
bool tabulated_groups_list(struct tabulated_data *data);

/** Add another file's labels to a list. @return whether there is room for all */
bool tabulated_groups_add(struct tabulated_groups *groups, const struct tabulated_groups *more);

/** The group of each of a file's states: its place in all_groups, MODEL_NO_GROUP where the file has no labels.
 *  @param[out] group  [states] */
void tabulated_groups_of_states(const struct tabulated_data *data, uint8_t *group);
