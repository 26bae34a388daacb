#include "lecture/gridmax.h"
#include "commands/commands.h"
#include "commands/preflight.h"
#include "commands/report.h"
#include "core/words.h"
#include "lecture/grid_options.h"
#include <stdio.h>

struct gridmax_options {
    struct common_options common;
    struct axis axis;
};

/* The answer and where it is. */
struct answer {
    struct axis axis;
    struct gridmax found;
    double x, y;
};

static enum status check(const struct options *all, const struct comm *comm)
{
    const struct gridmax_options *options = all->values;
    return comm->rank == 0 ? preflight_output(&options->common, NULL, 0, 1 << 20) : WS_OK;
}

static void print_answer(const void *content)
{
    const struct answer *answer = content;
    char points[WORDS_COUNT], row[WORDS_COUNT], column[WORDS_COUNT];
    words_count(answer->axis.points, points);
    printf("largest value of cos(x^2 + y^2)/(1 + x^2 + y^2) on %s x %s points from %g to %g\n\n", points,
        points, answer->axis.lower, answer->axis.upper);
    printf("  maximum     %.16g\n  at          x = %.16g, y = %.16g (column %s, row %s)\n\n",
        answer->found.value, answer->x, answer->y, words_count(answer->found.column, column),
        words_count(answer->found.row, row));
}

static enum status conclude(const struct options *all, const struct answer *answer, const struct comm *comm,
    struct timers *timers, double start)
{
    const struct gridmax_options *options = all->values;
    const struct gridmax *found = &answer->found;
    const struct variable variables[] = {
        {.name = "maximum",
            .values = &found->value,
            .long_name = "largest value on the grid of cos(x^2 + y^2)/(1 + x^2 + y^2)"},
        {.name = "x", .values = &answer->x, .long_name = "x of its first place"},
        {.name = "y", .values = &answer->y, .long_name = "y of its first place"},
        {.name = "row", .type = NUMBER_INT, .values = &found->row, .long_name = "number of its y, from 0"},
        {.name = "column",
            .type = NUMBER_INT,
            .values = &found->column,
            .long_name = "number of its x, from 0"},
    };
    return report_result(comm,
        &(struct report){.command = &command_gridmax,
            .options = all,
            .title = "The largest value of a function on a grid",
            .hash = found->hash,
            .variables = variables,
            .n_variables = sizeof variables / sizeof variables[0],
            .rate_name = "points_per_second",
            .unit = "points",
            .work = (double)options->axis.points * (double)options->axis.points,
            .timers = timers,
            .start = start,
            .print = print_answer,
            .content = answer},
        options->common.quiet);
}

static enum status run(const struct options *all, const struct comm *comm)
{
    const double start = timers_now();
    const struct gridmax_options *options = all->values;
    struct answer answer = {.axis = options->axis};
    struct timers timers;
    enum status status = report_timers(comm, &options->common, &timers);
    if (status == WS_OK) {
        gridmax_compute(comm, &answer.axis, &timers, options->common.quiet, &answer.found);
        answer.x = axis_point(&answer.axis, answer.found.column);
        answer.y = axis_point(&answer.axis, answer.found.row);
        status = conclude(all, &answer, comm, &timers, start);
    }
    timers_destroy(&timers);
    return status;
}

static const struct option_part parts[] = {{&grid_option_table, offsetof(struct gridmax_options, axis)},
    {&output_option_table, 0}, {&process_option_table, 0}, {&timing_option_table, 0}, {NULL, 0}};
static const struct option_default defaults[] = {{"output", "wealthsim-gridmax.h5"}, {NULL, NULL}};

const struct command command_gridmax = {
    .line = {.name = "gridmax",
        .summary = "The largest value of cos(x^2 + y^2)/(1 + x^2 + y^2) on a grid",
        .bytes = sizeof(struct gridmax_options),
        .parts = parts,
        .defaults = defaults},
    .check = check,
    .run = run};
