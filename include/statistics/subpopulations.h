/** Statistics of each of n sub-populations, from the same visit in sorted order as those of all: for their standard errors
 *  (statistics/standard_errors.h). */
#pragma once

#include "core/error.h"
#include "statistics/moments.h"
#include "statistics/sample_sort.h"
#include "statistics/summary.h"
#include <mpi.h>

/** What one visit in sorted order finds of each sub-population. */
struct subpopulations_survey;

/** Bytes that a survey takes on a rank. Not collective. */
int64_t subpopulations_bytes(int n, int threads, int n_probability);

/** Memory for a survey. Not collective.
 *  @param[in] n            sub-populations, 2 … SAMPLE_SORT_LABELS
 *  @param[in] probability  [n_probability] where quantiles and the Lorenz curve are asked for; kept
 *  @return WS_OK or WS_FAILED (memory); subpopulations_free in any case */
enum status subpopulations_create(
    struct subpopulations_survey **survey, int threads, int n, const double *probability, int n_probability);

/** Before the visit of an array, once. Collective over comm.
 *  @param[in] array  with labels 0 … n - 1, the numbers of the sub-populations @param[in] moments  of the same values */
void subpopulations_begin(struct subpopulations_survey *survey, MPI_Comm comm,
    const struct sample_sort_array *array, const struct moments *moments, struct sample_sort_fixed fixed);

/** Look at a run, in a visit by sample_sort_visit. */
void subpopulations_visit(struct subpopulations_survey *survey, int thread, const struct sorted_run *run);

/** The sub-populations' statistics, after the visit: quantiles, moments, inequality, tails, all as of a population of its
 *  own, but for rounding: each deviation from the mean counts in units of about 2^-60 of their absolute sum, each square in
 *  such of theirs. Intervals, formulas' standard errors, minimum and maximum are NaN; so are inequality and shares of
 *  those whose total is so small a part of all that these units could not tell it to 1e-6, and all of those without values. Collective over comm; the same on all ranks, to the bit
 *  on every layout.
 *  @param[out] of  [n] of summaries_create */
void subpopulations_read(struct subpopulations_survey *survey, MPI_Comm comm, struct summary *of);

void subpopulations_free(struct subpopulations_survey *survey);
