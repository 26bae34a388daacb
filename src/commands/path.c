#include "commands/commands.h"
#include "commands/model_input.h"
#include "commands/path_columns.h"
#include "commands/path_variables.h"
#include "commands/preflight.h"
#include "commands/report.h"
#include "commands/start.h"
#include "core/hash.h"
#include "core/progress.h"
#include "core/topology.h"
#include "core/words.h"
#include "models/models.h"
#include "population/life.h"
#include "population/paths.h"
#include "population/population.h"
#include "population/size_options.h"
#include "simulation/pace.h"
#include "simulation/simulation.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows of the table: so many periods, evenly spread, the first and the last among them. */
enum { TABLE_ROWS = 20 };

struct path_options {
    struct common_options common;
    struct stream_options streams;
    struct models_parameters models;
    int64_t periods;
    int64_t households;
    int64_t household; /* whose path it is */
    char initial[OPTION_TEXT];
    bool csv; /* standard output has a line per period */
    bool shocks;
};

#define MEMBER(name) offsetof(struct path_options, name)

// clang-format off
static const struct option_row household_rows[] = {
    {.group = "Model",
     .name = "household", .argument = "I", .type = OPTION_COUNT, .offset = MEMBER(household),
     .fallback = "0", .low = 0, .high = 0x1p38 - 1, .range = "0 to 274877906943",
     .help = "The household whose path it is, counted from 0: the one that it has in a run with the same seed, model and "
             "--households"},
};

static const struct option_row result_rows[] = {
    {.group = "Results",
     .name = "csv", .type = OPTION_FLAG, .offset = MEMBER(csv), .fallback = "false",
     .help = "Print all periods with all digits, separated by commas, and nothing else"},
    {.name = "shocks", .type = OPTION_FLAG, .offset = MEMBER(shocks), .fallback = "false",
     .help = "Keep the random numbers that the household drew, too"},
};
// clang-format on
static const struct option_table household_table = OPTION_TABLE(household_rows),
                                 result_table = OPTION_TABLE(result_rows);

/* A household's life needs each period's end for the next one: there is nothing to divide among ranks. Rank 0 has the
 * household's block, the others have none. */
static struct decomposition part_of(const struct path_options *options, int rank)
{
    const int64_t block = options->household / BLOCK_SIZE, mine = rank == 0;
    const int64_t left = options->households - block * BLOCK_SIZE;
    return (struct decomposition){.n_global = options->households,
        .n_blocks_global = (options->households - 1) / BLOCK_SIZE + 1,
        .first_block = block,
        .n_blocks_local = mine,
        .first_household = block * BLOCK_SIZE,
        .n_local = mine * (left < BLOCK_SIZE ? left : BLOCK_SIZE)};
}

/* Of the path; while the file is made there are its steps, too, in memory and twice in the file's image. */
static int64_t bytes_of(const struct path_options *options)
{
    return (options->periods + 1) * (int64_t)sizeof(double);
}

static enum status check_household(const struct path_options *options)
{
    if (options->household < options->households)
        return WS_OK;
    return error_add(WS_USAGE,
        "--household: %" PRId64 " of %" PRId64 " households, counted from 0: give the run's --households",
        options->household, options->households);
}

static int64_t bytes_of_columns(const struct path_options *options)
{
    return path_columns_bytes(models_chosen(&options->models), options->periods, options->shocks);
}

static enum status check(const struct options *all, const struct comm *comm)
{
    const struct path_options *options = all->values;
    const enum status memory =
        preflight_memory(comm, comm->rank == 0 ? 4 * (bytes_of(options) + bytes_of_columns(options)) : 0,
            "--periods: the path", "take fewer periods");
    if (comm->rank != 0)
        return memory;
    const struct named_file inputs[] = {
        {"initial", options->initial}, {"model", options->models.tabulated.file}};
    const enum status checks[] = {memory,
        model_check(all, &command_path.line, &options->models, options->periods), check_household(options),
        stream_options_check(
            &options->streams, (options->households - 1) / BLOCK_SIZE + 1, options->households, "households"),
        stream_options_check_bits(&options->streams, models_chosen(&options->models)->words),
        start_check(options->initial, &options->models),
        preflight_output(&options->common, inputs, sizeof inputs / sizeof inputs[0],
            2 * bytes_of(options) + bytes_of_columns(options))};
    return worst_of(checks, sizeof checks / sizeof checks[0]);
}

