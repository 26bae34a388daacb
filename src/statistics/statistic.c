#include "statistics/statistic.h"
#include <math.h>

#define NUMBER(member) .dimension = SINGLE, .offset = offsetof(struct summary, member)
#define OF_QUANTILE(member)                                                                                  \
    .dimension = PROBABILITY, .is_behind_pointer = true, .offset = offsetof(struct summary, quantiles),      \
    .inner = offsetof(struct quantile, member), .stride = sizeof(struct quantile)
#define AT_PROBABILITY(member)                                                                               \
    .dimension = PROBABILITY, .is_behind_pointer = true, .offset = offsetof(struct summary, member),         \
    .stride = sizeof(double)
#define ERROR(name, what)                                                                                    \
    .error_name = name, .error_long_name = "standard error of " what ", from independent sub-populations"
#define OF_HILL(member)                                                                                      \
    .dimension = TAIL, .offset = offsetof(struct summary, hill[0].member), .stride = sizeof(struct hill)

const struct statistic summary_statistics[STATISTICS] = {
    {"median", "median of wealth", .of_any = "median of the quantity", NUMBER(median.value),
        .is_signed = true, ERROR("median_error", "the median")},
    {"median_low", "lower end of the median's 95 % distribution-free confidence interval", NUMBER(median.low),
        .is_signed = true, .is_of_error = true},
    {"median_high", "upper end of the median's 95 % distribution-free confidence interval",
        NUMBER(median.high), .is_signed = true, .is_of_error = true},
    {"mean", "mean wealth (exact sum, rounded once)",
        .of_any = "mean of the quantity (exact sum, rounded once)", NUMBER(mean), .is_signed = true,
        ERROR("mean_group_error", "the mean")},
    {"mean_error", "standard error of the mean", NUMBER(mean_error), .is_of_error = true},
    {"variance", "variance of wealth, divisor N (exact sums, rounded once)",
        .of_any = "variance of the quantity, divisor N (exact sums, rounded once)", NUMBER(variance),
        ERROR("variance_group_error", "the variance")},
    {"variance_error", "standard error of the variance", NUMBER(variance_error), .is_of_error = true},
    {"minimum", "least wealth", .of_any = "least value of the quantity", NUMBER(minimum), .is_signed = true},
    {"maximum", "greatest wealth", .of_any = "greatest value of the quantity", NUMBER(maximum),
        .is_signed = true},
    {"gini", "Gini coefficient, divisor N^2 (exact sums, rounded once)", NUMBER(gini), .is_of_total = true,
        ERROR("gini_group_error", "the Gini coefficient")},
    {"gini_error", "standard error of the Gini coefficient", NUMBER(gini_error), .is_of_total = true,
        .is_of_error = true},
    {"bottom_half_share", "share of wealth of the poorer half",
        .of_any = "share of the quantity's total of the households with least",
        NUMBER(share[SHARE_BOTTOM_HALF]), .is_signed = true, .is_of_total = true,
        ERROR("bottom_half_share_error", "the share")},
    {"quantile", "quantiles of wealth (exact; linear interpolation)",
        .of_any = "quantiles of the quantity (exact; linear interpolation)", OF_QUANTILE(value),
        .is_signed = true, ERROR("quantile_error", "the quantile")},
    {"quantile_low", "lower end of the quantile's 95 % distribution-free confidence interval",
        OF_QUANTILE(low), .is_signed = true, .is_of_error = true},
    {"quantile_high", "upper end of the quantile's 95 % distribution-free confidence interval",
        OF_QUANTILE(high), .is_signed = true, .is_of_error = true},
    {"lorenz", "Lorenz curve: share of wealth of the poorest households",
        .of_any = "Lorenz curve: share of the quantity's total of the households with least",
        AT_PROBABILITY(lorenz), .is_signed = true, .is_of_total = true,
        ERROR("lorenz_error", "the Lorenz curve")},
    {"share_top", "share of wealth of the others: 1 - lorenz",
        .of_any = "share of the quantity's total of the others: 1 - lorenz", AT_PROBABILITY(share_top),
        .is_of_total = true, ERROR("share_top_error", "the share")},
    {"top_share", "share of wealth of the richest households",
        .of_any = "share of the quantity's total of the households with most", .dimension = TOP,
        .offset = offsetof(struct summary, share[SHARE_TOP_10]), .stride = sizeof(double),
        .is_of_total = true, ERROR("top_share_error", "the share")},
    {"hill", "tail index by Hill's estimator; without meaning where theory_tail_index is large",
        OF_HILL(index), ERROR("hill_group_error", "the tail index")},
    {"hill_error", "standard error of the tail index", OF_HILL(error), .is_of_error = true},
    {"correlation_with_wealth", "correlation of the quantity with wealth, of the households (exact sums)",
        NUMBER(correlation), .is_signed = true, .is_of_several = true,
        ERROR("correlation_with_wealth_error", "the correlation")},
};

int statistic_length(const struct statistic *statistic, int n_probability)
{
    const int lengths[STATISTIC_DIMENSIONS] = {
        [SINGLE] = 1, [PROBABILITY] = n_probability, [TOP] = SUMMARY_TOPS, [TAIL] = HILL_SIZES};
    return lengths[statistic->dimension];
}

double *statistic_number(const struct summary *summary, const struct statistic *statistic, int64_t j)
{
    char *base = (char *)(uintptr_t)summary + statistic->offset;
    if (statistic->is_behind_pointer)
        base = *(char **)(void *)base;
    return (double *)(void *)(base + statistic->inner + (size_t)j * statistic->stride);
}

void statistics_leave_out(struct summary *summary)
{
    for (int k = 0; k < STATISTICS; k++)
        for (int j = 0; j < statistic_length(&summary_statistics[k], summary->n_quantiles); j++)
            *statistic_number(summary, &summary_statistics[k], j) = NAN;
}
