#include "commands/average_options.h"
#include "core/parse.h"
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MEMBER(name) offsetof(struct average_options, name)

// clang-format off
static const struct option_row rows[] = {
    {.group = "Results",
     .name = "average-from", .argument = "T0", .type = OPTION_COUNT, .offset = MEMBER(from),
     .fallback = "-1", .low = -1, .high = INT_MAX, .range = "0 to 2147483647, or -1 for none",
     .help = "Average each statistic over the records after period T0, with standard errors by batch means"},
    {.name = "until-error", .argument = "E", .type = OPTION_REAL, .offset = MEMBER(until_error),
     .fallback = "", .low = DBL_MIN, .high = 1, .range = "above 0, and 1 or less",
     .help = "End the run at a record at which the average of --until-statistic has a standard error of E times it or less, "
             "and no drift is seen, in every scenario: between -T and --max-periods, or without those up to -T. It is looked "
             "at from 64 records on, whenever they are a quarter more"},
    {.name = "until-statistic", .argument = "NAME", .type = OPTION_NAME, .offset = MEMBER(until_statistic),
     .fallback = "median",
     .help = "Which statistic of wealth: median, gini, 'quantile(0.9)', 'share_top(0.01)', 'hill(0.05)' or another"},
    {.name = "max-periods", .argument = "M", .type = OPTION_COUNT, .offset = MEMBER(max_periods),
     .fallback = "0", .low = 0, .high = INT_MAX, .range = "0 to 2147483647",
     .help = "With --until-error, go on after period T while the error is larger, up to period M at most; 0: not beyond T"},
};
// clang-format on

const struct option_table average_option_table = OPTION_TABLE(rows);

/* ---- a statistic by its name ---------------------------------------------------------------------------------------- */

enum { NAME_BYTES = 64, SHOWN = 100 };

static const struct statistic *find(const char *name)
{
    for (int k = 0; k < STATISTICS; k++)
        if (averages_have(&summary_statistics[k]) && strcmp(summary_statistics[k].name, name) == 0)
            return &summary_statistics[k];
    return NULL;
}

static enum status refuse_name(const char *text, const char *name, const char *where)
{
    const char *names[STATISTICS];
    int n = 0;
    for (int k = 0; k < STATISTICS; k++)
        if (averages_have(&summary_statistics[k]))
            names[n++] = summary_statistics[k].name;
    const char *nearest = parse_nearest(name, names, n);
    return error_add(WS_USAGE, "%s'%.*s' is no statistic that is averaged%s%s%s", where, SHOWN, text,
        nearest ? "; did you mean '" : ": one is 'median'", nearest ? nearest : "", nearest ? "'?" : "");
}

/* The values of a statistic's dimension, and what a message says that they are. */
static const double *values_of(
    const struct statistic *statistic, const struct recording *recording, int *n, const char **what)
{
    const double *const values[STATISTIC_DIMENSIONS] = {
        [PROBABILITY] = recording->quantiles, [TOP] = summary_tops, [TAIL] = hill_shares};
    static const char *const whats[STATISTIC_DIMENSIONS] = {[PROBABILITY] = "one of --quantiles",
        [TOP] = "one of 0.1, 0.05, 0.01, 0.001",
        [TAIL] = "one of 0.001, 0.005, 0.01, 0.05, 0.1"};
    *n = statistic_length(statistic, (int)recording->n_quantiles);
    *what = whats[statistic->dimension];
    return values[statistic->dimension];
}

/* The number in parentheses. */
static enum status find_place(const char *text, const char *argument, const struct recording *recording,
    const char *where, struct named_statistic *found)
{
    const char *what = NULL, *name = found->statistic->name;
    char number[NAME_BYTES];
    double asked = NAN;
    int n = 0;
    const double *values = values_of(found->statistic, recording, &n, &what);
    if (!values)
        return argument ? error_add(WS_USAGE, "%s'%.*s': %s is one number: leave the parentheses out", where,
                              SHOWN, text, name)
                        : WS_OK;
    const size_t length = argument ? strlen(argument) : 0;
    if (length > 0 && length < sizeof number && argument[length - 1] == ')') {
        snprintf(number, sizeof number, "%.*s", (int)length - 1, argument);
        if (parse_real(number, &asked))
            asked = NAN;
    }
    for (int j = 0; j < n; j++)
        if (values[j] == asked) {
            found->place = j;
            return WS_OK;
        }
    return error_add(WS_USAGE, "%s'%.*s': write '%s(X)', where X is %s", where, SHOWN, text, name, what);
}

