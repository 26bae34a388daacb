/** The numbers of records, as files have them: which there are of each statistic, and where they are kept. For the files of
 *  records alone. Not collective. */
#pragma once

#include "files/variables.h"
#include "simulation/record.h"
#include "statistics/statistic.h"

/** What there is of each statistic: it, its standard error from sub-populations, its difference from the first scenario's,
 *  that one's standard error. */
enum record_kind { VALUE, ERROR, DIFFERENCE, DIFFERENCE_ERROR, RECORD_KINDS };

/** Who is beyond the knots: counts and sums, of 8 bytes each. */
enum { RECORD_SIDES = 2 * BEYOND_SIDES };
struct record_side {
    const char *name, *long_name;
    enum number_type type;
    size_t offset; /**< in struct record */
};
extern const struct record_side record_sides[RECORD_SIDES];

/** How many numbers a statistic has in a record. */
int64_t record_length(const struct statistic *statistic, const struct recording *recording);

/** Whether there is such a kind of a statistic in records of so many scenarios. */
bool record_has(const struct statistic *statistic, enum record_kind kind, const struct recording *recording,
    int n_scenarios);

/** Where a number is kept, the j-th of a statistic of a summary in record i of a scenario; NULL for those that are not:
 *  differences, and the first scenario's standard errors of them, which are 0. */
double *record_place(const struct records *records, int scenario, int64_t i, int summary,
    enum record_kind kind, const struct statistic *statistic, int64_t j);

/** A statistic's numbers: of the first scenario's first summary all records', then of the next one.
 *  @param[in]  width   record_length
 *  @param[out] values  [scenarios][summaries][records][width] */
void record_gather(const struct statistic *statistic, enum record_kind kind, int64_t width,
    const struct records *records, double *values);

/** The households of each group: of each scenario of all, then of each group. @param[out] values  [scenarios][groups][records] */
void record_gather_households(const struct records *records, int64_t *values);

/** Where a side's number is; and all of them. @param[out] values  [scenarios][records] */
char *record_side_in(const struct records *records, int scenario, int64_t i, int k);
void record_gather_side(int k, const struct records *records, void *values);
