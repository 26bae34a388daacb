/** Averages over time of a run's statistics, with errors by batch means (statistics/batch_means.h), and the precision at
 *  which a run may end. Both are functions of the records alone: the same on all ranks, on every layout, and whatever stops
 *  and resumptions there were. None of these functions is collective. */
#pragma once

#include "models/model.h"
#include "simulation/record.h"
#include "simulation/recording.h"
#include "statistics/batch_means.h"
#include "statistics/statistic.h"

/** The least number of records that averages are of, and that a run may end for. */
enum { AVERAGES_LEAST = BATCHES_LEAST, PRECISION_LEAST = 64 };

struct averages {
    const struct records *records;
    const struct theory *theories; /**< [records->n_scenarios] of their laws */
    int64_t from;                  /**< records after this period count; -1: there are no averages */
    double *series;                /**< [records->most] scratch; owned */
};

/** When a run is precise enough: when the standard error of an average over time is this small a part of it, in every
 *  scenario, is from 16 batches at least, and no drift is significant. (That of 8 batches is a quarter of itself off, and a run
 *  that ends as soon as it looks small ends too soon.) */
struct precision {
    double error;                      /**< relative, > 0; NaN: the run goes to its last period */
    const struct statistic *statistic; /**< of wealth */
    int place;                         /**< which of its numbers */
    int64_t least;                     /**< the first period at which the run may end */
};

/** How many records a recording makes after a period; from <= recording->periods. */
int64_t averages_count(const struct recording *recording, int64_t from);

/** Whether a statistic has averages: all but intervals' ends and standard errors. */
bool averages_have(const struct statistic *statistic);

/** Whether a statistic of wealth has a standard error over time under a law: the mean needs a variance, the variance a
 *  fourth moment, without which batches' means are as far apart as chance has it. */
bool averages_have_error(const struct statistic *statistic, const struct theory *theory);

/** @return WS_OK, or WS_FAILED (memory); averages_destroy in both cases */
enum status averages_create(
    struct averages *averages, const struct records *records, const struct theory *theories, int64_t from);
void averages_destroy(struct averages *averages);

/** How many records there are after the period, of the first n. */
int64_t averages_records(const struct averages *averages, int64_t n);

/** The average of the j-th of a statistic's numbers, of a record's summary, over the first n records, as far as they count. */
struct batch_means averages_of(const struct averages *averages, int scenario, int summary,
    const struct statistic *statistic, int64_t j, int64_t n);

/** Whether the first n records are precise enough. */
bool averages_are_precise(const struct averages *averages, const struct precision *precision, int64_t n);

/** Whether the run ends with the n-th record: they are precise enough, and it is a record at which that is looked at. That
 *  is whenever their number has grown by a quarter or less: fewer looks are fewer chances to end by luck. For autoregressive
 *  series the true error is then 0.7 to 1.2 times the one asked for, and intervals of 95 % have a coverage of 90 to 94 %. */
bool averages_end(const struct averages *averages, const struct precision *precision, int64_t n);
