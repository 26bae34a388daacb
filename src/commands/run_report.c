#include "commands/run_report.h"
#include "commands/average_report.h"
#include "commands/scenario_report.h"
#include "core/words.h"
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A share in per cent. */
static double per_cent(double share)
{
    return 100 * share;
}

/* A line of a figure with its standard error, where there is one: the formula's, or by sub-populations. */
static void print_figure(const char *name, double value, double error, double of_groups, const char *why_none)
{
    if (!isnan(error))
        printf("  %-11s %-12.7g standard error %.2g\n", name, value, error);
    else if (!isnan(of_groups))
        printf(
            "  %-11s %-12.7g standard error %.2g by sub-populations: %s\n", name, value, of_groups, why_none);
    else
        printf("  %-11s %-12.7g no standard error: %s\n", name, value, why_none);
}

/* Why a standard error is missing, that of a figure for which theory has the moments, or has not. */
static const char *why_none(const struct theory *theory, const struct summary *summary, bool has_moment)
{
    return has_moment || isinf(summary->mean) ? "it is beyond the range of floating-point numbers"
           : theory->has_stationary_law       ? "the model's moments are infinite"
                                              : "the model has no stationary law";
}

/* A share in per cent, with its standard error where there is one. */
static void print_share(const char *before, double share, const struct summary *errors, int i)
{
    const double error = errors ? errors->share[i] : NAN;
    printf("%s%.2f", before, per_cent(share));
    if (!isnan(error))
        printf(" ± %.1g", per_cent(error));
    printf(" %%");
}

static void print_inequality(const struct summary *summary, const struct summary *errors, const char *why)
{
    static const struct {
        const char *before;
        int share;
    } shares[] = {{"  shares      top 10 %: ", SHARE_TOP_10}, {", 5 %: ", SHARE_TOP_5},
        {", 1 %: ", SHARE_TOP_1}, {", 0.1 %: ", SHARE_TOP_01}, {"; bottom half: ", SHARE_BOTTOM_HALF}};
    if (isnan(summary->gini)) {
        if (isfinite(summary->mean))
            printf("  Gini        none, nor shares: the mean is not above 0\n");
        return;
    }
    print_figure("Gini", summary->gini, summary->gini_error, errors ? errors->gini : NAN, why);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        print_share(shares[i].before, summary->share[shares[i].share], errors, shares[i].share);
    printf("\n");
}

/* Hill's estimate means something only where theory has a Pareto tail, one that a sample can show, and where the run has
 * forgotten its start, whose tail it would be else. */
static void print_tail(const struct run_answer *answer, const struct summary *summary, int64_t period)
{
    static const double most_visible = 20;
    const struct hill *hill = &summary->hill[HILL_SIZES / 2];
    const struct theory *theory = &answer->theories[0];
    if (!theory->has_stationary_law || isnan(hill->index))
        return;
    if (isnan(theory->tail_index))
        printf("  tail        index unknown by theory, %.3g by Hill's estimate from the top 1 %% (standard "
               "error %.2g), if "
               "there is one\n",
            hill->index, hill->error);
    else if ((double)period < theory->memory)
        printf("  tail        not judged: after %.0f periods the start is forgotten (theory: index %.3g)\n",
            theory->memory, theory->tail_index);
    else if (theory->tail_index > most_visible)
        printf("  tail        no Pareto tail to be seen (theory: index %.3g): do not use Hill's estimate\n",
            theory->tail_index);
    else
        printf("  tail        index %.3g by theory, %.3g by Hill's estimate from the top 1 %% (standard "
               "error %.2g)\n",
            theory->tail_index, hill->index, hill->error);
}

/* Who is beyond the knots, if anybody is. */
static void print_beyond(const struct record *record)
{
    static const char *const where[] = {
        [BEYOND_BELOW] = "below the lowest", [BEYOND_ABOVE] = "above the highest"};
    const struct summary *wealth = &record->summaries[0];
    char households[WORDS_COUNT];
    for (int side = 0; side < BEYOND_SIDES; side++) {
        const int64_t n = record->beyond.households[side];
        if (n == 0)
            continue;
        printf("  beyond      %s household%s (%.2g %%) %s knot of the savings rule, with wealth %.4g",
            words_count(n, households), words_plural(n), per_cent((double)n / (double)wealth->n), where[side],
            record->beyond.wealth[side]);
        if (wealth->mean > 0 && isfinite(wealth->mean))
            printf(" (%.2g %%)", per_cent(record->beyond.wealth[side] / ((double)wealth->n * wealth->mean)));
        printf("\n");
    }
}

/* Median, mean, Gini coefficient, and the correlation with wealth, of what else the model has than wealth: a line each. */
static void print_others(const struct record *record, const struct model *model)
{
    size_t width = 11;
    for (int i = 1; i < model_quantities(model); i++) {
        const size_t length = strlen(model_quantity(model, i).name);
        width = length > width ? length : width;
    }
    for (int i = 1; i < model_quantities(model); i++) {
        const struct summary *summary = &record->summaries[i];
        const char *name = model_quantity(model, i).name;
        if (isnan(summary->median.value)) {
            printf("  %-*s none: no period has ended\n", (int)width, name);
            continue;
        }
        printf("  %-*s median %.7g, mean %.7g", (int)width, name, summary->median.value, summary->mean);
        if (!isnan(summary->gini))
            printf(", Gini %.7g", summary->gini);
        if (!isnan(summary->correlation))
            printf(", correlation with wealth %.4f", summary->correlation);
        printf("\n");
    }
}

