#include "lecture/pi.h"
#include "core/hash.h"
#include "core/progress.h"
#include "lecture/circle.h"
#include "population/decomposition.h"
#include <math.h>
#include <omp.h>

/* Blocks that a rank draws before it makes further streams. */
enum { BATCH = 4096 };

/* Of some blocks. */
struct count {
    int64_t inside;
    uint64_t hash;
};

int64_t pi_blocks(int64_t draws)
{
    return (draws - 1) / PI_BLOCK + 1;
}

/* The points of a block that lie within. */
static int64_t draw_block(struct streams *streams, int64_t i, int64_t points)
{
    _Alignas(64) uint64_t words[2 * CIRCLE_POINTS];
    int64_t inside = 0;
    for (int64_t done = 0; done < points; done += CIRCLE_POINTS) {
        const int64_t left = points - done;
        streams_fill(streams, i, 2 * CIRCLE_POINTS, words);
        inside += circle_count(words, left < CIRCLE_POINTS ? (int)left : CIRCLE_POINTS);
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
            const int64_t left = draws - (first + i) * PI_BLOCK;
            const int64_t count = draw_block(streams, i, left < PI_BLOCK ? left : PI_BLOCK);
            inside += count;
            hash += hash_bytes(&count, sizeof count, (uint64_t)(first + i));
        }
        timers_worked(&stretch);
#pragma omp barrier
        timers_end(timers, omp_get_thread_num(), &stretch);
    }
    return (struct count){.inside = inside, .hash = hash};
}

/* This rank's share of all draws. */
static enum status draw_share(const struct comm *comm, const struct pi_draws *draws, struct timers *timers,
    bool is_quiet, struct pi *pi)
{
    const struct share mine = share_of(pi_blocks(draws->n), comm->rank, comm->size);
    struct progress progress;
    progress_start(
        &progress, comm->rank != 0 || is_quiet, 0, (double)(mine.n * PI_BLOCK), "draws of this rank");
    for (int64_t done = 0; done < mine.n; done += BATCH) {
        const int64_t first = mine.first + done, n = mine.n - done < BATCH ? mine.n - done : BATCH;
        struct streams *streams = NULL;
        if (streams_create(&streams, draws->family, draws->seed, first, n, timers->threads) != WS_OK)
            return WS_FAILED;
        const struct count some = draw_blocks(streams, first, n, draws->n, timers);
        pi->inside += some.inside;
        pi->hash += some.hash;
        pi->stream_seconds += streams_seconds(streams);
        streams_destroy(streams);
        progress_update(&progress, (double)((done + n) * PI_BLOCK));
    }
    progress_end(&progress);
    return WS_OK;
}

/* Add the ranks' counts up, and take four times the share within. */
static void conclude(const struct comm *comm, int64_t draws, struct pi *pi)
{
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, &pi->inside, 1, MPI_INT64_T, MPI_SUM, comm->world));
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, &pi->hash, 1, MPI_UINT64_T, MPI_SUM, comm->world));
    const double n = (double)draws, share = (double)pi->inside / n;
    pi->value = 4 * (double)pi->inside / n;
    pi->error = 4 * sqrt(share * (1 - share) / n);
}

enum status pi_compute(const struct comm *comm, const struct pi_draws *draws, struct timers *timers,
    bool is_quiet, struct pi *pi)
{
    *pi = (struct pi){.inside = 0};
    const enum status mine = draw_share(comm, draws, timers, is_quiet, pi);
    const double start = timers_now();
    const enum status status = error_agree(comm->world, mine);
    if (status == WS_OK)
        conclude(comm, draws->n, pi);
    timers_add(timers, 0, PHASE_COMMUNICATING, start);
    return status;
}
