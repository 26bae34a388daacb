#include "statistics/batch_means.h"
#include <math.h>

/* Values are taken from the first one, so that those of a constant series have no rounding between them. */
static double mean_from(double origin, const double *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i] - origin;
    return sum / (double)n;
}

/* How many values are worth an independent one, if the series is autoregressive of first order. mean: from x[0]. */
static double autocorrelation_time(const double *x, int64_t n, double mean)
{
    double squares = 0, products = 0;
    for (int64_t i = 0; i < n; i++) {
        const double here = x[i] - x[0] - mean;
        squares += here * here;
        products += i > 0 ? here * (x[i - 1] - x[0] - mean) : 0;
    }
    const double rho = products > 0 ? products / squares : 0;
    return (1 + rho) / (1 - rho);
}

/* The batches' means from their mean; what is left over is at the series' beginning. @return the sum of their squares */
static double cut(const double *x, int64_t n, int batches, double y[BATCHES_MOST])
{
    const int64_t length = n / batches, first = n - batches * length;
    double sum = 0, squares = 0;
    for (int j = 0; j < batches; j++) {
        y[j] = mean_from(x[0], x + first + j * length, length);
        sum += y[j];
    }
    for (int j = 0; j < batches; j++) {
        y[j] -= sum / batches;
        squares += y[j] * y[j];
    }
    return squares;
}

/* Von Neumann's ratio, as 1 minus its half: near the lag-1 correlation, and under independence of variance
 * (b - 2) / (b² - 1). */
static bool is_correlated(const double *y, int batches, double squares)
{
    static const double normal_95 = 1.6448536269514722;
    double differences = 0;
    for (int j = 1; j < batches; j++)
        differences += (y[j] - y[j - 1]) * (y[j] - y[j - 1]);
    const double b = batches;
    return 1 - differences / (2 * squares) > normal_95 * sqrt((b - 2) / (b * b - 1));
}

/* Student's t of the slope through the batches' means. */
static double slope(const double *y, int batches, double squares)
{
    double products = 0, times = 0;
    for (int j = 0; j < batches; j++) {
        const double time = j - (batches - 1) / 2.0;
        products += time * y[j];
        times += time * time;
    }
    const double explained = products * products / times, left = squares - explained;
    return products == 0 ? 0
           : left > 0    ? products / sqrt(left / (batches - 2) * times)
                         : copysign(INFINITY, products);
}

static int batches_at_first(int64_t n)
{
    int batches = n < BATCHES_USUAL ? BATCHES_LEAST : BATCHES_USUAL;
    while (batches < BATCHES_MOST && (int64_t)(batches + 1) * (batches + 1) <= n)
        batches++;
    return batches;
}

static int half(int batches)
{
    return batches / 2 > BATCHES_LEAST ? batches / 2 : BATCHES_LEAST;
}

struct batch_means batch_means_of(const double *x, int64_t n)
{
    struct batch_means means = {.mean = NAN, .error = NAN, .drift = NAN};
    double y[BATCHES_MOST], sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i];
    if (n == 0 || !isfinite(sum)) {
        means.mean = n > 0 ? sum : NAN;
        return means;
    }
    const double mean = mean_from(x[0], x, n);
    means.mean = x[0] + mean;
    if (n < BATCHES_LEAST)
        return means;
    const double needed = BATCH_TIMES * autocorrelation_time(x, n, mean);
    for (int batches = batches_at_first(n);; batches = half(batches)) {
        const int64_t length = n / batches;
        const double squares = cut(x, n, batches, y);
        const bool is_fine =
            squares == 0 || ((double)length >= needed && !is_correlated(y, batches, squares));
        if (!is_fine && batches > BATCHES_LEAST)
            continue;
        means.drift = slope(y, batches, squares);
        means.batches = is_fine ? batches : 0;
        means.error = is_fine ? sqrt(squares / (batches - 1) * (double)length / (double)n) : NAN;
        return means;
    }
}

bool batch_means_drifts(const struct batch_means *means)
{
    /* Student's t at 99.5 % with 6, 7, … 30 degrees of freedom */
    static const double critical[] = {3.7074, 3.4995, 3.3554, 3.2498, 3.1693, 3.1058, 3.0545, 3.0123, 2.9768,
        2.9467, 2.9208, 2.8982, 2.8784, 2.8609, 2.8453, 2.8314, 2.8188, 2.8073, 2.7969, 2.7874, 2.7787,
        2.7707, 2.7633, 2.7564, 2.7500};
    const int batches = means->batches > 0 ? means->batches : BATCHES_LEAST;
    return fabs(means->drift) > critical[batches - BATCHES_LEAST];
}
