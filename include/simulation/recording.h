/** Which periods of a run are recorded, and at which probabilities. None of these functions is collective. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { RECORDING_QUANTILES = 1024 };

struct recording {
    int64_t periods;          /**< T: the last period, which is always recorded */
    int64_t every;            /**< periods between records, from period 0 on; 0: the last one alone */
    int64_t n_subpopulations; /**< that standard errors are from; 0: none, else 2 or more */
    int64_t n_quantiles;
    double quantiles[RECORDING_QUANTILES]; /**< [n_quantiles] probabilities, ascending, each once */
};

/** How many records a whole run makes. */
int64_t recording_count(const struct recording *recording);

/** Whether a period is one to be recorded. */
bool recording_due(const struct recording *recording, int64_t period);

/** How many periods after this one the next such is; period < recording->periods. */
int64_t recording_next(const struct recording *recording, int64_t period);
