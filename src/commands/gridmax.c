#include "lecture/gridmax.h"
#include "commands/commands.h"
#include "commands/report.h"
#include "core/words.h"
#include "files/h5.h"
#include "files/result_file.h"
#include "files/result_place.h"
#include <stdio.h>

/* The answer and where it is. */
struct answer {
    struct axis axis;
    struct gridmax found;
    double x, y;
};

static enum status check(const struct options *options, const struct comm *comm)
{
    return comm->rank == 0 ? result_place_check(options, 1 << 20) : WS_OK;
}

static enum status lay_out(hid_t file, const void *content)
{
    const struct answer *answer = content;
    h5_write_variable(file, "maximum", H5T_NATIVE_DOUBLE, NULL, 0, &answer->found.value,
        "largest value on the grid of cos(x^2 + y^2)/(1 + x^2 + y^2)", "1");
    h5_write_variable(file, "x", H5T_NATIVE_DOUBLE, NULL, 0, &answer->x, "x of its first place", "1");
    h5_write_variable(file, "y", H5T_NATIVE_DOUBLE, NULL, 0, &answer->y, "y of its first place", "1");
    h5_write_variable(
        file, "row", H5T_NATIVE_INT64, NULL, 0, &answer->found.row, "number of its y, from 0", "1");
    h5_write_variable(
        file, "column", H5T_NATIVE_INT64, NULL, 0, &answer->found.column, "number of its x, from 0", "1");
    return WS_OK;
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

static enum status conclude(const struct answer *answer, const struct options *options,
    const struct comm *comm, struct timers *timers, double start)
{
    const struct result_file file = {.options = options,
        .takes = FOR_GRIDMAX,
        .command = "gridmax",
        .title = "The largest value of a function on a grid",
        .hash = answer->found.hash,
        .rate_name = "points_per_second",
        .work = (double)options->points * (double)options->points,
        .timers = timers,
        .start = start,
        .content = answer,
        .lay_out = lay_out};
    return report_result(comm, &(struct report){.file = &file, .unit = "points", .print = print_answer});
}

static enum status gridmax_command(const struct options *options, const struct comm *comm)
{
    const double start = timers_now();
    struct answer answer = {
        .axis = {.lower = options->lower, .upper = options->upper, .points = options->points}};
    struct timers timers;
    enum status status = report_timers(comm, options, &timers);
    if (status == WS_OK) {
        gridmax_compute(comm, &answer.axis, &timers, options->quiet, &answer.found);
        answer.x = axis_point(&answer.axis, answer.found.column);
        answer.y = axis_point(&answer.axis, answer.found.row);
        status = conclude(&answer, options, comm, &timers, start);
    }
    timers_destroy(&timers);
    return status;
}

const struct command command_gridmax = {.name = "gridmax",
    .summary = "The largest value of cos(x^2 + y^2)/(1 + x^2 + y^2) on a grid",
    .takes = FOR_GRIDMAX,
    .check = check,
    .run = gridmax_command};
