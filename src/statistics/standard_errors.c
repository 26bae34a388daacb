#include "statistics/standard_errors.h"
#include "statistics/statistic.h"
#include <math.h>

/* Of n sub-populations: the share of the households of each, and its number, or the number's difference from another
 * population's. */
struct sample {
    int n;
    double share[SAMPLE_SORT_LABELS], number[SAMPLE_SORT_LABELS];
};

static void weigh(struct sample *sample, const struct summary *of, int n)
{
    double total = 0;
    ENSURE(n <= SAMPLE_SORT_LABELS);
    sample->n = n;
    for (int i = 0; i < n; i++)
        total += (double)of[i].n;
    for (int i = 0; i < n; i++)
        sample->share[i] = (double)of[i].n / total;
}

static void take_numbers(struct sample *sample, const struct summary *of, const struct summary *minus,
    const struct statistic *statistic, int64_t j)
{
    for (int i = 0; i < sample->n; i++)
        sample->number[i] = *statistic_number(&of[i], statistic, j);
    for (int i = 0; i < sample->n && minus; i++)
        sample->number[i] -= *statistic_number(&minus[i], statistic, j);
}

static double error_of(const struct sample *sample)
{
    double mean = 0, greatest = 0, spread = 0;
    for (int i = 0; i < sample->n; i++)
        mean += sample->share[i] * sample->number[i];
    if (!isfinite(mean))
        return NAN;
    for (int i = 0; i < sample->n; i++) {
        const double away = fabs(sample->number[i] - mean);
        greatest = away > greatest ? away : greatest;
    }
    for (int i = 0; i < sample->n && greatest > 0; i++) { /* squares stay in range */
        const double away = (sample->number[i] - mean) / greatest;
        spread += sample->share[i] * (away * away);
    }
    const double error = greatest * sqrt(spread / (sample->n - 1));
    return isfinite(error) ? error : NAN;
}

void standard_errors(const struct summary *of, const struct summary *minus, int n, struct summary *errors)
{
    struct sample sample;
    weigh(&sample, of, n);
    for (int k = 0; k < STATISTICS; k++) {
        const struct statistic *statistic = &summary_statistics[k];
        for (int j = 0; j < statistic_length(statistic, errors->n_quantiles); j++) {
            double error = NAN;
            if (statistic->error_name) {
                take_numbers(&sample, of, minus, statistic, j);
                error = error_of(&sample);
            }
            *statistic_number(errors, statistic, j) = error;
        }
    }
}
