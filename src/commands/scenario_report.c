#include "commands/scenario_report.h"
#include "commands/average_report.h"
#include "core/words.h"
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_ROWS = 20, TEXT_WIDTH = 24, CELL = 32 };

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

/* ---- the answers ---------------------------------------------------------------------------------------------------- */

static void print_share(const char *format, double share)
{
    if (isnan(share))
        printf("%12s", "-");
    else
        printf(format, share);
}

static void print_answers(const struct summary *summary)
{
    printf("%14.7g", summary->median.value);
    print_share("%12.5f", summary->gini);
    print_share("%10.2f %%", 100 * summary->share[SHARE_TOP_1]);
}

static void print_rows(const struct run_answer *answer, int n_rows)
{
    const struct scenarios *scenarios = answer->scenarios;
    int widths[SCENARIO_COLUMNS];
    printf("  scenario");
    for (int j = 0; j < scenarios->n_columns; j++) {
        const struct scenario_column *column = &scenarios->columns[j];
        widths[j] = does_differ(scenarios, column) ? width_of(column, n_rows) : 0;
        if (widths[j] > 0)
            printf("  %*s", widths[j], column->name);
    }
    printf("%14s%12s%12s", "median", "Gini", "top 1 %");
    average_report_heads(answer);
    printf("\n");
    for (int i = 0; i < n_rows; i++) {
        printf("  %8d", i);
        for (int j = 0; j < scenarios->n_columns; j++) {
            char shown[CELL];
            show_cell(&scenarios->columns[j], i, shown);
            if (widths[j] > 0)
                printf("  %*s", widths[j], shown);
        }
        print_answers(&records_at(answer->records, i, answer->records->n - 1)->summaries[0]);
        average_report_cells(answer, i);
        printf("\n");
    }
}

void scenario_report(const struct run_answer *answer)
{
    const struct run_options *options = answer->options;
    const struct records *records = answer->records;
    const int n = answer->scenarios->n, n_rows = isatty(STDOUT_FILENO) && n > MOST_ROWS ? MOST_ROWS : n;
    char left[WORDS_COUNT];

    print_rows(answer, n_rows);
    if (n_rows < n)
        printf("  and %s more: jobs/plot.py %s draws all, jobs/collect.py %s lists them\n",
            words_count(n - n_rows, left), options->common.output, options->common.output);
    if (records->n > 1)
        printf("  records     %" PRId64 " of each, every %" PRId64 " periods\n", records->n,
            options->recording.every);
    average_report_end(answer);
    printf("\n");
}
