#include "lecture/scaling.h"
#include "commands/commands.h"
#include "commands/preflight.h"
#include "commands/report.h"
#include "core/hash.h"
#include "core/launcher.h"
#include "core/progress.h"
#include "core/topology.h"
#include "core/words.h"
#include "lecture/draws_options.h"
#include "lecture/grid_options.h"
#include "lecture/pi.h"
#include "models/kesten_options.h"
#include "population/population.h"
#include "population/size_options.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a rank: as many as --threads takes. */
enum { MOST_THREADS = 4096 };

struct scaling_options {
    struct common_options common;
    struct scaling_task task;
    int64_t repeats, cores;
};

#define MEMBER(name) offsetof(struct scaling_options, name)

// clang-format off
static const struct option_row rows[] = {
    {.group = "Comparison",
     .name = "command", .argument = "COMMAND", .type = OPTION_CHOICE, .offset = MEMBER(task.work),
     .fallback = "run", .choice = scaling_work_name, .n_choices = SCALING_WORKS, .range = "run, pi or gridmax",
     .help = "What is computed on every layout"},
    {.name = "weak", .type = OPTION_FLAG, .offset = MEMBER(task.is_weak), .fallback = "false",
     .help = "Weak scaling: the work grows with the cores"},
    {.name = "repeats", .argument = "K", .type = OPTION_COUNT, .offset = MEMBER(repeats),
     .fallback = "5", .low = 1, .high = 1000, .range = "1 to 1000",
     .help = "How often each layout is measured; medians are shown"},
    {.name = "cores", .argument = "C", .type = OPTION_COUNT, .offset = MEMBER(cores),
     .fallback = "0", .low = 0, .high = 1 << 24, .range = "0 to 16777216",
     .help = "Compare up to so many cores; 0 takes those that the ranks may use"},
};
// clang-format on
static const struct option_table table = OPTION_TABLE(rows);

/* The comparison: its layouts, and what was measured on each. */
struct comparison {
    const struct scaling_options *options;
    struct layout layouts[LAYOUTS_MOST];
    int n;
    int cores, ranks, rank_cores; /* to compare up to; of the run; that rank 0 may use */
    double *seconds;              /* [n][repeats] */
    double median[LAYOUTS_MOST];
    uint64_t hash[LAYOUTS_MOST];
};

static int64_t blocks_of(const struct scaling_task *task)
{
    return task->work == SCALING_RUN  ? (task->households - 1) / BLOCK_SIZE + 1
           : task->work == SCALING_PI ? pi_blocks(task->draws)
                                      : 0;
}

/* Households or draws on so many cores: what weak scaling makes of them. */
static enum status check_streams(const struct scaling_task *task, int64_t times)
{
    const bool is_pi = task->work == SCALING_PI;
    return stream_options_check(&task->streams, blocks_of(task) * times,
        (is_pi ? task->draws : task->households) * times, is_pi ? "draws" : "households");
}

/* Of rank 0, which may have to hold all households. */
static int64_t memory_bytes(const struct scaling_task *task, int64_t times)
{
    const double needed = (double)population_bytes(model_kesten.chosen(&task->model), 1,
                              (enum rng_family)task->streams.rng, blocks_of(task)) *
                          (double)times;
    return task->work != SCALING_RUN ? 0 : needed < 0x1p62 ? (int64_t)needed : INT64_MAX;
}

/* Of the largest grid that weak scaling makes. */
static enum status check_points(const struct scaling_task *task, int64_t times)
{
    if (task->work != SCALING_GRIDMAX || (double)task->axis.points * sqrt((double)times) <= INT32_MAX)
        return WS_OK;
    return error_add(WS_USAGE,
        "--points: with --weak the grid of %" PRId64 " cores has more than %d points per side: take fewer",
        times, INT32_MAX);
}

static enum status check_model(const struct scaling_task *task)
{
    const struct model *model = model_kesten.chosen(&task->model);
    if (task->work != SCALING_RUN)
        return WS_OK;
    const enum status checks[] = {stream_options_check_bits(&task->streams, model->words),
        model->check ? model->check(&task->model) : WS_OK};
    return worst_of(checks, sizeof checks / sizeof checks[0]);
}

