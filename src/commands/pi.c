#include "commands/commands.h"
#include "commands/report.h"
#include "io/durable.h"
#include "io/h5.h"
#include "io/result_file.h"
#include "model/circle.h"
#include "population/decomposition.h"
#include "random/stream.h"
#include "runtime/progress.h"
#include "runtime/topology.h"
#include "runtime/words.h"
#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* Points of a block, which has a stream; blocks that a rank draws before it makes further streams. */
enum { BLOCK_POINTS = 65536, BATCH = 4096 };

/* What the draws came to. */
struct count {
    int64_t inside;
    uint64_t hash; /* the sum over blocks of XXH3 of a block's count with its number as seed */
};

struct pi {
    const struct options *options;
    struct count count; /* of all ranks */
    double value, error;
    double stream_seconds;
    struct timers timers;
};

static int64_t blocks_of(int64_t draws)
{
    return (draws - 1) / BLOCK_POINTS + 1;
}

static enum status check(const struct options *options, const struct comm *comm)
{
    const enum rng_family family = (enum rng_family)options->rng;
    enum status status = WS_OK;
    if (comm->rank != 0)
        return WS_OK;
    if (blocks_of(options->draws) > rng_family_streams(family))
        status = error_add(WS_USAGE,
            "--rng: %s has %" PRId64 " streams, enough for %" PRId64 " draws: take --rng mlfg",
            rng_family_name(family), rng_family_streams(family), rng_family_streams(family) * BLOCK_POINTS);
    const enum status writable = durable_check(options->output, "output", 1 << 20);
    return writable != WS_OK ? writable : status;
}

/* The points of a block that lie within. */
static int64_t draw_block(struct streams *streams, int64_t i, int64_t points)
{
    const enum vector_level level = vector_level();
    _Alignas(64) uint64_t words[2 * CIRCLE_POINTS];
    int64_t inside = 0;
    for (int64_t done = 0; done < points; done += CIRCLE_POINTS) {
        const int64_t left = points - done;
        streams_fill(streams, i, 2 * CIRCLE_POINTS, words);
        inside += circle_count(level, words, left < CIRCLE_POINTS ? (int)left : CIRCLE_POINTS);
    }
    return inside;
}

/* Blocks first … first + n - 1, shared by this rank's threads. */
static struct count draw_blocks(
    struct streams *streams, int64_t first, int64_t n, int64_t draws, struct timers *timers)
{
    int64_t inside = 0;
    uint64_t hash = 0;
#pragma omp parallel num_threads(timers->threads) reduction(+ : inside, hash)
    {
        struct stretch stretch = timers_begin();
#pragma omp for schedule(static) nowait
        for (int64_t i = 0; i < n; i++) {
            const int64_t left = draws - (first + i) * BLOCK_POINTS;
            const int64_t count = draw_block(streams, i, left < BLOCK_POINTS ? left : BLOCK_POINTS);
            inside += count;
            hash += XXH3_64bits_withSeed(&count, sizeof count, (uint64_t)(first + i));
        }
        timers_worked(&stretch);
#pragma omp barrier
        timers_end(timers, omp_get_thread_num(), &stretch);
    }
    return (struct count){.inside = inside, .hash = hash};
}

/* This rank's share of all draws. */
static enum status draw(struct pi *pi, const struct comm *comm, struct count *count)
{
    const struct options *options = pi->options;
    const struct share mine = share_of(blocks_of(options->draws), comm->rank, comm->size);
    struct progress progress;
    progress_start(
        &progress, comm->rank != 0 || options->quiet, 0, (double)mine.n * BLOCK_POINTS, "draws of this rank");
    *count = (struct count){.inside = 0};
    for (int64_t done = 0; done < mine.n; done += BATCH) {
        const int64_t n = mine.n - done < BATCH ? mine.n - done : BATCH;
        struct streams *streams = NULL;
        if (streams_create(&streams, (enum rng_family)options->rng, options->seed, mine.first + done, n,
                pi->timers.threads) != WS_OK)
            return WS_FAILED;
        const struct count some = draw_blocks(streams, mine.first + done, n, options->draws, &pi->timers);
        count->inside += some.inside;
        count->hash += some.hash;
        pi->stream_seconds += streams_seconds(streams);
        streams_destroy(streams);
        progress_update(&progress, (double)(done + n) * BLOCK_POINTS);
    }
    progress_end(&progress);
    return WS_OK;
}

