/** The answers of several scenarios, as a table on standard output: a row each, with the columns in which they differ, and
 *  median, Gini coefficient and the share of the richest hundredth of wealth at the end, Shorrocks's index and an average
 *  over time where they were asked for; then the differences from the first row, with their standard errors, where there are
 *  sub-populations. At most 110 columns wide but for long names of files. */
#pragma once

#include "commands/run_result.h"

/** Print; for rank 0. A terminal gets the first rows alone, and is told how to see the others. */
void scenario_report(const struct run_answer *answer);
