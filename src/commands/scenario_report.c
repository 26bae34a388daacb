#include "commands/scenario_report.h"
#include "commands/average_report.h"
#include "core/words.h"
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_ROWS = 20, TEXT_WIDTH = 24, CELL = 32, ERROR_WIDTH = 7 };

/* ---- the table's own columns ---------------------------------------------------------------------------------------- */

static const char *text_in(const struct scenario_column *column, int i)
{
    return column->texts + (size_t)i * column->text_bytes;
}

static bool is_same_as_first(const struct scenario_column *column, int i)
{
    return column->texts ? strncmp(text_in(column, 0), text_in(column, i), column->text_bytes) == 0
                         : column->values[0] == column->values[i];
}

static bool does_differ(const struct scenarios *scenarios, const struct scenario_column *column)
{
    for (int i = 1; i < scenarios->n; i++)
        if (!is_same_as_first(column, i))
            return true;
    return false;
}

/* A cell in words: of a long text its end, which tells files apart. */
static void show_cell(const struct scenario_column *column, int i, char shown[CELL])
{
    if (!column->texts) {
        snprintf(shown, CELL, "%.6g", column->values[i]);
        return;
    }
    const char *text = text_in(column, i)[0] ? text_in(column, i) : "-";
    const size_t length = strlen(text), behind = length > TEXT_WIDTH ? length - TEXT_WIDTH + 3 : 0;
    snprintf(shown, CELL, "%s%.*s", behind ? "..." : "", TEXT_WIDTH, text + behind);
}

/* How wide a column is over the rows that are printed. */
static int width_of(const struct scenario_column *column, int n_rows)
{
    size_t width = strlen(column->name);
    for (int i = 0; i < n_rows; i++) {
        char shown[CELL];
        show_cell(column, i, shown);
        width = strlen(shown) > width ? strlen(shown) : width;
    }
    return (int)width;
}

/* How wide each column of the table is: 0 for those that are the same in all rows, which are left out. */
static void widths_of(const struct scenarios *scenarios, int n_rows, int widths[SCENARIO_COLUMNS])
{
    for (int j = 0; j < scenarios->n_columns; j++)
        widths[j] =
            does_differ(scenarios, &scenarios->columns[j]) ? width_of(&scenarios->columns[j], n_rows) : 0;
}

static void print_heads(const struct scenarios *scenarios, const int widths[SCENARIO_COLUMNS])
{
    printf("  scenario");
    for (int j = 0; j < scenarios->n_columns; j++)
        if (widths[j] > 0)
            printf("  %*s", widths[j], scenarios->columns[j].name);
}

static void print_cells(const struct scenarios *scenarios, const int widths[SCENARIO_COLUMNS], int i)
{
    printf("  %8d", i);
    for (int j = 0; j < scenarios->n_columns; j++) {
        char shown[CELL];
        show_cell(&scenarios->columns[j], i, shown);
        if (widths[j] > 0)
            printf("  %*s", widths[j], shown);
    }
}

/* ---- the answers ---------------------------------------------------------------------------------------------------- */

static const struct record *last_of(const struct run_answer *answer, int i)
{
    return records_at(answer->records, i, answer->records->n - 1);
}

/* A number of 12 places, or that there is none. */
static void print_number(const char *format, double number)
{
    if (isnan(number))
        printf("%12s", "-");
    else
        printf(format, number);
}

static bool has_mobility(const struct run_answer *answer)
{
    return answer->mobility->n > 0;
}

/* Shorrocks's index of the last pair of periods. */
static double shorrocks_of(const struct run_answer *answer, int i)
{
    const struct mobility_records *mobility = answer->mobility;
    return mobility_shorrocks(
        mobility_count_at(mobility, i, mobility->n - 1), mobility_groups(mobility->plan));
}

static void print_answers(const struct run_answer *answer, int i)
{
    const struct summary *summary = &last_of(answer, i)->summaries[0];
    printf("%14.7g", summary->median.value);
    print_number("%12.5f", summary->gini);
    print_number("%10.2f %%", 100 * summary->share[SHARE_TOP_1]);
    if (has_mobility(answer))
        print_number("%12.4f", shorrocks_of(answer, i));
    average_report_cells(answer, i);
}

