#include "models/tabulated_groups.h"
#include <string.h>

/* The first that is not below a label. */
static int find(const int32_t *labels, int n, int32_t label)
{
    int low = 0, high = n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (labels[middle] < label)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool add(struct tabulated_groups *groups, int32_t label)
{
    const int place = find(groups->labels, groups->n, label);
    if (place < groups->n && groups->labels[place] == label)
        return true;
    if (groups->n == MODEL_GROUPS)
        return false;
    memmove(&groups->labels[place + 1], &groups->labels[place],
        (size_t)(groups->n - place) * sizeof *groups->labels);
    groups->labels[place] = label;
    groups->n++;
    return true;
}

bool tabulated_groups_add(struct tabulated_groups *groups, const struct tabulated_groups *more)
{
    bool has_room = true;
    for (int i = 0; i < more->n && has_room; i++)
        has_room = add(groups, more->labels[i]);
    return has_room;
}

bool tabulated_groups_list(struct tabulated_data *data)
{
    const double *label = data->values[GROUP_LABEL];
    bool has_room = true;
    data->groups.n = 0;
    for (int64_t z = 0; label && z < data->length[TABULATED_STATE] && has_room; z++)
        has_room = add(&data->groups, (int32_t)label[z]);
    data->all_groups = data->groups;
    return has_room;
}

void tabulated_groups_of_states(const struct tabulated_data *data, uint8_t *group)
{
    const double *label = data->values[GROUP_LABEL];
    const struct tabulated_groups *all = &data->all_groups;
    for (int64_t z = 0; z < data->length[TABULATED_STATE]; z++)
        group[z] = label ? (uint8_t)find(all->labels, all->n, (int32_t)label[z]) : MODEL_NO_GROUP;
}
