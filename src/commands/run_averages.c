#include "commands/run_averages.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* The longest of the laws' memories; NaN where theory knows none. */
static double memory_of(const struct averages *averages)
{
    double memory = NAN;
    for (int i = 0; i < averages->records->n_scenarios; i++)
        memory = fmax(memory, averages->theories[i].memory);
    return memory;
}

enum status run_averages_check(
    const struct averages *averages, const struct precision *precision, bool is_rank_0)
{
    const double memory = memory_of(averages);
    char when[64] = "never forgotten";
    if (averages->from < 0)
        return WS_OK;
    if (isfinite(memory))
        snprintf(when, sizeof when, "forgotten after %.0f periods only", memory);
    if (memory > (double)averages->from && is_rank_0)
        fprintf(stderr,
            "wealthsim: warning: --average-from: the start is %s: averages from period %" PRId64
            " on have it in them\n",
            when, averages->from);
    for (int i = 0; i < averages->records->n_scenarios && precision; i++)
        if (!averages_have_error(precision->statistic, &averages->theories[i]))
            return error_set(WS_USAGE,
                "--until-statistic: the %s has no standard error under this model, which lacks the moments: "
                "choose "
                "another, median say",
                precision->statistic->name);
    return WS_OK;
}

enum status run_averages_check_end(
    const struct averages *averages, const struct precision *precision, int64_t period)
{
    for (int64_t n = 1; precision && n <= averages->records->n; n++) {
        const int64_t end = records_at(averages->records, 0, n - 1)->period;
        if (end < period && averages_end(averages, precision, n))
            return error_set(WS_USAGE,
                "--until-error: with this error the run ends at period %" PRId64
                ", and the checkpoint is at period %" PRId64
                " already: choose a smaller one, or start afresh",
                end, period);
    }
    return WS_OK;
}
