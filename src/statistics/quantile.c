#include "statistics/quantile.h"
#include "statistics/order.h"
#include <math.h>
#include <stdlib.h>

void quantile_position(int64_t n, double p, int64_t *below, int64_t *above, double *weight)
{
    const double place = (double)(n - 1) * p, whole = floor(place);
    *below = (int64_t)whole;
    *above = *below + 1;
    *weight = place - whole;
    if (place >= (double)(n - 1)) {
        *below = *above = n - 1;
        *weight = 0.0;
    }
}

double quantile_interpolate(double below, double above, double weight)
{
    if (below == above || weight == 0.0 || isinf(below))
        return below;
    if (isinf(above))
        return above;
    const double difference = above - below;
    if (isinf(difference))
        return below * (1 - weight) + above * weight;
    return weight >= 0.5 ? above - difference * (1 - weight) : below + difference * weight;
}

/* The number B of values below a quantile has the binomial distribution of n trials with chance p, so the
 * quantile lies below the r-th smallest value (from 1) with the chance P(B < r), and not below the s-th with
 * P(B >= s): David and Nagaraja, Order Statistics, 3rd ed. (2003), section 7.1. Both must be at most 0.025.
 *
 * Terms of the distribution as multiples of its greatest, by their ratios, to where they no longer count in the
 * sum: O(sqrt(n p q)) of them. Only +, -, ×, / and sqrt, so all machines agree. */
static void interval_by_summation(int64_t n, double p, int64_t *low, int64_t *high)
{
    const double tail = 0.025, odds = p / (1 - p), negligible = 1e-30;
    const int64_t mode = (int64_t)(((double)n + 1) * p);
    double total = 1.0, least = 1.0, term = 1.0;
    int64_t r = mode, s = mode;
    for (; r > 0 && least > negligible; r--)
        total += least *= (double)r / ((double)(n - r + 1) * odds);
    for (; s < n && term > negligible; s++)
        total += term *= (double)(n - s) * odds / (double)(s + 1);

    /* From either end, as long as the terms so far are at most the tail. */
    double sum = 0.0;
    while ((sum += least) <= tail * total) {
        least *= (double)(n - r) * odds / (double)(r + 1);
        r++;
    }
    *low = r > 0 ? r - 1 : 0;

    sum = 0.0;
    while ((sum += term) <= tail * total) {
        term *= (double)s / ((double)(n - s + 1) * odds);
        s--;
    }
    *high = s < n ? s : n - 1;
}

/* The expansion of the binomial quantile at ±z in powers of the deviation (Cornish and Fisher, Revue de
 * l'Institut International de Statistique 5 (1938)), to the term of the skewness. Where n p q is at least 10^3 the
 * next term is below 0.01, so that half a unit for the continuity and a little more, rounded outwards, gives the
 * summation's positions or ones that lie further out by one. */
static void interval_by_expansion(int64_t n, double p, double deviation, int64_t *low, int64_t *high)
{
    const double z = 1.959963984540054;
    const double middle = (double)n * p + (1 - 2 * p) * (z * z - 1) / 6;
    *low = (int64_t)floor(middle - z * deviation - 0.52) - 1;
    *high = (int64_t)ceil(middle + z * deviation + 0.52);
}

void quantile_interval(int64_t n, double p, int64_t *low, int64_t *high)
{
    const double variance = (double)n * p * (1 - p);
    if (p <= 0 || p >= 1) {
        *low = *high = p <= 0 ? 0 : n - 1;
        return;
    }
    if (variance < 1e3)
        interval_by_summation(n, p, low, high);
    else
        interval_by_expansion(n, p, sqrt(variance), low, high);
}

void quantile_positions(int64_t n, double probability, int64_t position[QUANTILE_POSITIONS])
{
    double weight = 0.0;
    quantile_position(n, probability, &position[0], &position[1], &weight);
    quantile_interval(n, probability, &position[2], &position[3]);
}

struct quantile quantile_of_values(int64_t n, double probability, const double value[QUANTILE_POSITIONS])
{
    int64_t below = 0, above = 0;
    double weight = 0.0;
    quantile_position(n, probability, &below, &above, &weight);
    return (struct quantile){.probability = probability,
        .value = quantile_interpolate(value[0], value[1], weight),
        .low = value[2],
        .high = value[3]};
}

struct quantile quantile_median_of_values(int64_t n, const double value[QUANTILE_POSITIONS])
{
    struct quantile median = quantile_of_values(n, 0.5, value);
    const double sum = value[0] + value[1];
    if (n % 2 == 0)
        median.value = isinf(sum) ? value[0] / 2 + value[1] / 2 : sum / 2;
    return median;
}

enum status quantile_compute(
    MPI_Comm comm, int threads, const double *x, int64_t n, int64_t n_global, struct quantile *q, int nq)
{
    const size_t count = (size_t)nq * QUANTILE_POSITIONS;
    int64_t *position = malloc((count + 1) * sizeof *position);
    double *value = malloc((count + 1) * sizeof *value);
    enum status status =
        error_agree(comm, position && value ? WS_OK : error_memory(count * sizeof *value, "quantiles"));
    if (status == WS_OK) {
        for (int i = 0; i < nq; i++)
            quantile_positions(n_global, q[i].probability, position + i * QUANTILE_POSITIONS);
        status = order_statistics(comm, threads, x, n, position, (int)count, value);
    }
    for (int i = 0; i < nq && status == WS_OK; i++)
        q[i] = quantile_of_values(n_global, q[i].probability, value + i * QUANTILE_POSITIONS);
    free(position);
    free(value);
    return status;
}
