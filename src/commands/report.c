#include "commands/report.h"
#include "model/theory.h"
#include "runtime/topology.h"
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
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

/* A share in per cent. */
static double per_cent(double share)
{
    return 100 * share;
}

/* A line of a figure with its standard error, where there is one. */
static void print_figure(const char *name, double value, double error)
{
    if (isnan(error))
        printf("  %-11s %-12.7g no standard error: the model's moments are infinite\n", name, value);
    else
        printf("  %-11s %-12.7g standard error %.2g\n", name, value, error);
}

static void print_inequality(const struct summary *summary)
{
    const double *share = summary->share;
    if (isnan(summary->gini))
        return;
    print_figure("Gini", summary->gini, summary->gini_error);
    printf("  shares      top 10 %%: %.2f %%, 5 %%: %.2f %%, 1 %%: %.2f %%, 0.1 %%: %.2f %%; bottom half: "
           "%.2f %%\n",
        per_cent(share[SHARE_TOP_10]), per_cent(share[SHARE_TOP_5]), per_cent(share[SHARE_TOP_1]),
        per_cent(share[SHARE_TOP_01]), per_cent(share[SHARE_BOTTOM_HALF]));
}

/* Hill's estimate means something only where theory has a Pareto tail, and one that a sample can show. */
static void print_tail(const struct results *results, const struct summary *summary)
{
    static const double most_visible = 20;
    const struct hill *hill = &summary->hill[HILL_SIZES / 2];
    const struct theory theory = theory_of(&results->options->model);
    if (!theory.has_stationary_law || isnan(hill->index))
        return;
    if (theory.tail_index > most_visible)
        printf("  tail        no Pareto tail to be seen (theory: index %.3g): do not use Hill's estimate\n",
            theory.tail_index);
    else
        printf("  tail        index %.3g by theory, %.3g by Hill's estimate from the top 1 %% (standard "
               "error %.2g)\n",
            theory.tail_index, hill->index, hill->error);
}

/* Three in a row. */
static void print_quantiles(const struct summary *summary)
{
    for (int i = 0; i < summary->n_quantiles; i++) {
        const bool ends_row = i % 3 == 2 || i == summary->n_quantiles - 1;
        const char *begin = i == 0 ? "  quantiles" : i % 3 == 0 ? "           " : " ";
        printf("%s%6g %%  %-*.7g%s", begin, 100 * summary->quantiles[i].probability, ends_row ? 0 : 12,
            summary->quantiles[i].value, ends_row ? "\n" : "");
    }
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
    print_figure("mean", summary->mean, summary->mean_error);
    print_inequality(summary);
    print_figure("variance", summary->variance, summary->variance_error);
    printf("  range       %.7g to %.7g\n", summary->minimum, summary->maximum);
    print_quantiles(summary);
    print_tail(results, summary);
    if (!isnan(options->coalescence) && results->coalescence >= 0)
        printf("  coalescence all households agree with those from wealth %g from period %" PRId64 " on\n",
            options->coalescence, results->coalescence);
    else if (!isnan(options->coalescence))
        printf("  coalescence not within %s period%s\n", periods, plural(last->period));
    if (results->n_records > 1)
        printf("  records     %" PRId64 ", every %" PRId64 " periods\n", results->n_records,
            options->record_every);
    printf("\n");
}

static void print_cost(const struct comm *comm, const struct results *results, double elapsed, double set_up,
    double used, int cores)
{
    const double work = (double)results->options->households * (double)results->population->period;
    const int threads = results->population->threads;
    char streams[32];
    printf("  layout      %d rank%s x %d thread%s on %d host%s, %s code\n", comm->size, plural(comm->size),
        threads, plural(threads), comm->n_hosts, plural(comm->n_hosts),
        vector_level_name(results->population->law.level));
    printf("  streams     %s of %s in %.2g s\n", grouped(results->population->part.n_blocks_global, streams),
        rng_family_name((enum rng_family)results->options->rng), set_up);
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
    const double mine = streams_seconds(results->population->streams);
    double set_up = 0;
    MPI_CHECK(MPI_Reduce(&mine, &set_up, 1, MPI_DOUBLE, MPI_MAX, 0, comm->world));
    if (comm->rank != 0)
        return;
    print_answer(results);
    print_cost(comm, results, elapsed, set_up, all_computing / (elapsed * cores), cores);
    fflush(stdout);
}
