/** What only a run's theory and records can say of averages over time, before it begins. Not collective; the same on all ranks. */
#pragma once

#include "simulation/averages.h"
#include <stdbool.h>

/** Warn, on rank 0, where averages have the start in them, and see that the one that ends the run has an error at all.
 *  @param[in] precision  NULL for none @return WS_OK, or WS_USAGE with a message */
enum status run_averages_check(
    const struct averages *averages, const struct precision *precision, bool is_rank_0);

/** See that a run which goes on from a checkpoint at a period would not have ended before, and so elsewhere.
 *  @param[in] precision  NULL for none @return WS_OK, or WS_USAGE with a message */
enum status run_averages_check_end(
    const struct averages *averages, const struct precision *precision, int64_t period);
