#include "commands/report.h"
#include "core/core_use.h"
#include "core/topology.h"
#include "core/words.h"
#include "files/result_file.h"
#include "simd/simd.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Of ranks and threads. */
enum { MOST_LINES = 64 };

/* The seconds of computing of all ranks and threads. Summed in nanoseconds, as integers. */
static double computing_of_all(const struct comm *comm, const struct timers *timers)
{
    int64_t mine = 0, all = 0;
    for (int thread = 0; thread < timers->threads; thread++)
        mine += (int64_t)(1e9 * timers->seconds[thread][PHASE_COMPUTING]);
    MPI_CHECK(MPI_Reduce(&mine, &all, 1, MPI_INT64_T, MPI_SUM, 0, comm->world));
    return 1e-9 * (double)all;
}

static void print_cost(const struct comm *comm, const struct report *report, double elapsed, double computing,
    double set_up, int cores)
{
    const struct common_options *common = report->options->values;
    const int threads = report->timers->threads;
    char streams[WORDS_COUNT];
    printf("  layout      %d rank%s x %d thread%s on %d host%s, %s code\n", comm->size,
        words_plural(comm->size), threads, words_plural(threads), comm->n_hosts, words_plural(comm->n_hosts),
        simd_name());
    if (report->streams)
        printf("  streams     %s of %s in %.2g s\n", words_count(report->n_streams, streams),
            rng_family_name((enum rng_family)report->streams->rng), set_up);
    printf("  time        %.3g s, %.0f %% of %d core%s' time in computing\n", elapsed,
        100 * computing / (elapsed * cores), cores, words_plural(cores));
    if (report->work > 0)
        printf("  rate        %.3g %s per second\n", report->work / elapsed, report->unit);
    printf("  result      %s\n", common->output);
    printf("  hash        %016" PRIx64 "\n", report->hash);
}

/* A line per rank and thread. Collective. */
static void report_timing(const struct comm *comm, const struct timers *timers, double elapsed)
{
    struct core_use use;
    core_use_gather(comm, timers, &use);
    if (comm->rank == 0)
        core_use_print(&use, elapsed, stdout, MOST_LINES);
    core_use_destroy(&use);
}

enum status report_timers(const struct comm *comm, const struct common_options *common, struct timers *timers)
{
    const int threads = topology_threads(comm, (int)common->threads);
    topology_warn(comm, threads);
    return error_agree(comm->world, timers_create(timers, threads));
}

/* ---- the file ------------------------------------------------------------------------------------------------------- */

static struct field field_of(const struct option_value *value, bool is_recorded)
{
    struct field field = {.name = value->name,
        .before = value->before,
        .is_identity =
            value->resume == RESUME_SAME || (value->resume == RESUME_SAME_IF_RECORDED && is_recorded),
        .count = value->count,
        .real = value->real,
        .text = value->text,
        .reals = value->numbers,
        .n_reals = value->n_numbers};
    switch (value->type) {
    case OPTION_COUNT:
    case OPTION_FLAG:
        field.type = FIELD_TYPE_INT;
        break;
    case OPTION_REAL:
        field.type = FIELD_TYPE_REAL;
        break;
    case OPTION_NUMBERS:
        field.type = FIELD_TYPE_REALS;
        break;
    case OPTION_PATH:
    case OPTION_NAMES:
    case OPTION_NAME:
    case OPTION_TIME:
    case OPTION_INTERVAL:
    case OPTION_CHOICE:
        field.type = FIELD_TYPE_TEXT;
        break;
    }
    return field;
}

void option_fields(const struct command *command, const void *values, bool is_recorded, struct fields *fields)
{
    struct option_value value;
    for (int i = 0; options_value(&command->line, values, i, &value); i++) {
        ENSURE(fields->n < FIELDS_MOST);
        fields->of[fields->n++] = field_of(&value, is_recorded);
    }
}

static bool is_among(const char *name, const char *const *names)
{
    while (names && *names && strcmp(*names, name) != 0)
        names++;
    return names && *names;
}

static void leave_out(struct fields *fields, const char *const *names)
{
    int n = 0;
    for (int i = 0; i < fields->n; i++)
        if (!is_among(fields->of[i].name, names))
            fields->of[n++] = fields->of[i];
    fields->n = n;
}

/* The options, with the threads that there were, and what the command has found. */
static void list_attributes(const struct report *report, struct fields *fields)
{
    fields->n = 0;
    option_fields(report->command, report->options->values, false, fields);
    leave_out(fields, report->meaningless);
    for (int i = 0; i < fields->n; i++)
        if (strcmp(fields->of[i].name, "threads") == 0)
            fields->of[i].count = report->timers->threads;
    for (int i = 0; report->attributes && i < report->attributes->n; i++) {
        ENSURE(fields->n < FIELDS_MOST);
        fields->of[fields->n++] = report->attributes->of[i];
    }
}

static enum status write_file(const struct comm *comm, const struct report *report)
{
    const struct common_options *common = report->options->values;
    struct fields attributes;
    list_attributes(report, &attributes);
    return result_file_write(comm, &(struct result_file){.path = common->output,
                                       .command = report->command->line.name,
                                       .title = report->title,
                                       .history = report->options->command_line,
                                       .hash = report->hash,
                                       .attributes = &attributes,
                                       .variables = report->variables,
                                       .n_variables = report->n_variables,
                                       .rows = report->rows,
                                       .n_rows = report->n_rows,
                                       .bytes_later = report->bytes_later,
                                       .rate_name = report->rate_name,
                                       .work = report->work,
                                       .timers = report->timers,
                                       .start = report->start});
}

/* ---- in words ------------------------------------------------------------------------------------------------------- */

/* What it took, where the file is, and its hash, on rank 0. Collective. */
static void report_cost(const struct comm *comm, const struct report *report)
{
    const struct common_options *common = report->options->values;
    const double elapsed = timers_now() - report->start;
    const int cores = topology_cores_in_use(comm);
    const double computing = computing_of_all(comm, report->timers);
    double set_up = 0;
    MPI_CHECK(MPI_Reduce(&report->stream_seconds, &set_up, 1, MPI_DOUBLE, MPI_MAX, 0, comm->world));
    if (comm->rank == 0)
        print_cost(comm, report, elapsed, computing, set_up, cores);
    if (common->timing)
        report_timing(comm, report->timers, elapsed);
    fflush(stdout);
}

enum status report_result(const struct comm *comm, const struct report *report, bool is_quiet)
{
    const enum status status = write_file(comm, report);
    if (status != WS_OK || is_quiet)
        return status;
    if (comm->rank == 0)
        report->print(report->content);
    report_cost(comm, report);
    return status;
}
