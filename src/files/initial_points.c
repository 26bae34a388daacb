#include "files/initial_points.h"

struct initial_points initial_points_at(int64_t i, int64_t n, int64_t m)
{
    const uint64_t parts = 2 * (uint64_t)n, values = (uint64_t)m;
    const unsigned __int128 place = (2 * (unsigned __int128)i + 1) * values;
    return (struct initial_points){.value = (int64_t)(place / parts),
        .rest = (uint64_t)(place % parts),
        .step_value = values / (uint64_t)n,
        .step_rest = 2 * (values % (uint64_t)n),
        .parts = parts};
}

void initial_points_next(struct initial_points *points)
{
    points->value += (int64_t)points->step_value;
    points->rest += points->step_rest;
    if (points->rest >= points->parts) {
        points->rest -= points->parts;
        points->value++;
    }
}