static int cores_to_use(const struct scaling_options *options, const struct comm *comm)
{
    const int cores = topology_cores_in_use(comm);
    return options->cores > 0 ? (int)options->cores : cores;
}

static enum status check(const struct options *all, const struct comm *comm)
{
    const struct scaling_options *options = all->values;
    const struct scaling_task *task = &options->task;
    const int64_t times = task->is_weak ? cores_to_use(options, comm) : 1;
    const enum status memory = preflight_memory(comm, comm->rank == 0 ? memory_bytes(task, times) : 0,
        "--households: one rank with all of them", "take fewer households");
    if (comm->rank != 0)
        return memory;
    const enum status checks[] = {memory, check_streams(task, times), check_points(task, times),
        check_model(task), preflight_output(&options->common, NULL, 0, 1 << 20)};
    return worst_of(checks, sizeof checks / sizeof checks[0]);
}

/* The layouts; and the seconds' place. Collective. */
static enum status plan(
    struct comparison *comparison, const struct scaling_options *options, const struct comm *comm)
{
    const int cores = cores_to_use(options, comm);
    int threads = options->cores > 0 ? cores : topology_cores();
    threads = threads < MOST_THREADS ? threads : MOST_THREADS;
    MPI_CHECK(MPI_Bcast(&threads, 1, MPI_INT, 0, comm->world));
    *comparison =
        (struct comparison){.options = options, .cores = cores, .ranks = comm->size, .rank_cores = threads};
    comparison->n = layouts_list(cores, comm->size, threads, comparison->layouts);
    const size_t bytes = (size_t)comparison->n * (size_t)options->repeats * sizeof(double);
    comparison->seconds = malloc(bytes);
    return error_agree(
        comm->world, comparison->seconds ? WS_OK : error_memory(bytes, "the comparison's seconds"));
}

/* The answers that must be the same: all, or with weak scaling those on as many cores. @return the first layout whose
 * answer this one's should be */
static int same_as(const struct comparison *comparison, int i)
{
    const struct layout *layouts = comparison->layouts;
    int first = 0;
    while (comparison->options->task.is_weak &&
           layouts[first].ranks * layouts[first].threads != layouts[i].ranks * layouts[i].threads)
        first++;
    return first;
}

