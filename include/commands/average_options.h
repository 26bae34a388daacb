/** The options of averages over time, and of the precision that a run ends with. */
#pragma once

#include "core/options.h"
#include "simulation/averages.h"

struct average_options {
    int64_t from;                      /**< T0; -1 for no averages */
    double until_error;                /**< NaN for none */
    char until_statistic[OPTION_TEXT]; /**< as average_statistic reads it */
    int64_t max_periods;               /**< 0: the periods */
};

extern const struct option_table average_option_table;

/** How a command names a statistic's number. */
struct named_statistic {
    const struct statistic *statistic;
    int place; /**< which of its numbers */
};

/** Find what a text names: NAME of a statistic that has one number, else NAME(X), X being one of the values of its dimension:
 *  a probability, or a share of the richest, of which share_top is another name for top_share. Not collective.
 *  @return WS_OK, or WS_USAGE with a message that begins with where (error_add) */
enum status average_statistic(
    const char *text, const struct recording *recording, const char *where, struct named_statistic *found);

/** Check them against each other. Adds faults with error_add. Not collective; for rank 0.
 *  @param[in] periods    -T
 *  @param[in] recording  with the last period that the run may reach */
enum status average_options_check(
    const struct average_options *options, int64_t periods, const struct recording *recording);

/** The names of options that mean nothing beside the others. @param[out] names  room for 4 @return how many */
int average_options_meaningless(const struct average_options *options, const char **names);

/** What checked options ask for. @param[out] precision  its error is NaN where they ask for none */
void average_options_precision(const struct average_options *options, int64_t periods,
    const struct recording *recording, struct precision *precision);
