/** When a run does what: how far to the next boundary, and what is due there. All ranks get the same answers. */
#pragma once

#include "core/comm.h"
#include "simulation/pace.h"
#include <stdbool.h>
#include <stdint.h>

/** What a run asks for. */
struct schedule_plan {
    bool has_checkpoints; /**< without them nothing is due but records */
    double every_seconds; /**< between checkpoints; 0: by periods */
    int64_t every_periods;
    double start;      /**< timers_now() when the run began */
    double limit;      /**< seconds from then by which it is to have ended; +inf for none */
    double cost;       /**< estimate of a checkpoint's seconds, until one has been measured */
    double households; /**< of a rank */
};

struct schedule {
    struct pace pace;
    bool has_checkpoints;
    double every_seconds; /**< between checkpoints; 0: by periods */
    int64_t every_periods;
    double deadline;     /**< on the steady clock; +inf for none */
    double written;      /**< when the last checkpoint was */
    double cost;         /**< seconds that a checkpoint takes */
    double longest_step; /**< seconds */
    bool is_checkpoint_due, is_stop_due;
};

void schedule_start(struct schedule *schedule, const struct schedule_plan *plan);

/** Periods of the next step, at least 1: to the next record or checkpoint, or so few that it takes half a second.
 *  @param[in] to_record  periods to the next record */
int64_t schedule_periods(const struct schedule *schedule, int64_t period, int64_t to_record);

/** After a step: learn from it, and agree on what is due. Collective over comm->world.
 *  @param[in] period   the period reached
 *  @param[in] seconds  that the step of so many periods took on this rank */
void schedule_agree(
    struct schedule *schedule, const struct comm *comm, int64_t period, int64_t periods, double seconds);

/** A checkpoint was written, or was tried, and took so long. */
void schedule_checkpointed(struct schedule *schedule, double seconds);
