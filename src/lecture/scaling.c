#include "lecture/scaling.h"
#include "lecture/gridmax.h"
#include "lecture/pi.h"
#include "population/population.h"
#include "statistics/order.h"
#include <math.h>

static const struct {
    const char *name, *unit;
} works[SCALING_WORKS] = {
    [SCALING_RUN] = {"run", "household-periods"},
    [SCALING_PI] = {"pi", "draws"},
    [SCALING_GRIDMAX] = {"gridmax", "points"},
};

const char *scaling_work_name(int work)
{
    return works[work].name;
}

const char *scaling_work_unit(enum scaling_work work)
{
    return works[work].unit;
}

/* How many times the work of one core. */
static int64_t times(const struct scaling_task *task, const struct layout *layout)
{
    return task->is_weak ? (int64_t)layout->ranks * layout->threads : 1;
}

static int64_t households_of(const struct scaling_task *task, const struct layout *layout)
{
    return task->households * times(task, layout);
}

static int64_t draws_of(const struct scaling_task *task, const struct layout *layout)
{
    return task->draws * times(task, layout);
}

static int64_t points_of(const struct scaling_task *task, const struct layout *layout)
{
    return (int64_t)round((double)task->axis.points * sqrt((double)times(task, layout)));
}

double scaling_amount(const struct scaling_task *task, const struct layout *layout)
{
    switch ((enum scaling_work)task->work) {
    case SCALING_RUN:
        return (double)households_of(task, layout) * (double)task->periods;
    case SCALING_PI:
        return (double)draws_of(task, layout);
    default:
        return (double)points_of(task, layout) * (double)points_of(task, layout);
    }
}

/* The household simulation, and its median. */
static enum status simulate(const struct comm *comm, const struct scaling_task *task, int64_t households,
    struct timers *timers, uint64_t *hash)
{
    struct population population;
    const struct decomposition part = decomposition_of(households, comm->rank, comm->size);
    enum status status = population_create(&population, part, model_kesten.chosen(&task->model),
        (const void *[]){&task->model}, 1, timers->threads);
    if (status == WS_OK)
        status = population_start(&population, (enum rng_family)task->streams.rng, task->streams.seed);
    status = error_agree(comm->world, status);
    if (status == WS_OK) {
        const int64_t middle[] = {(households - 1) / 2, households / 2};
        double median[2];
        population_advance(&population, task->periods, timers);
        const double start = timers_now();
        status = order_statistics(
            comm->world, timers->threads, population_wealth(&population, 0), part.n_local, middle, 2, median);
        *hash = population_hash(comm->world, &population, 0);
        timers_add(timers, 0, PHASE_COMMUNICATING, start);
    }
    population_destroy(&population);
    return status;
}

static enum status draw(const struct comm *comm, const struct scaling_task *task, int64_t n,
    struct timers *timers, uint64_t *hash)
{
    const struct pi_draws draws = {
        .n = n, .family = (enum rng_family)task->streams.rng, .seed = task->streams.seed};
    struct pi pi = {.hash = 0};
    const enum status status = pi_compute(comm, &draws, timers, true, &pi);
    *hash = pi.hash;
    return status;
}

static enum status search(const struct comm *comm, const struct scaling_task *task, int64_t points,
    struct timers *timers, uint64_t *hash)
{
    const struct axis axis = {.lower = task->axis.lower, .upper = task->axis.upper, .points = points};
    struct gridmax gridmax;
    gridmax_compute(comm, &axis, timers, true, &gridmax);
    *hash = gridmax.hash;
    return WS_OK;
}

static enum status work(const struct comm *comm, const struct scaling_task *task, const struct layout *layout,
    struct timers *timers, uint64_t *hash)
{
    switch ((enum scaling_work)task->work) {
    case SCALING_RUN:
        return simulate(comm, task, households_of(task, layout), timers, hash);
    case SCALING_PI:
        return draw(comm, task, draws_of(task, layout), timers, hash);
    default:
        return search(comm, task, points_of(task, layout), timers, hash);
    }
}

enum status scaling_measure(const struct comm *comm, const struct scaling_task *task,
    const struct layout *layout, const struct timers *timers, double *seconds, uint64_t *hash)
{
    struct comm first;
    struct timers of_layout = *timers;
    enum status status = WS_OK;
    of_layout.threads = layout->threads;
    comm_first(comm, layout->ranks, &first);
    *seconds = 0;
    if (first.size > 0) {
        MPI_CHECK(MPI_Barrier(first.world));
        const double start = timers_now();
        status = work(&first, task, layout, &of_layout, hash);
        MPI_CHECK(MPI_Barrier(first.world));
        *seconds = timers_now() - start;
        comm_free(&first);
    }
    comm_wait_asleep(comm);
    MPI_CHECK(MPI_Bcast(seconds, 1, MPI_DOUBLE, 0, comm->world));
    MPI_CHECK(MPI_Bcast(hash, 1, MPI_UINT64_T, 0, comm->world));
    return error_agree(comm->world, status);
}