/* Wealth of each group: a line each, as far as there is room. */
static void print_groups(const struct record *record, const struct model *model)
{
    enum { MOST = 24 };
    const double households = (double)record->summaries[0].n;
    for (int group = 1; group <= model->n_groups && group <= MOST; group++) {
        const struct summary *summary = &record->summaries[group * model_quantities(model)];
        printf("  %-11s %-11" PRId32 " ", group == 1 ? "groups" : "", model->group_labels[group - 1]);
        if (summary->n == 0) {
            printf("no households\n");
            continue;
        }
        printf("%.4g %% of households, median %.7g, mean %.7g", per_cent((double)summary->n / households),
            summary->median.value, summary->mean);
        if (!isnan(summary->gini))
            printf(", Gini %.5g", summary->gini);
        printf("\n");
    }
    if (model->n_groups > MOST)
        printf("  %-11s and %d more\n", "", model->n_groups - MOST);
}

/* Three in a row. */
static void print_quantiles(const struct summary *summary)
{
    for (int i = 0; i < summary->n_quantiles; i++) {
        const bool ends_row = i % 3 == 2 || i == summary->n_quantiles - 1;
        const char *begin = i == 0 ? "  quantiles" : i % 3 == 0 ? "           " : " ";
        printf("%s%6g %%  %-*.7g%s", begin, 100 * summary->quantiles[i].probability, ends_row ? 0 : 12,
            summary->quantiles[i].value, ends_row ? "\n" : "");
    }
}

/* The last that was recorded. */
static void print_mobility(const struct mobility_records *records)
{
    if (records->n == 0)
        return;
    const int64_t i = records->n - 1;
    const struct {
        const char *name;
        double value;
    } figures[] = {
        {"Shorrocks", mobility_shorrocks(mobility_count_at(records, 0, i), mobility_groups(records->plan))},
        {"correlation", records->correlation[i]}, {"rank correlation", records->rank_correlation[i]}};
    printf("  mobility    from period %" PRId64 " to %" PRId64 ": ", records->periods[i] - records->plan->lag,
        records->periods[i]);
    for (int k = 0; k < 3; k++) {
        printf("%s%s ", k > 0 ? ", " : "", figures[k].name);
        if (isnan(figures[k].value))
            printf("-");
        else
            printf("%.4f", figures[k].value);
    }
    printf("\n");
}

static void report_one(const struct run_answer *answer)
{
    const struct run_options *options = answer->options;
    const struct record *last = records_at(answer->records, 0, answer->records->n - 1);
    const struct summary *summary = &last->summaries[0], *errors = last->errors;
    const struct theory *theory = &answer->theories[0];
    char periods[WORDS_COUNT];

    printf("  median      %-12.7g 95 %% interval %.7g to %.7g\n", summary->median.value, summary->median.low,
        summary->median.high);
    print_figure("mean", summary->mean, summary->mean_error, errors ? errors->mean : NAN,
        why_none(theory, summary, theory->has_variance));
    print_inequality(summary, errors, why_none(theory, summary, theory->has_variance));
    print_figure("variance", summary->variance, summary->variance_error, errors ? errors->variance : NAN,
        why_none(theory, summary, theory->has_fourth_moment));
    printf("  range       %.7g to %.7g\n", summary->minimum, summary->maximum);
    print_quantiles(summary);
    print_others(last, answer->population->model);
    print_groups(last, answer->population->model);
    print_beyond(last);
    print_mobility(answer->mobility);
    print_tail(answer, summary, last->period);
    if (answer->coalescence && answer->coalescence[0] >= 0)
        printf("  coalescence all households agree with those from wealth %g from period %" PRId64 " on\n",
            options->coalescence, answer->coalescence[0]);
    else if (answer->coalescence)
        printf("  coalescence not within %s period%s\n", words_count(last->period, periods),
            words_plural(last->period));
    if (answer->records->n > 1)
        printf("  records     %" PRId64 ", every %" PRId64 " periods\n", answer->records->n,
            options->recording.every);
    average_report(answer);
    printf("\n");
}

static void print_title(const struct run_answer *answer)
{
    const struct run_options *options = answer->options;
    const int64_t period = records_at(answer->records, 0, answer->records->n - 1)->period;
    const int n = answer->scenarios->n;
    char households[WORDS_COUNT], periods[WORDS_COUNT], scenarios[WORDS_COUNT];
    printf("wealth of %s household%s after %s period%s, seed %" PRId64,
        words_count(options->households, households), words_plural(options->households),
        words_count(period, periods), words_plural(period), options->streams.seed);
    if (n > 1)
        printf(", in %s scenarios", words_count(n, scenarios));
    printf("\n\n");
}

void run_report(const void *content)
{
    const struct run_answer *answer = content;
    print_title(answer);
    if (answer->scenarios->n > 1)
        scenario_report(answer);
    else
        report_one(answer);
}
