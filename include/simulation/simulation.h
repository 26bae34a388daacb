/** The loop over time: steps of many periods, and what is due between them: records, checkpoints, the end before time. */
#pragma once

#include "core/comm.h"
#include "population/population.h"
#include "simulation/averages.h"
#include "simulation/mobility_records.h"
#include "simulation/record.h"
#include "simulation/recording.h"
#include "simulation/schedule.h"

/** What became of a checkpoint. */
enum simulation_saved {
    SIMULATION_SAVED,
    SIMULATION_NOT_SAVED, /**< the reason has been said: the run goes on without */
    SIMULATION_SUPERSEDED /**< another start of the run has taken over: this one ends */
};

struct simulation {
    const struct comm *comm;
    const struct recording *recording;
    struct population *population;     /**< at period 0, or where a checkpoint was */
    struct records *records;           /**< of the scenarios that are recorded: the first */
    struct mobility_records *mobility; /**< of the same */
    const struct theory
        *theories; /**< [records->n_scenarios] of their laws: which standard errors mean something */
    const struct averages *averages;   /**< of the records; NULL for none */
    const struct precision *precision; /**< with averages: that the run may end at; NULL for none */
    struct record_parts parts;         /**< its own, while simulation_run runs */
    struct timers *timers;
    bool is_quiet;

    /** Write a checkpoint of all this. Collective over comm->world; the same on all ranks. Called only where the schedule has
     *  checkpoints. */
    enum simulation_saved (*save)(void *owner);
    void *owner;
};

/** From the population's period to the last one, or to the record that is precise enough; with checkpoints, one is written there too, from which a longer run can
 *  go on. Collective over comm->world.
 *  @return on all ranks: WS_OK; WS_STOPPED: it was to stop before, and there is a checkpoint of that; WS_FAILED, in doubt
 *          with a message */
enum status simulation_run(struct simulation *simulation, const struct schedule_plan *plan);

/** Whether no household has come where its law forbids it to be. Collective over comm->world, after each
 *  population_advance. @return on all ranks: WS_OK, or WS_FAILED with a message that names it */
enum status simulation_check_departure(const struct comm *comm, const struct population *population);