static enum status prepare(struct population *population, struct paths *paths, struct path_columns *columns,
    struct timers *timers, const struct path_options *options, const struct comm *comm)
{
    const struct decomposition part = part_of(options, comm->rank);
    const struct model *model = models_chosen(&options->models);
    enum status status = timers_create(timers, 1);
    if (status == WS_OK)
        status = population_create(
            population, part, model, (const void *[]){models_parameters_of(&options->models, model)}, 1, 1);
    if (status == WS_OK)
        status = paths_create(paths, population, 1, options->household, 1, options->periods);
    if (status == WS_OK)
        status =
            path_columns_create(columns, population, options->household, options->periods, options->shocks);
    if (status == WS_OK)
        status = population_start(population, (enum rng_family)options->streams.rng, options->streams.seed);
    status = error_agree(comm->world, status);
    if (status == WS_OK)
        status = start_read(comm, options->initial, &options->models, population, 0);
    if (status == WS_OK)
        population_begin(population);
    return status;
}

/* A household where its law forbids it to be ends the command. Collective. */
static enum status live(struct population *population, struct timers *timers,
    const struct path_options *options, const struct comm *comm)
{
    struct progress progress;
    struct pace pace;
    progress_start(&progress, comm->rank != 0 || options->common.quiet || options->csv, 0,
        (double)options->periods, "periods");
    pace_start(&pace, BLOCK_SIZE); /* which all draw */
    while (comm->rank == 0 && population->period < options->periods) {
        const double start = timers_now();
        const int64_t periods = pace_periods(&pace, options->periods - population->period);
        life_advance(population, (int)(options->household % BLOCK_SIZE), periods, timers);
        pace_learn(&pace, (timers_now() - start) / (double)periods);
        progress_update(&progress, (double)population->period);
    }
    progress_end(&progress);
    return simulation_check_departure(comm, population);
}

/* What rank 0 has to write and to say. */
struct path {
    const struct path_options *options;
    const struct population *population;
    const struct paths *paths;
    const struct path_columns *columns;
};

/* XXH3 of the path, on all ranks. */
static uint64_t hash_of(const struct path *path, const struct comm *comm)
{
    uint64_t hash = 0;
    if (comm->rank == 0)
        hash = hash_bytes(path->paths->wealth, (size_t)bytes_of(path->options), 0);
    MPI_CHECK(MPI_Bcast(&hash, 1, MPI_UINT64_T, 0, comm->world));
    return hash;
}

static void print_csv(const struct path *path)
{
    const struct path_columns *columns = path->columns;
    printf("period,wealth");
    for (int i = 0; i < columns->n; i++)
        printf(",%s", columns->of[i].name + strlen("path_"));
    printf("\n");
    for (int64_t t = 0; t <= path->options->periods; t++) {
        printf("%" PRId64 ",%.17g", t, path->paths->wealth[t]);
        for (int i = 0; i < columns->n; i++)
            printf(",%.17g", columns->of[i].values[t]);
        printf("\n");
    }
}

static void print_table(const void *content)
{
    const struct path *path = content;
    const struct path_options *options = path->options;
    const double *wealth = path->paths->wealth;
    const int64_t periods = options->periods, rows = periods < TABLE_ROWS ? periods : TABLE_ROWS;
    char household[WORDS_COUNT], count[WORDS_COUNT];
    printf("wealth of household %s over %s period%s, seed %" PRId64 "\n\n  period      wealth\n",
        words_count(options->household, household), words_count(periods, count), words_plural(periods),
        options->streams.seed);
    for (int64_t row = 0; row <= rows; row++) {
        const int64_t t = rows > 0 ? (int64_t)((double)periods * (double)row / (double)rows) : 0;
        printf("  %-11" PRId64 " %.7g\n", t, wealth[t]);
    }
    printf("\n");
}

