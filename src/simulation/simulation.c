#include "simulation/simulation.h"
#include "core/progress.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Standard errors that mean nothing under the model are left out: those of wealth, and of a multiple of it. Theory says
 * nothing of other quantities. */
static void leave_out_errors(
    const struct model *model, int number, struct summary *summary, const struct theory *theory)
{
    const int quantity = model_summary_quantity(model, number);
    if (quantity > 0 && !model_quantity(model, quantity).is_multiple)
        return;
    if (!theory->has_fourth_moment)
        summary->variance_error = NAN;
    if (!theory->has_variance)
        summary->mean_error = summary->gini_error = NAN;
}

/* Add the cross-section of each scenario at this period to the records, if it is due and not there from a checkpoint. */
static enum status record(struct simulation *simulation)
{
    const struct recording *recording = simulation->recording;
    const struct population *population = simulation->population;
    struct records *records = simulation->records;
    const int64_t n = records->n;
    if (!recording_due(recording, population->period) ||
        (n > 0 && records_at(records, 0, n - 1)->period == population->period))
        return WS_OK;
    const double start = timers_now();
    enum status status = WS_OK;
    records->n = n + 1;
    for (int i = 0; i < records->n_scenarios && status == WS_OK; i++) {
        struct record *of_scenario = records_prepare(records, i, n);
        status =
            record_take(simulation->comm->world, population, i, recording, &simulation->parts, of_scenario);
        for (int j = 0; status == WS_OK && j < of_scenario->n_summaries; j++)
            leave_out_errors(population->model, j, &of_scenario->summaries[j], &simulation->theories[i]);
    }
    timers_add(simulation->timers, 0, PHASE_COMMUNICATING, start);
    return status;
}

/* What is due at a period: records, and mobility. */
static enum status look(struct simulation *simulation)
{
    const double start = timers_now();
    enum status status =
        mobility_records_take(simulation->comm->world, simulation->population, simulation->mobility);
    timers_add(simulation->timers, 0, PHASE_COMMUNICATING, start);
    return status == WS_OK ? record(simulation) : status;
}

/* How many periods to the next one that is looked at. */
static int64_t periods_to_look(const struct simulation *simulation)
{
    const int64_t period = simulation->population->period;
    const int64_t to_record = recording_next(simulation->recording, period),
                  to_hold = mobility_next(simulation->mobility->plan, simulation->recording, period);
    return to_hold < to_record ? to_hold : to_record;
}

static enum simulation_saved save(struct simulation *simulation, struct schedule *schedule)
{
    const double start = timers_now();
    const enum simulation_saved saved = simulation->save(simulation->owner);
    schedule_checkpointed(schedule, timers_add(simulation->timers, 0, PHASE_WRITING, start) - start);
    return saved;
}

/* A checkpoint on the way. A failed one is no reason to end, unless the run is another's now. */
static enum status save_and_go_on(struct simulation *simulation, struct schedule *schedule)
{
    return save(simulation, schedule) == SIMULATION_SUPERSEDED ? WS_FAILED : WS_OK;
}

/* A checkpoint, and the end before time. */
static enum status stop(struct simulation *simulation, struct schedule *schedule)
{
    const enum simulation_saved saved = save(simulation, schedule);
    if (saved == SIMULATION_NOT_SAVED)
        error_set(WS_FAILED, "stopped at period %" PRId64 " without a checkpoint of it",
            simulation->population->period);
    return saved == SIMULATION_SAVED ? WS_STOPPED : WS_FAILED;
}

/* Which of several scenarios a household is of, for a message. */
static const char *scenario_in_words(
    const struct population *population, int scenario, char *text, size_t bytes)
{
    const struct scenario *of = &population->scenarios[scenario];
    text[0] = '\0';
    if (of->joined)
        snprintf(text, bytes, " of the coupled run of scenario %d", of->follows);
    else if (population->n_scenarios > 1)
        snprintf(text, bytes, " of scenario %d", scenario);
    return text;
}

enum status simulation_check_departure(const struct comm *comm, const struct population *population)
{
    if (!population->model->forbids)
        return WS_OK;
    const struct departure departure = population_departure(comm->world, population);
    if (departure.period == INT64_MAX)
        return WS_OK;
    char scenario[64];
    if (comm->rank == 0)
        error_set(WS_FAILED,
            "household %" PRId64 "%s left the knots of its savings rule in period %" PRId64
            " with wealth %.17g, which "
            "extrapolation = error forbids: give the rule knots as far, or another extrapolation",
            departure.household, scenario_in_words(population, departure.scenario, scenario, sizeof scenario),
            departure.period, departure.wealth);
    return WS_FAILED;
}

/* Whether the population is where the run ends: at the last period, or at a record that is precise enough. */
static bool is_at_end(const struct simulation *simulation)
{
    const struct records *records = simulation->records;
    const int64_t period = simulation->population->period, n = records->n;
    if (period == simulation->recording->periods)
        return true;
    return simulation->precision && n > 0 && records_at(records, 0, n - 1)->period == period &&
           averages_end(simulation->averages, simulation->precision, n);
}

/* One step, and what is due at its end. */
static enum status step(struct simulation *simulation, struct schedule *schedule, bool *is_over)
{
    struct population *population = simulation->population;
    const double start = timers_now();
    const int64_t periods = schedule_periods(schedule, population->period, periods_to_look(simulation));
    population_advance(population, periods, simulation->timers);
    const double advanced = timers_now();
    schedule_agree(schedule, simulation->comm, population->period, periods, advanced - start);
    timers_add(simulation->timers, 0, PHASE_COMMUNICATING, advanced);

    enum status status = simulation_check_departure(simulation->comm, simulation->population);
    if (status == WS_OK)
        status = look(simulation);
    *is_over = status == WS_OK && is_at_end(simulation);
    if (status == WS_OK && !*is_over) {
        if (schedule->is_stop_due)
            status = stop(simulation, schedule);
        else if (schedule->is_checkpoint_due)
            status = save_and_go_on(simulation, schedule);
    }
    return status;
}

enum status simulation_run(struct simulation *simulation, const struct schedule_plan *plan)
{
    const int64_t last = simulation->recording->periods;
    struct population *population = simulation->population;
    const double households = (double)population->part.n_global * simulation->records->n_scenarios;
    struct progress progress;
    struct schedule schedule;

    progress_start(&progress, simulation->comm->rank != 0 || simulation->is_quiet,
        households * (double)population->period, households * (double)last, "household-periods");
    schedule_start(&schedule, plan);
    enum status status =
        error_agree(simulation->comm->world, record_parts_create(&simulation->parts, population->model,
                                                 simulation->recording, simulation->records->n_scenarios));
    if (status == WS_OK)
        status = look(simulation);
    bool is_over = status == WS_OK && is_at_end(simulation);
    const bool was_complete = is_over && population->period > 0;
    while (status == WS_OK && !is_over) {
        status = step(simulation, &schedule, &is_over);
        progress_update(&progress, households * (double)population->period);
    }
    progress_end(&progress);
    record_parts_destroy(&simulation->parts);
    if (status == WS_OK && schedule.has_checkpoints && !was_complete)
        status = save_and_go_on(simulation, &schedule);
    return status;
}
