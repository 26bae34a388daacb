#include "simulation/schedule.h"
#include "core/error.h"
#include "core/stop.h"
#include "core/timers.h"
#include <math.h>

void schedule_start(struct schedule *schedule, const struct schedule_plan *plan)
{
    *schedule = (struct schedule){.has_checkpoints = plan->has_checkpoints,
        .every_seconds = plan->every_seconds,
        .every_periods = plan->every_periods,
        .deadline = INFINITY,
        .written = timers_now(),
        .cost = plan->cost};
    pace_start(&schedule->pace, plan->households);
    if (schedule->has_checkpoints)
        schedule->deadline = fmin(plan->start + plan->limit, timers_now() + stop_seconds_to_job_end());
}

int64_t schedule_periods(const struct schedule *schedule, int64_t period, int64_t to_record)
{
    int64_t left = to_record;
    if (schedule->has_checkpoints && schedule->every_periods > 0) {
        const int64_t to_checkpoint = schedule->every_periods - period % schedule->every_periods;
        left = to_checkpoint < left ? to_checkpoint : left;
    }
    return pace_periods(&schedule->pace, left);
}

/* Whether this rank sees a reason. The clock is rank 0's. */
static bool sees_checkpoint(const struct schedule *schedule, const struct comm *comm, int64_t period)
{
    const bool asked = stop_checkpoint_wanted();
    const bool by_periods = schedule->every_periods > 0 && period % schedule->every_periods == 0;
    const bool by_clock = comm->rank == 0 && schedule->every_seconds > 0 &&
                          timers_now() - schedule->written >= schedule->every_seconds;
    return asked || by_periods || by_clock;
}

/* What a run takes to end once its last checkpoint is there: libraries, launcher. */
static const double seconds_to_leave = 1;

static bool sees_stop(const struct schedule *schedule, const struct comm *comm)
{
    const double needed = 2 * schedule->cost + schedule->longest_step + seconds_to_leave;
    return stop_wanted() || (comm->rank == 0 && timers_now() + needed >= schedule->deadline);
}

void schedule_agree(
    struct schedule *schedule, const struct comm *comm, int64_t period, int64_t periods, double seconds)
{
    enum { PER_PERIOD, STEP, CHECKPOINT, STOP, AGREED };
    schedule->longest_step = fmax(schedule->longest_step, seconds);
    double mine[AGREED] = {[PER_PERIOD] = seconds / (double)periods, [STEP] = schedule->longest_step},
           all[AGREED];
    if (schedule->has_checkpoints) {
        mine[CHECKPOINT] = sees_checkpoint(schedule, comm, period);
        mine[STOP] = sees_stop(schedule, comm);
    }
    MPI_CHECK(MPI_Allreduce(mine, all, AGREED, MPI_DOUBLE, MPI_MAX, comm->world));
    pace_learn(&schedule->pace, all[PER_PERIOD]);
    schedule->longest_step = all[STEP];
    schedule->is_checkpoint_due = all[CHECKPOINT] > 0;
    schedule->is_stop_due = all[STOP] > 0;
}

void schedule_checkpointed(struct schedule *schedule, double seconds)
{
    schedule->written = timers_now();
    schedule->cost = seconds;
    schedule->is_checkpoint_due = false;
}
