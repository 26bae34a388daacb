/** The mean of a series over time with a standard error that respects its autocorrelation, by the method of batch means,
 *  and a test for a drift. Not collective; no state; IEEE operations in a fixed order alone, so that all ranks and machines
 *  get the same.
 *
 *  The series is cut into batches of equal length, whose means are taken for independent: Law, Simulation Modeling and
 *  Analysis (5th ed. 2015), section 9.5.3. A series of n has the whole part of sqrt(n) batches at first, so that their
 *  length grows with n as their number does (Flegal and Jones, Annals of Statistics 38 (2010)), but from 16 values on at
 *  least 16, before that 8, and never more than 32 (Schmeiser, Operations Research 30 (1982): more of them gain little).
 *  They are halved, to 8 at least, until
 *  - each is at least BATCH_TIMES times as long as it takes to be worth one independent value, (1 + ρ)/(1 - ρ) for a
 *    series whose lag-1 autocorrelation ρ dies out geometrically (Bayley and Hammersley, J. R. Statist. Soc. Suppl. 8
 *    (1946)): a short series, whose batches' correlation could not be seen, gets no error rather than one too small;
 *  - and von Neumann's ratio shows no correlation of their means at 5 %, whatever the series (Fishman, Management
 *    Science 24 (1978)).
 *  Where 8 batches are too many still, the series is too short for an error. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { BATCHES_LEAST = 8, BATCHES_USUAL = 16, BATCHES_MOST = 32, BATCH_TIMES = 3 };

struct batch_means {
    double mean; /**< of the whole series; NaN or infinite where a value is, and nothing else is known then */
    double
        error; /**< standard error of the mean; intervals: Student's t, batches - 1 degrees of freedom; NaN for none */
    int batches; /**< that the error is from; 0 for none */
    /** Student's t, with two degrees of freedom less than there are batches (8 where there is no error), of the slope of a
     *  line through the batches' means. NaN where the series has less than 8 values. */
    double drift;
};

/** @param[in] x  [n] n >= 0; of none the mean is NaN */
struct batch_means batch_means_of(const double *x, int64_t n);

/** Whether the drift is significant at 1 %. */
bool batch_means_drifts(const struct batch_means *means);
