#include "commands/commands.h"
#include "commands/report.h"
#include "core/progress.h"
#include "core/topology.h"
#include "core/words.h"
#include "files/h5.h"
#include "files/initial.h"
#include "files/paths.h"
#include "files/result_file.h"
#include "files/result_place.h"
#include "population/population.h"
#include "simulation/pace.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* Rows of the table: so many periods, evenly spread, the first and the last among them. */
enum { TABLE_ROWS = 20 };

/* A household's life needs each period's end for the next one: there is nothing to divide among ranks. Rank 0 has the
 * household's block, the others have none. */
static struct decomposition part_of(const struct options *options, int rank)
{
    const int64_t block = options->household / BLOCK_SIZE, mine = rank == 0;
    return (struct decomposition){.n_global = (block + 1) * BLOCK_SIZE,
        .n_blocks_global = block + 1,
        .first_block = block,
        .n_blocks_local = mine,
        .first_household = block * BLOCK_SIZE,
        .n_local = mine * BLOCK_SIZE};
}

/* Of the path; while the file is made there are its steps, too, in memory and twice in the file's image. */
static int64_t bytes_of(const struct options *options)
{
    return (options->periods + 1) * (int64_t)sizeof(double);
}

static enum status check(const struct options *options, const struct comm *comm)
{
    const enum rng_family family = (enum rng_family)options->rng;
    enum status status = WS_OK;
    if (comm->rank != 0)
        return WS_OK;
    if (options->household / BLOCK_SIZE >= rng_family_streams(family))
        status = error_add(WS_USAGE,
            "--rng: %s has %" PRId64 " streams, so that the last household is %" PRId64 ": take --rng mlfg",
            rng_family_name(family), rng_family_streams(family), rng_family_streams(family) * BLOCK_SIZE - 1);
    if (topology_memory_available() < 4 * bytes_of(options))
        status = error_add(WS_USAGE,
            "--periods: the path needs %.3g GB of memory, host %s has %.3g GB to give",
            4e-9 * (double)bytes_of(options), comm->host_name, (double)topology_memory_available() * 1e-9);
    const enum status others[] = {options->initial[0] ? initial_check(options->initial) : WS_OK,
        result_place_check(options, 2 * bytes_of(options))};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        status = others[i] != WS_OK ? others[i] : status;
    return status;
}

static enum status prepare(struct population *population, struct timers *timers,
    const struct options *options, const struct comm *comm)
{
    const struct decomposition part = part_of(options, comm->rank);
    enum status status = timers_create(timers, 1);
    if (status == WS_OK)
        status = population_create(population, part, &options->model, 1);
    if (status == WS_OK)
        status = population_keep_paths(population, options->household, 1, options->periods);
    if (status == WS_OK)
        status = population_start(population, (enum rng_family)options->rng, options->seed);
    status = error_agree(comm->world, status);
    if (status == WS_OK && options->initial[0])
        status = initial_read(comm, options->initial, part.first_household, part.n_local, population->wealth);
    if (status == WS_OK)
        population_begin(population);
    return status;
}

static void live(struct population *population, struct timers *timers, const struct options *options,
    const struct comm *comm)
{
    struct progress progress;
    struct pace pace;
    progress_start(
        &progress, comm->rank != 0 || options->quiet || options->csv, 0, (double)options->periods, "periods");
    pace_start(&pace, BLOCK_SIZE);
    while (comm->rank == 0 && population->period < options->periods) {
        const double start = timers_now();
        const int64_t periods = pace_periods(&pace, options->periods - population->period);
        population_advance(population, periods, timers);
        pace_learn(&pace, (timers_now() - start) / (double)periods);
        progress_update(&progress, (double)population->period);
    }
    progress_end(&progress);
}

/* What rank 0 has to write and to say. */
struct path {
    const struct options *options;
    const struct population *population;
};

static enum status lay_out(hid_t file, const void *content)
{
    const struct path *path = content;
    return paths_lay_out(file, 1, path->options->periods);
}

/* XXH3 of the path, on all ranks. */
static uint64_t hash_of(const struct path *path, const struct comm *comm)
{
    uint64_t hash = 0;
    if (comm->rank == 0)
        hash = XXH3_64bits(path->population->path, (size_t)bytes_of(path->options));
    MPI_CHECK(MPI_Bcast(&hash, 1, MPI_UINT64_T, 0, comm->world));
    return hash;
}

static void print_csv(const double *wealth, int64_t periods)
{
    printf("period,wealth\n");
    for (int64_t t = 0; t <= periods; t++)
        printf("%" PRId64 ",%.17g\n", t, wealth[t]);
}

static void print_table(const struct path *path)
{
    const struct options *options = path->options;
    const double *wealth = path->population->path;
    const int64_t periods = options->periods, rows = periods < TABLE_ROWS ? periods : TABLE_ROWS;
    char household[WORDS_COUNT], count[WORDS_COUNT];
    printf("wealth of household %s over %s period%s, seed %" PRId64 "\n\n  period      wealth\n",
        words_count(options->household, household), words_count(periods, count), words_plural(periods),
        options->seed);
    for (int64_t row = 0; row <= rows; row++) {
        const int64_t t = rows > 0 ? (int64_t)((double)periods * (double)row / (double)rows) : 0;
        printf("  %-11" PRId64 " %.7g\n", t, wealth[t]);
    }
    printf("\n");
}

static void say(const struct path *path, const struct comm *comm, const struct result_file *file)
{
    const struct options *options = path->options;
    if (options->csv && comm->rank == 0)
        print_csv(path->population->path, options->periods);
    if (options->csv || options->quiet)
        return;
    if (comm->rank == 0)
        print_table(path);
    report_cost(comm, &(struct report){.file = file,
                          .unit = "periods",
                          .n_streams = 1,
                          .stream_seconds = streams_seconds(path->population->streams)});
}

static enum status path_command(const struct options *options, const struct comm *comm)
{
    const double start = timers_now();
    struct timers timers = {.threads = 0};
    struct population population = {.period = 0};
    const struct path path = {.options = options, .population = &population};
    enum status status = prepare(&population, &timers, options, comm);
    if (status == WS_OK) {
        live(&population, &timers, options, comm);
        const uint64_t hash = hash_of(&path, comm);
        const struct rows rows = paths_rows(&population, 0);
        const struct result_file result = {.options = options,
            .takes = FOR_PATH,
            .command = "path",
            .title = "Wealth of a household over time",
            .hash = hash,
            .rate_name = "periods_per_second",
            .work = (double)options->periods,
            .rows = &rows,
            .n_rows = 1,
            .bytes_later = bytes_of(options),
            .timers = &timers,
            .start = start,
            .content = &path,
            .lay_out = lay_out};
        status = result_file_write(comm, &result);
        if (status == WS_OK)
            say(&path, comm, &result);
    }
    population_destroy(&population);
    timers_destroy(&timers);
    return status;
}

const struct command command_path = {.name = "path",
    .summary = "The wealth of one household over time",
    .takes = FOR_PATH,
    .check = check,
    .run = path_command};
