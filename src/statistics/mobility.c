#include "statistics/mobility.h"
#include "statistics/correlation.h"
#include "statistics/group_block.h"
#include "statistics/order.h"
#include "statistics/rank_correlation.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>

/* The greatest value of each group but the last: all in it are at most that, those above are more. -inf where not even one
 * household belongs to the group and those below. */
static enum status find_bounds(MPI_Comm comm, int threads, const double *x, int64_t n, int64_t n_global,
    const double *probability, int n_bounds, double *bound)
{
    int64_t position[MOBILITY_GROUPS];
    int none = 0;
    for (int i = 0; i < n_bounds; i++) {
        const int64_t below = (int64_t)((double)n_global * probability[i]);
        position[i] = below - 1;
        bound[i] = -HUGE_VAL;
        none += below == 0;
    }
    return order_statistics(comm, threads, x, n, position + none, n_bounds - none, bound + none);
}

struct bounds {
    double before[MOBILITY_GROUPS], after[MOBILITY_GROUPS];
};

static void count_block(
    const struct bounds *bounds, const double *before, const double *after, int n, int groups, int64_t *count)
{
    uint8_t from[GROUP_BLOCK], to[GROUP_BLOCK];
    group_find(before, n, bounds->before, groups - 1, from);
    group_find(after, n, bounds->after, groups - 1, to);
    for (int i = 0; i < n; i++)
        count[from[i] * groups + to[i]]++;
}

/* Of all ranks. */
static enum status count_all(MPI_Comm comm, int threads, const struct bounds *bounds, const double *before,
    const double *after, int64_t n, int groups, int64_t *count)
{
    const int cells = groups * groups;
    int64_t *of_threads = calloc((size_t)threads * (size_t)cells, sizeof *of_threads);
    const enum status status = error_agree(comm,
        of_threads ? WS_OK
                   : error_memory((size_t)threads * (size_t)cells * sizeof *of_threads, "mobility's counts"));
    if (status == WS_OK) {
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
        for (int64_t begin = 0; begin < n; begin += GROUP_BLOCK)
            count_block(bounds, before + begin, after + begin,
                n - begin < GROUP_BLOCK ? (int)(n - begin) : GROUP_BLOCK, groups,
                of_threads + (int64_t)omp_get_thread_num() * cells);
        for (int cell = 0; cell < cells; cell++) {
            count[cell] = 0;
            for (int t = 0; t < threads; t++)
                count[cell] += of_threads[t * cells + cell];
        }
        MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, count, cells, MPI_INT64_T, MPI_SUM, comm));
    }
    free(of_threads);
    return status;
}

int64_t mobility_bytes(int64_t n_global, int size, int threads, int groups)
{
    const int64_t of_counts = (int64_t)threads * groups * groups * (int64_t)sizeof(int64_t);
    return of_counts + rank_correlation_bytes(n_global, size, threads);
}

enum status mobility_compute(MPI_Comm comm, int threads, double *before, const double *after, int64_t n,
    int64_t n_global, const double *probability, int groups, struct mobility *mobility)
{
    struct bounds bounds;
    ENSURE(groups >= 2 && groups <= MOBILITY_GROUPS);
    enum status status =
        find_bounds(comm, threads, before, n, n_global, probability, groups - 1, bounds.before);
    if (status == WS_OK)
        status = find_bounds(comm, threads, after, n, n_global, probability, groups - 1, bounds.after);
    if (status == WS_OK)
        status = count_all(comm, threads, &bounds, before, after, n, groups, mobility->count);
    if (status != WS_OK)
        return status;
    mobility->correlation = correlation_compute(comm, threads, before, after, n, n_global);
    return rank_correlation(comm, threads, before, after, n, n_global, &mobility->rank_correlation);
}

void mobility_shares(const int64_t *count, int groups, double *share)
{
    for (int from = 0; from < groups; from++) {
        const int64_t *row = count + from * groups;
        int64_t all = 0;
        for (int to = 0; to < groups; to++)
            all += row[to];
        for (int to = 0; to < groups; to++)
            share[from * groups + to] = all > 0 ? (double)row[to] / (double)all : NAN;
    }
}

double mobility_shorrocks(const int64_t *count, int groups)
{
    double trace = 0;
    for (int from = 0; from < groups; from++) {
        int64_t all = 0;
        for (int to = 0; to < groups; to++)
            all += count[from * groups + to];
        trace += all > 0 ? (double)count[from * groups + from] / (double)all : NAN;
    }
    return (groups - trace) / (groups - 1);
}
