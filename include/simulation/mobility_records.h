/** Mobility over a run: between each period that is a multiple of K, from K on, and the one K periods before. Without records on
 *  the way, between the last period and the one K before it. */
#pragma once

#include "population/population.h"
#include "simulation/recording.h"
#include "statistics/mobility.h"
#include <mpi.h>

/** What is asked for. Plain data. */
struct mobility_plan {
    int64_t lag; /**< K; 0: none */
    int64_t n_bounds;
    double bounds
        [RECORDING_QUANTILES]; /**< [n_bounds] probabilities in (0, 1), ascending: the groups' upper ends but the last's */
};

/** Quantile groups. */
int mobility_groups(const struct mobility_plan *plan);

/** How many pairs of periods a whole run has. */
int64_t mobility_pairs(const struct mobility_plan *plan, const struct recording *recording);

/** Whether mobility up to a period is recorded. */
bool mobility_due(const struct mobility_plan *plan, const struct recording *recording, int64_t period);

/** How many periods after this one wealth is next to be held; period < recording->periods. INT64_MAX: never. */
int64_t mobility_next(const struct mobility_plan *plan, const struct recording *recording, int64_t period);

/** Of the first scenarios. */
struct mobility_records {
    const struct mobility_plan *plan;
    const struct recording *recording;
    int n_scenarios;
    int64_t most, n;                        /**< of a scenario: in the whole run, and so far */
    int64_t *periods;                       /**< [most] the later of each pair */
    int64_t *count;                         /**< [n_scenarios][most][groups][groups] */
    double *correlation, *rank_correlation; /**< [n_scenarios][most] */
    double *wealth;                         /**< [n_scenarios][n_local] of the households at a period */
    int64_t n_local;
    int64_t held; /**< that period; -1: none */
};

/** Bytes that a rank keeps; 2^58 where they are more. Not collective. */
int64_t mobility_kept_bytes(
    const struct mobility_plan *plan, const struct recording *recording, int n_scenarios, int64_t n_local);

/** Room for all of it. Not collective. The plan and the recording stay where they are.
 *  @return WS_OK, or WS_FAILED (memory); mobility_records_destroy in both cases */
enum status mobility_records_create(struct mobility_records *records, const struct mobility_plan *plan,
    const struct recording *recording, int n_scenarios, int64_t n_local);
void mobility_records_destroy(struct mobility_records *records);

/** What a period asks for: record mobility up to it, unless it is there already, and hold its wealth. Collective over comm.
 *  The same on all ranks, to the bit on every layout. @return WS_OK, or WS_FAILED (memory) on all ranks */
enum status mobility_records_take(
    MPI_Comm comm, const struct population *population, struct mobility_records *records);

/** Whether the wealth that a run needs from before its period is held, where it goes on from a checkpoint. Not collective. */
bool mobility_records_can_go_on(const struct mobility_records *records, int64_t period);

/** A pair's counts: [groups][groups]. */
int64_t *mobility_count_at(const struct mobility_records *records, int scenario, int64_t i);