/* Keep a measurement. The layout's answer has to be what it was before, and what the others' is. */
static enum status keep(struct comparison *comparison, int i, int64_t round, double seconds, uint64_t hash)
{
    const struct layout *layout = &comparison->layouts[i];
    comparison->seconds[i * comparison->options->repeats + round] = seconds;
    if (round == 0)
        comparison->hash[i] = hash;
    const uint64_t expected = comparison->hash[same_as(comparison, i)];
    if (hash == expected)
        return WS_OK;
    return error_set(WS_FAILED,
        "%d rank%s with %d thread%s gave the answer %016" PRIx64 " instead of %016" PRIx64
        ": this is a bug in wealthsim, or in a library",
        layout->ranks, words_plural(layout->ranks), layout->threads, words_plural(layout->threads), hash,
        expected);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(const double *seconds, int64_t n)
{
    double sorted[1000]; /* --repeats goes as far */
    memcpy(sorted, seconds, (size_t)n * sizeof *seconds);
    qsort(sorted, (size_t)n, sizeof *sorted, ascending);
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

/* Round by round, each layout in its turn, so that what slows the machine down for a while slows all of them. */
static enum status measure(struct comparison *comparison, const struct comm *comm, struct timers *timers)
{
    const struct scaling_options *options = comparison->options;
    enum status status = WS_OK;
    struct progress progress;
    progress_start(&progress, comm->rank != 0 || options->common.quiet, 0,
        (double)comparison->n * (double)options->repeats, "measurements");
    for (int64_t round = 0; status == WS_OK && round < options->repeats; round++)
        for (int i = 0; status == WS_OK && i < comparison->n; i++) {
            double seconds;
            uint64_t hash = 0;
            status = scaling_measure(comm, &options->task, &comparison->layouts[i], timers, &seconds, &hash);
            if (status == WS_OK)
                status = keep(comparison, i, round, seconds, hash);
            progress_update(&progress, (double)(round * comparison->n + i + 1));
        }
    progress_end(&progress);
    for (int i = 0; status == WS_OK && i < comparison->n; i++)
        comparison->median[i] = median_of(comparison->seconds + i * options->repeats, options->repeats);
    return status;
}

/* ---- what is shown ---------------------------------------------------------------------------------------------- */

/* What a layout's median comes to. */
struct figures {
    int cores;
    double work, speed_up, efficiency, rate_per_core;
};

static struct figures figures_of(const struct comparison *comparison, int i)
{
    const struct layout *layouts = comparison->layouts;
    const int cores = layouts[i].ranks * layouts[i].threads;
    const double work = scaling_amount(&comparison->options->task, &layouts[i]);
    const double rate = work / comparison->median[i];
    const double serial = scaling_amount(&comparison->options->task, &layouts[0]) / comparison->median[0];
    return (struct figures){.cores = cores,
        .work = work,
        .speed_up = rate / serial,
        .efficiency = rate / serial / cores,
        .rate_per_core = rate / cores};
}

/* A number of each layout. */
enum column { KIND, RANKS, THREADS, CORES, WORK, SECONDS, SPEED_UP, EFFICIENCY, RATE_PER_CORE, COLUMNS };

static const struct {
    const char *name, *long_name, *units;
} columns[COLUMNS] = {
    [KIND] = {"kind", "0 serial, 1 threads in one rank, 2 ranks with one thread, 3 both", "1"},
    [RANKS] = {"layout_ranks", "ranks of the layout", "1"},
    [THREADS] = {"layout_threads", "threads of each rank", "1"},
    [CORES] = {"layout_cores", "ranks times threads", "1"},
    [WORK] = {"work", "work done on the layout", "1"},
    [SECONDS] = {"seconds", "median of the seconds", "s"},
    [SPEED_UP] = {"speed_up", "rate by the serial rate", "1"},
    [EFFICIENCY] = {"efficiency", "speed-up by cores", "1"},
    [RATE_PER_CORE] = {"rate_per_core", "work by second and core", "s-1"},
};

static void fill_row(const struct comparison *comparison, int i, double *row)
{
    const struct layout *layout = &comparison->layouts[i];
    const struct figures figures = figures_of(comparison, i);
    row[KIND] = layout->kind;
    row[RANKS] = layout->ranks;
    row[THREADS] = layout->threads;
    row[CORES] = figures.cores;
    row[WORK] = figures.work;
    row[SECONDS] = comparison->median[i];
    row[SPEED_UP] = figures.speed_up;
    row[EFFICIENCY] = figures.efficiency;
    row[RATE_PER_CORE] = figures.rate_per_core;
}

static void fill(const void *content, int column, void *values)
{
    const struct comparison *comparison = content;
    double row[COLUMNS];
    for (int i = 0; i < comparison->n; i++) {
        fill_row(comparison, i, row);
        ((double *)values)[i] = row[column];
    }
}

/* What was compared, in words. */
static void print_work(const struct scaling_options *options)
{
    const struct scaling_task *task = &options->task;
    char a[WORDS_COUNT], b[WORDS_COUNT];
    switch ((enum scaling_work)task->work) {
    case SCALING_RUN:
        printf("%s households x %s periods and their median", words_count(task->households, a),
            words_count(task->periods, b));
        break;
    case SCALING_PI:
        printf("pi from %s draws", words_count(task->draws, a));
        break;
    default:
        words_count(task->axis.points, a);
        printf("the largest value on %s x %s points", a, a);
    }
    printf("%s: %s scaling, medians of %" PRId64 "\n\n", task->is_weak ? " per core" : "",
        task->is_weak ? "weak" : "strong", options->repeats);
}

/* Why the list is not longer, and what would make it so. */
static void print_limits(const struct comparison *comparison)
{
    const int cores = comparison->cores;
    if (comparison->ranks < cores)
        printf("  %d rank%s cannot fill %d cores with one thread each: start it with %s -n %d %s\n",
            comparison->ranks, words_plural(comparison->ranks), cores, launcher()->program, cores,
            launcher()->unbound);
    if (comparison->rank_cores == 1 && cores > 1)
        printf(
            "  rank 0 may use 1 core: threads of one rank are compared on no more than that (%s %s lifts a "
            "binding to one core)\n",
            launcher()->program, launcher()->unbound);
    else if (comparison->rank_cores < cores)
        printf("  rank 0 may use %d cores: threads of one rank are compared on no more than that\n",
            comparison->rank_cores);
    if (cores < 4)
        printf("  ranks with several threads each need 4 cores\n");
}

static void print_table(const void *content)
{
    const struct comparison *comparison = content;
    print_work(comparison->options);
    printf("  layout    ranks  threads  cores   seconds  speed-up  efficiency  %s per second and core\n",
        scaling_work_unit((enum scaling_work)comparison->options->task.work));
    for (int i = 0; i < comparison->n; i++) {
        const struct layout *layout = &comparison->layouts[i];
        const struct figures figures = figures_of(comparison, i);
        printf("  %-8s %6d %8d %6d %9.4g %9.2f %9.0f %%  %.3g\n", layout_kind_name(layout->kind),
            layout->ranks, layout->threads, figures.cores, comparison->median[i], figures.speed_up,
            100 * figures.efficiency, figures.rate_per_core);
    }
    print_limits(comparison);
    printf("  answers   the same on all layouts%s\n\n",
        comparison->options->task.is_weak ? " with as many cores" : "");
}

static enum status conclude(const struct options *all, const struct comparison *comparison,
    const struct comm *comm, struct timers *timers, double start)
{
    const struct scaling_options *options = comparison->options;
    const char *unit = scaling_work_unit((enum scaling_work)options->task.work);
    const struct dimension layout = {.name = "layout", .length = comparison->n},
                           repeat = {.name = "repeat", .length = options->repeats};
    struct variable variables[COLUMNS + 1];
    struct fields attributes = {.n = 0};
    double work = 0;
    for (int i = 0; i < comparison->n; i++)
        work += scaling_amount(&options->task, &comparison->layouts[i]) * (double)options->repeats;
    for (int column = 0; column < COLUMNS; column++)
        variables[column] = (struct variable){.name = columns[column].name,
            .long_name = columns[column].long_name,
            .units = columns[column].units,
            .over = {&layout},
            .fill = fill,
            .content = comparison,
            .number = column};
    variables[COLUMNS] = (struct variable){.name = "all_seconds",
        .long_name = "seconds of each measurement",
        .units = "s",
        .over = {&layout, &repeat},
        .values = comparison->seconds};
    fields_add_text(&attributes, "unit", unit);
    return report_result(comm,
        &(struct report){.command = &command_scaling,
            .options = all,
            .title = "One computation on several layouts",
            .hash = options->task.is_weak
                        ? hash_bytes(comparison->hash, (size_t)comparison->n * sizeof *comparison->hash, 0)
                        : comparison->hash[0],
            .attributes = &attributes,
            .variables = variables,
            .n_variables = COLUMNS + 1,
            .rate_name = "work_per_second",
            .unit = unit,
            .work = work,
            .timers = timers,
            .start = start,
            .print = print_table,
            .content = comparison},
        options->common.quiet);
}

static enum status run(const struct options *all, const struct comm *comm)
{
    const double start = timers_now();
    struct comparison comparison;
    struct timers timers = {.threads = 0};
    enum status status = plan(&comparison, all->values, comm);
    if (status == WS_OK)
        status = error_agree(comm->world, timers_create(&timers, comparison.rank_cores));
    if (status == WS_OK)
        status = measure(&comparison, comm, &timers);
    if (status == WS_OK)
        status = conclude(all, &comparison, comm, &timers, start);
    free(comparison.seconds);
    timers_destroy(&timers);
    return status;
}

static const struct option_part parts[] = {{&households_option_table, MEMBER(task.households)},
    {&periods_option_table, MEMBER(task.periods)}, {&kesten_option_table, MEMBER(task.model)},
    {&draws_option_table, MEMBER(task.draws)}, {&grid_option_table, MEMBER(task.axis)}, {&table, 0},
    {&stream_option_table, MEMBER(task.streams)}, {&output_option_table, 0}, {&process_option_table, 0},
    {&timing_option_table, 0}, {NULL, 0}};
static const struct option_default defaults[] = {{"output", "wealthsim-scaling.h5"}, {NULL, NULL}};

const struct command command_scaling = {
    .line = {.name = "scaling",
        .summary = "The lecture's comparison: one computation serially, by threads, by ranks, by both",
        .bytes = sizeof(struct scaling_options),
        .parts = parts,
        .defaults = defaults},
    .check = check,
    .run = run};
