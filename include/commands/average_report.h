/** Averages over time on standard output, behind the table's other lines. For rank 0; all print nothing where there are none. */
#pragma once

#include "commands/run_result.h"

/** Of one scenario: median, mean, Gini coefficient and the share of the richest hundredth, with their standard errors. */
void average_report(const struct run_answer *answer);

/** Of several: the heads of two columns, and the two cells of a row: the average of --until-statistic, and its error. */
void average_report_heads(const struct run_answer *answer);
void average_report_cells(const struct run_answer *answer, int scenario);

/** With --until-error: where the run has ended, and how precise it is. Of several scenarios, also what the columns are. */
void average_report_end(const struct run_answer *answer);
