#include "lecture/pi.h"
#include "commands/commands.h"
#include "commands/report.h"
#include "core/words.h"
#include "files/h5.h"
#include "files/result_file.h"
#include "files/result_place.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static enum status check(const struct options *options, const struct comm *comm)
{
    const enum rng_family family = (enum rng_family)options->rng;
    enum status status = WS_OK;
    if (comm->rank != 0)
        return WS_OK;
    if (pi_blocks(options->draws) > rng_family_streams(family))
        status = error_add(WS_USAGE,
            "--rng: %s has %" PRId64 " streams, enough for %" PRId64 " draws: take --rng mlfg",
            rng_family_name(family), rng_family_streams(family), rng_family_streams(family) * PI_BLOCK);
    const enum status writable = result_place_check(options, 1 << 20);
    return writable != WS_OK ? writable : status;
}

/* What there is to write and to say. */
struct answer {
    const struct options *options;
    struct pi pi;
};

static enum status lay_out(hid_t file, const void *content)
{
    const struct pi *pi = &((const struct answer *)content)->pi;
    h5_write_variable(file, "pi", H5T_NATIVE_DOUBLE, NULL, 0, &pi->value, "estimate of pi", "1");
    h5_write_variable(
        file, "pi_error", H5T_NATIVE_DOUBLE, NULL, 0, &pi->error, "standard error of the estimate", "1");
    h5_write_variable(file, "inside", H5T_NATIVE_INT64, NULL, 0, &pi->inside,
        "points within 1/2 of the square's centre", "1");
    return WS_OK;
}

static void print_answer(const void *content)
{
    const struct answer *answer = content;
    const struct options *options = answer->options;
    const struct pi *pi = &answer->pi;
    char draws[WORDS_COUNT], inside[WORDS_COUNT];
    printf("pi from %s draw%s, seed %" PRId64 "\n\n", words_count(options->draws, draws),
        words_plural(options->draws), options->seed);
    if (pi->error > 0)
        printf("  pi          %-12.10g standard error %.2g\n  deviation   %-+12.3g %+.2f standard errors\n",
            pi->value, pi->error, pi->value - M_PI, (pi->value - M_PI) / pi->error);
    else
        printf("  pi          %-12.10g no standard error: all points lie on one side\n", pi->value);
    printf("  inside      %s\n\n", words_count(pi->inside, inside));
}

static enum status conclude(
    const struct answer *answer, const struct comm *comm, struct timers *timers, double start)
{
    const struct options *options = answer->options;
    const struct result_file file = {.options = options,
        .takes = FOR_PI,
        .command = "pi",
        .title = "Pi by Monte Carlo",
        .hash = answer->pi.hash,
        .rate_name = "draws_per_second",
        .work = (double)options->draws,
        .timers = timers,
        .start = start,
        .content = answer,
        .lay_out = lay_out};
    return report_result(comm, &(struct report){.file = &file,
                                   .unit = "draws",
                                   .n_streams = pi_blocks(options->draws),
                                   .stream_seconds = answer->pi.stream_seconds,
                                   .print = print_answer});
}

static enum status pi_command(const struct options *options, const struct comm *comm)
{
    const double start = timers_now();
    const struct pi_draws draws = {
        .n = options->draws, .family = (enum rng_family)options->rng, .seed = options->seed};
    struct answer answer = {.options = options};
    struct timers timers;
    enum status status = report_timers(comm, options, &timers);
    if (status == WS_OK)
        status = pi_compute(comm, &draws, &timers, options->quiet, &answer.pi);
    if (status == WS_OK)
        status = conclude(&answer, comm, &timers, start);
    timers_destroy(&timers);
    return status;
}

const struct command command_pi = {.name = "pi",
    .summary = "Pi by Monte Carlo: the share of random points that lie within a circle",
    .takes = FOR_PI,
    .check = check,
    .run = pi_command};