/* Wealth, which is written last, and the other columns. @return how many */
static int list_variables(
    const struct path *path, const struct path_variables *variables, struct variable *written)
{
    const struct path_columns *columns = path->columns;
    for (int i = 0; i < columns->n; i++)
        written[i] = (struct variable){.name = columns->of[i].name,
            .long_name = columns->of[i].long_name,
            .over = {&variables->path, &variables->step},
            .values = columns->of[i].values};
    written[columns->n] = variables->wealth;
    return columns->n + 1;
}

static enum status conclude(const struct options *all, const struct path *path, const struct comm *comm,
    struct timers *timers, double start)
{
    const struct path_options *options = path->options;
    const struct population *population = path->population;
    struct path_variables variables;
    struct variable written[1 + PATH_COLUMNS];
    path_variables(&variables, NULL, 1, options->periods);
    const int n_written = list_variables(path, &variables, written);
    const struct rows rows = path_rows(path->paths, 0, 0);
    const enum status status = report_result(comm,
        &(struct report){.command = &command_path,
            .options = all,
            .title = "Wealth of a household over time",
            .hash = hash_of(path, comm),
            .meaningless = model_meaningless(&options->models),
            .variables = written,
            .n_variables = n_written,
            .rows = &rows,
            .n_rows = 1,
            .bytes_later = bytes_of(options),
            .rate_name = "periods_per_second",
            .unit = "periods",
            .work = (double)options->periods,
            .streams = &options->streams,
            .n_streams = 1,
            .stream_seconds = streams_seconds(population->streams),
            .timers = timers,
            .start = start,
            .print = print_table,
            .content = path},
        options->common.quiet || options->csv);
    if (status == WS_OK && options->csv && comm->rank == 0)
        print_csv(path);
    return status;
}

static enum status run(const struct options *all, const struct comm *comm)
{
    const double start = timers_now();
    const struct path_options *options = all->values;
    struct timers timers = {.threads = 0};
    struct population population = {.period = 0};
    struct paths paths = {.wealth = NULL};
    struct path_columns columns = {.n = 0};
    const struct path path = {
        .options = options, .population = &population, .paths = &paths, .columns = &columns};
    enum status status = prepare(&population, &paths, &columns, &timers, options, comm);
    if (status == WS_OK)
        status = live(&population, &timers, options, comm);
    if (status == WS_OK)
        status = conclude(all, &path, comm, &timers, start);
    population_destroy(&population);
    paths_destroy(&paths);
    path_columns_destroy(&columns);
    timers_destroy(&timers);
    return status;
}

static enum status load(struct options *all, const struct comm *comm)
{
    return model_load(&((struct path_options *)all->values)->models, comm);
}

static void release(struct options *all)
{
    model_release(&((struct path_options *)all->values)->models);
}

#define PART(name) {&name##_option_table, MEMBER(models.name)},
// clang-format off
static const struct option_part parts[] = {
    {&periods_option_table, MEMBER(periods)},
    MODELS_EACH(PART)
    {&initial_option_table, MEMBER(initial)},
    {&households_option_table, MEMBER(households)},
    {&household_table, 0},
    {&stream_option_table, MEMBER(streams)},
    {&output_option_table, 0},
    {&result_table, 0},
    {&process_option_table, 0},
    {&timing_option_table, 0},
    {NULL, 0},
};
// clang-format on
static const struct option_default defaults[] = {
    {"periods", "100"}, {"w0", "5"}, {"output", "wealthsim-path.h5"}, {NULL, NULL}};

const struct command command_path = {.line = {.name = "path",
                                         .summary = "The wealth of one household over time",
                                         .bytes = sizeof(struct path_options),
                                         .parts = parts,
                                         .defaults = defaults},
    .load = load,
    .release = release,
    .check = check,
    .run = run};
