/** Records: the cross-section's statistics at one period, of each of the model's quantities. */
#pragma once

#include "population/population.h"
#include "simulation/beyond.h"
#include "simulation/recording.h"
#include "statistics/summary.h"
#include <mpi.h>

struct record {
    int64_t period;
    int n_quantities;
    struct summary *summaries; /**< [n_quantities] as model_quantity numbers them: wealth first */
    struct summary *errors;    /**< [n_quantities] standard errors from sub-populations; NULL without */
    struct summary *
        difference_errors; /**< [n_quantities] those of the differences from the first scenario; NULL without, and
                                            of that scenario */
    struct beyond beyond; /**< of a model with knots */
};

/** The records of a run: of each scenario one at each period that is due, so far. */
struct records {
    int n_scenarios;
    int64_t most;      /**< of a scenario, in the whole run */
    int64_t n;         /**< of a scenario, so far */
    struct record *of; /**< [n_scenarios][most] */
};

/** Bytes that a record keeps, its struct among them; and those that a rank of so many takes while one is made, besides the
 *  population. Not collective. */
int64_t record_kept_bytes(const struct model *model, const struct recording *recording, int n_scenarios);
int64_t record_bytes(
    const struct model *model, const struct recording *recording, int64_t n_global, int size, int threads);

/** Summaries of sub-populations, while the scenarios of a period are recorded: of the first one, which the others are
 *  compared with, and of one more. */
struct record_parts {
    int n; /**< of each quantity; 0: there are none */
    int n_quantities;
    struct summary *first, *other; /**< [n_quantities][n] */
};

/** Not collective. @return WS_OK, or WS_FAILED (memory); owned by the caller: record_parts_destroy, after a failure too */
enum status record_parts_create(struct record_parts *parts, const struct model *model,
    const struct recording *recording, int n_scenarios);
void record_parts_destroy(struct record_parts *parts);

/** Record the population's present period, of a scenario. Collective over comm; the same on all ranks, to the bit on every
 *  layout.
 *  @param[in,out] parts  those of the first scenario are kept for the others of the period, which come later
 *  @param[out] record  owned by the caller: record_destroy, after a failure too
 *  @return WS_OK, or WS_FAILED (memory) on all ranks */
enum status record_take(MPI_Comm comm, const struct population *population, int scenario,
    const struct recording *recording, struct record_parts *parts, struct record *record);

/** An empty record of a model's quantities, for numbers that were saved. Not collective.
 *  @return WS_OK, or WS_FAILED (memory); owned by the caller: record_destroy, after a failure too */
enum status record_prepare(struct record *record, const struct model *model,
    const struct recording *recording, int scenario, int64_t households);

void record_destroy(struct record *record);

/** Room for the records of the first scenarios. Not collective. @return WS_OK, or WS_FAILED (memory); records_destroy in both cases */
enum status records_create(struct records *records, const struct recording *recording, int n_scenarios);

/** Record i of a scenario, 0 <= i < most. */
struct record *records_at(const struct records *records, int scenario, int64_t i);

/** Destroy all there are, or the last of each scenario. */
void records_clear(struct records *records);
void records_drop_last(struct records *records);
void records_destroy(struct records *records);
