#include "commands/report.h"
#include "core/core_use.h"
#include "core/topology.h"
#include "core/words.h"
#include "simd/vector.h"
#include <inttypes.h>
#include <stdio.h>

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
    const struct result_file *file = report->file;
    const int threads = file->timers->threads;
    char streams[WORDS_COUNT];
    printf("  layout      %d rank%s x %d thread%s on %d host%s, %s code\n", comm->size,
        words_plural(comm->size), threads, words_plural(threads), comm->n_hosts, words_plural(comm->n_hosts),
        vector_level_name(vector_level()));
    if (report->n_streams > 0)
        printf("  streams     %s of %s in %.2g s\n", words_count(report->n_streams, streams),
            rng_family_name((enum rng_family)file->options->rng), set_up);
    printf("  time        %.3g s, %.0f %% of %d core%s' time in computing\n", elapsed,
        100 * computing / (elapsed * cores), cores, words_plural(cores));
    if (file->work > 0)
        printf("  rate        %.3g %s per second\n", file->work / elapsed, report->unit);
    printf("  result      %s\n", file->options->output);
    printf("  hash        %016" PRIx64 "\n", file->hash);
}

/* A line a rank and thread. Collective. */
static void report_timing(const struct comm *comm, const struct timers *timers, double elapsed)
{
    struct core_use use;
    core_use_gather(comm, timers, &use);
    if (comm->rank == 0)
        core_use_print(&use, elapsed, stdout, MOST_LINES);
    core_use_destroy(&use);
}

enum status report_timers(const struct comm *comm, const struct options *options, struct timers *timers)
{
    const int threads = topology_threads(comm, (int)options->threads);
    topology_warn(comm, threads);
    return error_agree(comm->world, timers_create(timers, threads));
}

enum status report_result(const struct comm *comm, const struct report *report)
{
    const enum status status = result_file_write(comm, report->file);
    if (status != WS_OK || report->file->options->quiet)
        return status;
    if (comm->rank == 0)
        report->print(report->file->content);
    report_cost(comm, report);
    return status;
}

void report_cost(const struct comm *comm, const struct report *report)
{
    const struct result_file *file = report->file;
    const double elapsed = timers_now() - file->start;
    const int cores = topology_cores_in_use(comm);
    const double computing = computing_of_all(comm, file->timers);
    double set_up = 0;
    MPI_CHECK(MPI_Reduce(&report->stream_seconds, &set_up, 1, MPI_DOUBLE, MPI_MAX, 0, comm->world));
    if (comm->rank == 0)
        print_cost(comm, report, elapsed, computing, set_up, cores);
    if (file->options->timing)
        report_timing(comm, file->timers, elapsed);
    fflush(stdout);
}