static void print_rows(const struct run_answer *answer, const int widths[SCENARIO_COLUMNS], int n_rows)
{
    print_heads(answer->scenarios, widths);
    printf("%14s%12s%12s", "median", "Gini", "top 1 %");
    if (has_mobility(answer))
        printf("%12s", "Shorrocks");
    average_report_heads(answer);
    printf("\n");
    for (int i = 0; i < n_rows; i++) {
        print_cells(answer->scenarios, widths, i);
        print_answers(answer, i);
        printf("\n");
    }
}

static void print_mobility(const struct run_answer *answer)
{
    const struct mobility_records *mobility = answer->mobility;
    if (!has_mobility(answer))
        return;
    const int64_t to = mobility->periods[mobility->n - 1];
    printf("  mobility    Shorrocks's index, from period %" PRId64 " to %" PRId64 "\n",
        to - mobility->plan->lag, to);
}

/* ---- differences from the first scenario ---------------------------------------------------------------------------- */

/* A difference with its standard error, of which two digits are shown, and as many places of the difference. It is 15 columns
 * and the error's at least. */
static void print_difference(double difference, double error, int error_width)
{
    static const double longest = 1e9;
    const double two_digits = 1 - floor(log10(error));
    const bool has_places = two_digits >= 0 && two_digits <= 9 && fabs(difference) < longest;
    char number[CELL], of_error[CELL] = "-";
    if (isnan(difference)) {
        printf("%12s%*s", "-", error_width > 0 ? error_width + 3 : 0, "");
        return;
    }
    snprintf(
        number, sizeof number, has_places ? "%.*f" : "%.*g", has_places ? (int)two_digits : 6, difference);
    if (!isnan(error))
        snprintf(
            of_error, sizeof of_error, has_places ? "%.*f" : "%.*g", has_places ? (int)two_digits : 2, error);
    printf("%12s ± %-*s", number, error_width, of_error);
}

static void print_differences_of(const struct run_answer *answer, int i)
{
    const struct record *first = last_of(answer, 0), *other = last_of(answer, i);
    const struct summary *from = &first->summaries[0], *to = &other->summaries[0],
                         *errors = &other->difference_errors[0];
    print_difference(to->median.value - from->median.value, errors->median.value, ERROR_WIDTH);
    print_difference(to->gini - from->gini, errors->gini, ERROR_WIDTH);
    print_difference(
        100 * (to->share[SHARE_TOP_1] - from->share[SHARE_TOP_1]), 100 * errors->share[SHARE_TOP_1], 0);
}

/* There are none where the households are too few for sub-populations, or none are asked for. */
static void print_differences(const struct run_answer *answer, const int widths[SCENARIO_COLUMNS], int n_rows)
{
    if (!last_of(answer, 1)->difference_errors)
        return;
    printf("\n  differences from scenario 0 ± their standard errors, on the same shocks\n");
    print_heads(answer->scenarios, widths);
    printf("%12s%22s%22s\n", "median", "Gini", "top 1 %, points");
    for (int i = 1; i < n_rows; i++) {
        print_cells(answer->scenarios, widths, i);
        print_differences_of(answer, i);
        printf("\n");
    }
}

void scenario_report(const struct run_answer *answer)
{
    const struct run_options *options = answer->options;
    const struct records *records = answer->records;
    const int n = answer->scenarios->n, n_rows = isatty(STDOUT_FILENO) && n > MOST_ROWS ? MOST_ROWS : n;
    int widths[SCENARIO_COLUMNS];
    char left[WORDS_COUNT];

    widths_of(answer->scenarios, n_rows, widths);
    print_rows(answer, widths, n_rows);
    if (n_rows < n)
        printf("  and %s more: jobs/plot.py %s draws all, jobs/collect.py %s lists them\n",
            words_count(n - n_rows, left), options->common.output, options->common.output);
    if (records->n > 1)
        printf("  records     %" PRId64 " of each, every %" PRId64 " periods\n", records->n,
            options->recording.every);
    print_mobility(answer);
    average_report_end(answer);
    print_differences(answer, widths, n_rows);
    printf("\n");
}
