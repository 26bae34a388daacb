#include "commands/average_report.h"
#include "core/words.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static bool has_averages(const struct run_answer *answer)
{
    return answer->averages->from >= 0;
}

/* A statistic, and its average over time, by the name that users call it. */
static struct named_statistic named(const struct run_answer *answer, const char *name)
{
    struct named_statistic found;
    ENSURE(average_statistic(name, &answer->options->recording, "", &found) == WS_OK);
    return found;
}

static struct batch_means average(const struct run_answer *answer, int scenario, const char *name)
{
    const struct named_statistic found = named(answer, name);
    return averages_of(answer->averages, scenario, 0, found.statistic, found.place, answer->records->n);
}

static const char *until_statistic(const struct run_answer *answer)
{
    return answer->options->averages.until_statistic;
}

static void print_records(const struct run_answer *answer)
{
    char count[WORDS_COUNT];
    const int64_t n = averages_records(answer->averages, answer->records->n);
    printf(
        "%s record%s after period %" PRId64, words_count(n, count), words_plural(n), answer->averages->from);
}

/* ---- of one scenario ------------------------------------------------------------------------------------------------ */

static void print_average(const struct run_answer *answer, const char *name, const char *statistic)
{
    const struct batch_means means = average(answer, 0, statistic);
    printf("              %-10s %-12.7g ", name, means.mean);
    if (!isnan(means.error))
        printf("standard error %.2g", means.error);
    else
        printf(
            "no standard error%s", averages_have_error(named(answer, statistic).statistic, answer->theories)
                                       ? ""
                                       : ": the model's moments are infinite");
    if (batch_means_drifts(&means))
        printf(", still drifting (t = %.2g)", means.drift);
    printf("\n");
}

static bool lacks_errors(const struct run_answer *answer)
{
    return isnan(average(answer, 0, "median").error) || isnan(average(answer, 0, "gini").error);
}

void average_report(const struct run_answer *answer)
{
    if (!has_averages(answer))
        return;
    printf("  averages    over ");
    print_records(answer);
    printf(", with errors by batch means:\n");
    print_average(answer, "median", "median");
    print_average(answer, "mean", "mean");
    print_average(answer, "Gini", "gini");
    print_average(answer, "top 1 %", "top_share(0.01)");
    if (lacks_errors(answer))
        printf("              (too few records, or too much alike, for independent batches: run longer)\n");
    average_report_end(answer);
}

/* ---- of several ----------------------------------------------------------------------------------------------------- */

void average_report_heads(const struct run_answer *answer)
{
    if (has_averages(answer))
        printf("%14s%12s", "average", "error");
}

void average_report_cells(const struct run_answer *answer, int scenario)
{
    if (!has_averages(answer))
        return;
    const struct batch_means means = average(answer, scenario, until_statistic(answer));
    printf("%14.7g", means.mean);
    if (isnan(means.error))
        printf("%12s", "-");
    else
        printf("%12.2g", means.error);
    if (batch_means_drifts(&means))
        printf("  still drifting");
}

/* ---- the end -------------------------------------------------------------------------------------------------------- */

/* The worst of the scenarios' relative errors: NaN where one has none. */
static double worst_error(const struct run_answer *answer, bool *drifts)
{
    double worst = 0;
    for (int i = 0; i < answer->scenarios->n; i++) {
        const struct batch_means means = average(answer, i, until_statistic(answer));
        const double error = means.error / fabs(means.mean);
        worst = isnan(error) || isnan(worst) ? NAN : fmax(worst, error);
        *drifts = *drifts || batch_means_drifts(&means);
    }
    return worst;
}

void average_report_end(const struct run_answer *answer)
{
    bool drifts = false;
    if (has_averages(answer) && answer->scenarios->n > 1) {
        printf("  average     of %s, over ", until_statistic(answer));
        print_records(answer);
        printf(", with its standard error by batch means\n");
    }
    if (!answer->precision)
        return;
    const double error = 100 * worst_error(answer, &drifts), asked = 100 * answer->precision->error;
    char period[WORDS_COUNT];
    printf("  precision   %s: the average of %s has ",
        averages_are_precise(answer->averages, answer->precision, answer->records->n) ? "reached"
                                                                                      : "NOT reached",
        until_statistic(answer));
    if (isnan(error))
        printf("no standard error");
    else
        printf("a standard error of %.2g %%", error);
    printf(" (asked for: %g %%)%s at period %s\n", asked, drifts ? " and is still drifting" : "",
        words_count(answer->population->period, period));
}
