#include "simulation/pace.h"
#include <math.h>

static const double seconds_per_step = 0.5;

/* A guess on the slow side, so that the first step is not a long one. */
static const double seconds_per_household_period = 20e-9;

void pace_start(struct pace *pace, double households)
{
    pace->seconds_per_period = households * seconds_per_household_period;
}

int64_t pace_periods(const struct pace *pace, int64_t left)
{
    const double fit = seconds_per_step / pace->seconds_per_period;
    const int64_t periods = fit < (double)left ? (int64_t)fit : left;
    return periods > 1 ? periods : 1;
}

void pace_learn(struct pace *pace, double seconds_per_period)
{
    pace->seconds_per_period = fmax(seconds_per_period, 1e-9); /* a clock may not have moved */
}
