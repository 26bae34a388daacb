#include "lecture/pi.h"
#include "commands/commands.h"
#include "commands/preflight.h"
#include "commands/report.h"
#include "core/words.h"
#include "lecture/draws_options.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

struct pi_options {
    struct common_options common;
    struct stream_options streams;
    int64_t draws;
};

static enum status check(const struct options *all, const struct comm *comm)
{
    const struct pi_options *options = all->values;
    if (comm->rank != 0)
        return WS_OK;
    const enum status checks[] = {
        stream_options_check(&options->streams, pi_blocks(options->draws), options->draws, "draws"),
        preflight_output(&options->common, NULL, 0, 1 << 20)};
    return worst_of(checks, sizeof checks / sizeof checks[0]);
}

/* What there is to say. */
struct answer {
    const struct pi_options *options;
    struct pi pi;
};

static void print_answer(const void *content)
{
    const struct answer *answer = content;
    const struct pi_options *options = answer->options;
    const struct pi *pi = &answer->pi;
    char draws[WORDS_COUNT], inside[WORDS_COUNT];
    printf("pi from %s draw%s, seed %" PRId64 "\n\n", words_count(options->draws, draws),
        words_plural(options->draws), options->streams.seed);
    if (pi->error > 0)
        printf("  pi          %-12.10g standard error %.2g\n  deviation   %-+12.3g %+.2f standard errors\n",
            pi->value, pi->error, pi->value - M_PI, (pi->value - M_PI) / pi->error);
    else
        printf("  pi          %-12.10g no standard error: all points lie on one side\n", pi->value);
    printf("  inside      %s\n\n", words_count(pi->inside, inside));
}

static enum status conclude(const struct options *all, const struct answer *answer, const struct comm *comm,
    struct timers *timers, double start)
{
    const struct pi_options *options = answer->options;
    const struct pi *pi = &answer->pi;
    const struct variable variables[] = {
        {.name = "pi", .values = &pi->value, .long_name = "estimate of pi"},
        {.name = "pi_error", .values = &pi->error, .long_name = "standard error of the estimate"},
        {.name = "inside",
            .type = NUMBER_INT,
            .values = &pi->inside,
            .long_name = "points within 1/2 of the square's centre"},
    };
    return report_result(comm,
        &(struct report){.command = &command_pi,
            .options = all,
            .title = "Pi by Monte Carlo",
            .hash = pi->hash,
            .variables = variables,
            .n_variables = sizeof variables / sizeof variables[0],
            .rate_name = "draws_per_second",
            .unit = "draws",
            .work = (double)options->draws,
            .streams = &options->streams,
            .n_streams = pi_blocks(options->draws),
            .stream_seconds = pi->stream_seconds,
            .timers = timers,
            .start = start,
            .print = print_answer,
            .content = answer},
        options->common.quiet);
}

static enum status run(const struct options *all, const struct comm *comm)
{
    const double start = timers_now();
    const struct pi_options *options = all->values;
    const struct pi_draws draws = {
        .n = options->draws, .family = (enum rng_family)options->streams.rng, .seed = options->streams.seed};
    struct answer answer = {.options = options};
    struct timers timers;
    enum status status = report_timers(comm, &options->common, &timers);
    if (status == WS_OK)
        status = pi_compute(comm, &draws, &timers, options->common.quiet, &answer.pi);
    if (status == WS_OK)
        status = conclude(all, &answer, comm, &timers, start);
    timers_destroy(&timers);
    return status;
}

static const struct option_part parts[] = {{&draws_option_table, offsetof(struct pi_options, draws)},
    {&stream_option_table, offsetof(struct pi_options, streams)}, {&output_option_table, 0},
    {&process_option_table, 0}, {&timing_option_table, 0}, {NULL, 0}};
static const struct option_default defaults[] = {{"output", "wealthsim-pi.h5"}, {NULL, NULL}};

const struct command command_pi = {
    .line = {.name = "pi",
        .summary = "Pi by Monte Carlo: the share of random points that lie within a circle",
        .bytes = sizeof(struct pi_options),
        .parts = parts,
        .defaults = defaults},
    .check = check,
    .run = run};
