/** Records: the cross-section's statistics at one period, of each of the model's quantities and groups. */
#pragma once

#include "population/population.h"
#include "simulation/beyond.h"
#include "simulation/recording.h"
#include "statistics/summary.h"
#include <mpi.h>

struct record {
    int64_t period;
    int n_summaries; /**< model_summaries */
    struct summary
        *summaries;         /**< [n_summaries] as the model numbers them: of all households' wealth first */
    struct summary *errors; /**< [n_summaries] standard errors from sub-populations; NULL without */
    struct summary
        *difference_errors; /**< [n_summaries] those of the differences from the first scenario; NULL
                                            without, and of that scenario */
    struct beyond beyond;   /**< of a model with knots */
};

/** The records of a run: of each scenario one at each period that is due, so far. They are in one piece of memory, so that
 *  what is made beside them leaves no holes. */
struct records {
    const struct model *model;
    const struct recording *recording;
    int n_scenarios;
    int64_t households;
    int64_t most;      /**< of a scenario, in the whole run */
    int64_t n;         /**< of a scenario, so far */
    struct record *of; /**< [n_scenarios][most] */
    char *room;        /**< [n_scenarios][most] for their summaries */
};

/** Bytes that a record keeps, its struct among them; and those that a rank of so many takes while one is made, besides the
 *  population. Not collective. */
int64_t record_kept_bytes(const struct model *model, const struct recording *recording, int n_scenarios);
int64_t record_bytes(
    const struct model *model, const struct recording *recording, int64_t n_global, int size, int threads);

/** Summaries of sub-populations, while the scenarios of a period are recorded: of the first one, which the others are
 *  compared with, and of one more. */
struct record_parts {
    int n;                         /**< of each summary; 0: there are none */
    struct summary *first, *other; /**< [n_summaries][n] */
};

/** Not collective. @return WS_OK, or WS_FAILED (memory); owned by the caller: record_parts_destroy, after a failure too */
enum status record_parts_create(struct record_parts *parts, const struct model *model,
    const struct recording *recording, int n_scenarios);
void record_parts_destroy(struct record_parts *parts);

/** Record the population's present period, of a scenario. Collective over comm; the same on all ranks, to the bit on every
 *  layout.
 *  @param[in,out] parts  those of the first scenario are kept for the others of the period, which come later
 *  @param[out] record    of records_prepare
 *  @return WS_OK, or WS_FAILED (memory) on all ranks */
enum status record_take(MPI_Comm comm, const struct population *population, int scenario,
    const struct recording *recording, struct record_parts *parts, struct record *record);

/** Room for the records of a run's scenarios. Not collective.
 *  @param[in] model, recording  kept @param[in] households  of a scenario
 *  @return WS_OK, or WS_FAILED (memory); records_destroy in both cases */
enum status records_create(struct records *records, const struct model *model,
    const struct recording *recording, int n_scenarios, int64_t households);
void records_destroy(struct records *records);

/** Record i of a scenario, 0 <= i < most: as it is, or made empty, with its summaries in their places. */
struct record *records_at(const struct records *records, int scenario, int64_t i);
struct record *records_prepare(struct records *records, int scenario, int64_t i);
