/** The lecture's point: one computation on several layouts, timed. Ranks that a layout does not need sleep. */
#pragma once

#include "core/comm.h"
#include "core/error.h"
#include "core/timers.h"
#include "lecture/grid.h"
#include "lecture/layouts.h"
#include "models/kesten.h"
#include "random/stream_options.h"
#include <stdbool.h>
#include <stdint.h>

enum scaling_work { SCALING_RUN, SCALING_PI, SCALING_GRIDMAX, SCALING_WORKS };

/** "run", "pi", "gridmax". */
const char *scaling_work_name(int work);

/** What its work is counted in: "household-periods", "draws", "points". */
const char *scaling_work_unit(enum scaling_work work);

/** What to compute, the same on all ranks: a work, how much of it on one core, and whether it grows with the cores. What
 *  another work takes means nothing. */
struct scaling_task {
    int64_t work; /**< enum scaling_work */
    bool is_weak;
    int64_t households, periods;
    struct kesten_parameters model;
    struct stream_options streams;
    int64_t draws;
    struct axis axis;
};

/** How much work a layout does, in that unit; with --weak it grows with the layout's cores (gridmax: as far as a whole
 *  number of points on a side can). */
double scaling_amount(const struct scaling_task *task, const struct layout *layout);

/** Do the work once on a layout: all of it, from the streams to the answer (for run, the exact median). Collective over
 *  comm->world.
 *  @param[in]     layout   ranks <= comm->size
 *  @param[in,out] timers   of at least layout->threads threads; the seconds are added
 *  @param[out]    seconds  that it took, until the last rank had its answer; the same on all ranks
 *  @param[out]    hash     of the answer; the same on all ranks
 *  @return WS_OK, or WS_FAILED on all ranks (memory, SPRNG) */
enum status scaling_measure(const struct comm *comm, const struct scaling_task *task,
    const struct layout *layout, const struct timers *timers, double *seconds, uint64_t *hash);
