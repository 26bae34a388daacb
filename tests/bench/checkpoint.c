/* A checkpoint of a population: writing it, and going on from it.
 *
 *     checkpoint FILE HOUSEHOLDS write     checkpoint_history_write: FILE.1, brought to disk, read back, renamed
 *     checkpoint FILE HOUSEHOLDS resume    checkpoint_history_resume, from the newest one
 *
 * Rank 0 prints the seconds and the checkpoint's bytes. What comes before, the streams above all, is outside the
 * measured time. */
#include "core/timers.h"
#include "files/checkpoint_history.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PERIODS = 10, THREADS = 1 };

/* Our own status is not to be an answer: say why, and end all ranks. */
static void must(const struct comm *comm, enum status status)
{
    if (status != WS_OK) {
        error_report(comm->world);
        MPI_Abort(comm->world, 1);
    }
}

static void start_population(struct population *population, const struct options *options)
{
    struct timers timers;
    ENSURE(timers_create(&timers, THREADS) == WS_OK);
    ENSURE(population_start(population, (enum rng_family)options->rng, options->seed) == WS_OK);
    population_advance(population, PERIODS, &timers);
    timers_destroy(&timers);
}

static double write_checkpoint(
    const struct comm *comm, struct checkpoint_history *history, const struct checkpoint_state *state)
{
    MPI_CHECK(MPI_Barrier(comm->world));
    const double start = timers_now();
    must(comm, checkpoint_history_write(history, comm, state));
    MPI_CHECK(MPI_Barrier(comm->world));
    return timers_now() - start;
}

static double resume(
    const struct comm *comm, struct checkpoint_history *history, struct checkpoint_state *state)
{
    bool is_found = false;
    MPI_CHECK(MPI_Barrier(comm->world));
    const double start = timers_now();
    must(comm, checkpoint_history_resume(history, comm, state, &is_found));
    MPI_CHECK(MPI_Barrier(comm->world));
    ENSURE(is_found && state->population->period == PERIODS);
    return timers_now() - start;
}

static int64_t bytes_of(const struct checkpoint_history *history)
{
    char name[OPTION_TEXT + 32];
    struct stat found;
    snprintf(name, sizeof name, "%s.%" PRId64, history->path, history->newest);
    ENSURE(stat(name, &found) == 0);
    return found.st_size;
}

int main(int argc, char **argv)
{
    struct comm comm;
    comm_start(&comm, &argc, &argv);
    ENSURE(argc == 4);
    const struct options options = {.households = atoll(argv[2]),
        .periods = PERIODS,
        .model = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1},
        .seed = 1,
        .rng = RNG_MLFG,
        .n_quantiles = 1,
        .quantiles = {0.5}};
    struct population population;
    struct record record = {.period = 0};
    struct checkpoint_history history;
    struct checkpoint_state state = {
        .options = &options, .takes = FOR_RUN, .population = &population, .records = &record};
    const struct decomposition part = decomposition_of(options.households, comm.rank, comm.size);
    ENSURE(population_create(&population, part, &options.model, THREADS) == WS_OK);
    must(&comm, checkpoint_history_open(&history, &comm, argv[1]));

    double seconds;
    if (strcmp(argv[3], "write") == 0) {
        start_population(&population, &options);
        seconds = write_checkpoint(&comm, &history, &state);
    } else {
        seconds = resume(&comm, &history, &state);
    }
    if (comm.rank == 0)
        printf("%.9f %" PRId64 "\n", seconds, bytes_of(&history));
    checkpoint_history_close(&history, &comm);
    population_destroy(&population);
    return comm_end(&comm, 0);
}
