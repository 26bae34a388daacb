#include "commands/report.h"
#include "runtime/topology.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A count with its thousands apart: "50,000". text has room for 32 bytes. */
static const char *grouped(int64_t count, char *text)
{
    char digits[24];
    const int n = snprintf(digits, sizeof digits, "%" PRId64, count);
    char *to = text;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_answer(const struct results *results)
{
    const struct options *options = results->options;
    const struct record *last = &results->records[results->n_records - 1];
    const struct summary *summary = &last->summary;
    char households[32], periods[32];

    printf("wealth of %s household%s after %s period%s, seed %" PRId64 "\n\n",
        grouped(options->households, households), plural(options->households), grouped(last->period, periods),
        plural(last->period), options->seed);
    printf("  median      %-12.7g 95 %% interval %.7g to %.7g\n", summary->median.value, summary->median.low,
        summary->median.high);
    printf("  mean        %-12.7g standard error %.2g\n", summary->mean,
        sqrt(summary->variance / (double)options->households));
    printf("  variance    %.7g\n", summary->variance);
    printf("  range       %.7g to %.7g\n", summary->minimum, summary->maximum);
    for (int i = 0; i < summary->n_quantiles; i++)
        printf("%s%6g %%  %-12.7g", i % 3 == 0 ? (i == 0 ? "  quantiles" : "\n           ") : " ",
            100 * summary->quantiles[i].probability, summary->quantiles[i].value);
    printf("\n\n");
}

static void print_cost(
    const struct comm *comm, const struct results *results, double elapsed, double used, int cores)
{
    const double work = (double)results->options->households * (double)results->population->period;
    const int threads = results->population->threads;
    printf("  layout      %d rank%s x %d thread%s on %d host%s, %s code\n", comm->size, plural(comm->size),
        threads, plural(threads), comm->n_hosts, plural(comm->n_hosts),
        vector_level_name(results->population->law.level));
    printf("  time        %.3g s, %.0f %% of %d core%s' time in the simulation\n", elapsed, 100 * used, cores,
        plural(cores));
    if (work > 0)
        printf("  rate        %.3g household-periods per second\n", work / elapsed);
    printf("  result      %s\n", results->options->output);
    printf("  hash        %016" PRIx64 "\n", results->hash);
}

void report_run(const struct comm *comm, const struct results *results)
{
    const double elapsed = timers_now() - results->start;
    const int cores = topology_cores_in_use(comm);
    double computing = 0, all_computing = 0;
    for (int thread = 0; thread < results->timers->threads; thread++)
        computing += results->timers->seconds[thread][PHASE_COMPUTING];
    MPI_CHECK(MPI_Reduce(&computing, &all_computing, 1, MPI_DOUBLE, MPI_SUM, 0, comm->world));
    if (comm->rank != 0)
        return;
    print_answer(results);
    print_cost(comm, results, elapsed, all_computing / (elapsed * cores), cores);
    fflush(stdout);
}
