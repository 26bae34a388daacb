#include "statistics/standard_errors.h"
#include "statistics/statistic.h"
#include <math.h>

/* A number of one sub-population, or its difference from the other population's. */
static double number_of(const struct summary *of, const struct summary *minus, int i,
    const struct statistic *statistic, int64_t j)
{
    const double number = *statistic_number(&of[i], statistic, j);
    return minus ? number - *statistic_number(&minus[i], statistic, j) : number;
}

static double error_of(const struct summary *of, const struct summary *minus, int n,
    const struct statistic *statistic, int64_t j)
{
    double total = 0, mean = 0, greatest = 0, spread = 0;
    for (int i = 0; i < n; i++)
        total += (double)of[i].n;
    for (int i = 0; i < n; i++)
        mean += (double)of[i].n / total * number_of(of, minus, i, statistic, j);
    for (int i = 0; i < n; i++)
        greatest = fmax(greatest, fabs(number_of(of, minus, i, statistic, j) - mean));
    for (int i = 0; i < n && greatest > 0; i++) { /* squares stay in range */
        const double away = (number_of(of, minus, i, statistic, j) - mean) / greatest;
        spread += (double)of[i].n / total * (away * away);
    }
    const double error = !isfinite(mean) ? NAN : greatest * sqrt(spread / (n - 1));
    return isfinite(error) ? error : NAN;
}

void standard_errors(const struct summary *of, const struct summary *minus, int n, struct summary *errors)
{
    for (int k = 0; k < STATISTICS; k++) {
        const struct statistic *statistic = &summary_statistics[k];
        for (int j = 0; j < statistic_length(statistic, errors->n_quantiles); j++)
            *statistic_number(errors, statistic, j) =
                statistic->error_name ? error_of(of, minus, n, statistic, j) : NAN;
    }
}
