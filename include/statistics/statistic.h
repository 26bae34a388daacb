/** The statistics of a summary, as a list: what each is called, and where its numbers are. Not collective. */
#pragma once

#include "statistics/summary.h"
#include <stdbool.h>
#include <stddef.h>

/** What a statistic's numbers go over: nothing, the asked probabilities, summary_tops, hill_shares. */
enum statistic_dimension { SINGLE, PROBABILITY, TOP, TAIL, STATISTIC_DIMENSIONS };

enum { STATISTICS = 21, STATISTIC_ERRORS = 11 /**< those with an error_name */ };

struct statistic {
    const char *name, *long_name;
    const char *of_any; /**< long_name where there are several quantities; NULL for the same */
    /** Of its standard error by sub-populations (statistics/subpopulations.h); NULL for what is itself about an error, and
     *  for extremes, which say nothing of a larger sample's. */
    const char *error_name, *error_long_name;
    enum statistic_dimension dimension;
    bool is_signed;     /**< it may be negative where wealth is */
    bool is_of_error;   /**< it says how precise another one is */
    bool is_of_total;   /**< it means nothing where the total is not above 0 */
    bool is_of_several; /**< it tells nothing where there is one quantity alone */
    bool is_behind_pointer;
    size_t offset, inner, stride; /**< for statistic_number */
};

extern const struct statistic summary_statistics[STATISTICS];

/** How many numbers it has, where quantiles are asked for at so many probabilities. */
int statistic_length(const struct statistic *statistic, int n_probability);

/** Have a summary say nothing: all of its numbers are NaN. */
void statistics_leave_out(struct summary *summary);

/** The j-th of its numbers. */
double *statistic_number(const struct summary *summary, const struct statistic *statistic, int64_t j);