/* Add the ranks' counts up, and take four times the share within. */
static void conclude(struct pi *pi, const struct comm *comm, const struct count *mine)
{
    const double start = timers_now(), n = (double)pi->options->draws;
    MPI_CHECK(MPI_Allreduce(&mine->inside, &pi->count.inside, 1, MPI_INT64_T, MPI_SUM, comm->world));
    MPI_CHECK(MPI_Allreduce(&mine->hash, &pi->count.hash, 1, MPI_UINT64_T, MPI_SUM, comm->world));
    const double share = (double)pi->count.inside / n;
    pi->value = 4 * (double)pi->count.inside / n;
    pi->error = 4 * sqrt(share * (1 - share) / n);
    timers_add(&pi->timers, 0, PHASE_COMMUNICATING, start);
}

static enum status lay_out(hid_t file, const void *content)
{
    const struct pi *pi = content;
    h5_write_variable(file, "pi", H5T_NATIVE_DOUBLE, NULL, 0, &pi->value, "estimate of pi", "1");
    h5_write_variable(
        file, "pi_error", H5T_NATIVE_DOUBLE, NULL, 0, &pi->error, "standard error of the estimate", "1");
    h5_write_variable(file, "inside", H5T_NATIVE_INT64, NULL, 0, &pi->count.inside,
        "points within 1/2 of the square's centre", "1");
    return WS_OK;
}

static void print_answer(const struct pi *pi)
{
    char draws[WORDS_COUNT], inside[WORDS_COUNT];
    printf("pi from %s draw%s, seed %" PRId64 "\n\n", words_count(pi->options->draws, draws),
        words_plural(pi->options->draws), pi->options->seed);
    if (pi->error > 0)
        printf("  pi          %-12.10g standard error %.2g\n  deviation   %-+12.3g %+.2f standard errors\n",
            pi->value, pi->error, pi->value - M_PI, (pi->value - M_PI) / pi->error);
    else
        printf("  pi          %-12.10g no standard error: all points lie on one side\n", pi->value);
    printf("  inside      %s\n\n", words_count(pi->count.inside, inside));
}

static enum status pi_command(const struct options *options, const struct comm *comm)
{
    const double start = timers_now();
    struct pi pi = {.options = options};
    struct count mine;
    const int threads = topology_threads(comm, (int)options->threads);
    topology_warn(comm, threads);
    enum status status = timers_create(&pi.timers, threads);
    if (status == WS_OK)
        status = draw(&pi, comm, &mine);
    status = error_agree(comm->world, status);
    if (status == WS_OK) {
        conclude(&pi, comm, &mine);
        const struct result_file file = {.options = options,
            .takes = FOR_PI,
            .command = "pi",
            .title = "Pi by Monte Carlo",
            .hash = pi.count.hash,
            .rate_name = "draws_per_second",
            .work = (double)options->draws,
            .timers = &pi.timers,
            .start = start,
            .content = &pi,
            .lay_out = lay_out};
        status = result_file_write(comm, &file);
        if (status == WS_OK && !options->quiet) {
            if (comm->rank == 0)
                print_answer(&pi);
            report_cost(comm, &(struct report){.file = &file,
                                  .unit = "draws",
                                  .n_streams = blocks_of(options->draws),
                                  .stream_seconds = pi.stream_seconds});
        }
    }
    timers_destroy(&pi.timers);
    return status;
}

const struct command command_pi = {.name = "pi",
    .summary = "Pi by Monte Carlo: the share of random points that lie within a circle",
    .takes = FOR_PI,
    .check = check,
    .run = pi_command};