enum status average_statistic(
    const char *text, const struct recording *recording, const char *where, struct named_statistic *found)
{
    const char *parenthesis = strchr(text, '(');
    const size_t length = parenthesis ? (size_t)(parenthesis - text) : strlen(text);
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "%.*s", length < sizeof name ? (int)length : 0, text);
    const bool is_top = strcmp(name, "share_top") == 0;
    *found = (struct named_statistic){.statistic = find(is_top ? "top_share" : name)};
    if (!found->statistic)
        return refuse_name(text, name, where);
    return find_place(text, parenthesis ? parenthesis + 1 : NULL, recording, where, found);
}

/* ---- what they mean together ---------------------------------------------------------------------------------------- */

/* Whether the whole run has enough records after T0. */
static enum status check_records(
    const struct average_options *options, int64_t periods, const struct recording *recording)
{
    const int64_t from = options->from,
                  least = isnan(options->until_error) ? AVERAGES_LEAST : PRECISION_LEAST;
    if (from >= periods)
        return error_add(WS_USAGE,
            "--average-from: the run has no record after period %" PRId64
            ": choose one below --periods, %" PRId64,
            from, periods);
    const int64_t n = averages_count(recording, from), wide = (recording->periods - from) / least;
    if (n >= least)
        return WS_OK;
    char advice[96] = "";
    if (wide > 0)
        snprintf(
            advice, sizeof advice, ", or --record-every %" PRId64 "%s", wide, wide > 1 ? " or less" : "");
    return error_add(WS_USAGE,
        "--average-from: there will be %" PRId64 " record%s after period %" PRId64 ", and %s %" PRId64
        ": choose a longer run%s",
        n, n == 1 ? "" : "s", from,
        isnan(options->until_error) ? "averages take at least" : "--until-error looks at no less than", least,
        advice);
}

enum status average_options_check(
    const struct average_options *options, int64_t periods, const struct recording *recording)
{
    struct named_statistic found;
    enum status status = WS_OK;
    if (options->from >= 0)
        status = check_records(options, periods, recording);
    if (!isnan(options->until_error) && options->from < 0)
        status =
            error_add(WS_USAGE, "--until-error: needs --average-from T0, the period after which the start "
                                "is forgotten");
    if (average_statistic(options->until_statistic, recording, "--until-statistic: ", &found) != WS_OK)
        status = WS_USAGE;
    if (options->max_periods > 0 && isnan(options->until_error))
        status = error_add(WS_USAGE, "--max-periods: needs --until-error E, which ends the run before");
    if (options->max_periods > 0 && options->max_periods < periods)
        status = error_add(WS_USAGE, "--max-periods: %" PRId64 " is less than --periods, %" PRId64,
            options->max_periods, periods);
    return status;
}

void average_options_precision(const struct average_options *options, int64_t periods,
    const struct recording *recording, struct precision *precision)
{
    struct named_statistic found;
    *precision = (struct precision){.error = options->until_error};
    if (isnan(precision->error) ||
        average_statistic(options->until_statistic, recording, "", &found) != WS_OK)
        return;
    precision->statistic = found.statistic;
    precision->place = found.place;
    precision->least = options->max_periods > 0 ? periods : 0;
}

int average_options_meaningless(const struct average_options *options, const char **names)
{
    int n = 0;
    if (options->from < 0)
        names[n++] = "average-from";
    if (isnan(options->until_error)) {
        names[n++] = "until-error";
        names[n++] = "until-statistic";
        names[n++] = "max-periods";
    }
    return n;
}
