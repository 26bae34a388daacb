/** How many periods to advance at a time: so many that a step takes about half a second on every rank. The results do
 *  not depend on it. Not collective: ranks that learn the same give the same answers. */
#pragma once

#include <stdint.h>

struct pace {
    double seconds_per_period; /**< of the slowest rank; a guess until the first step is done */
};

/** @param[in] households  of a rank */
void pace_start(struct pace *pace, double households);

/** Periods of the next step: at least 1, at most those that are left. */
int64_t pace_periods(const struct pace *pace, int64_t left);

/** Learn from a step what a period takes on the slowest rank. */
void pace_learn(struct pace *pace, double seconds_per_period);
