/* A checkpoint of a population: writing it, and going on from it.
 *
 *     checkpoint FILE HOUSEHOLDS write     checkpoint_history_write: FILE.1, brought to disk, read back, renamed
 *     checkpoint FILE HOUSEHOLDS resume    checkpoint_history_resume, from the newest one
 *
 * Rank 0 prints the seconds and the checkpoint's bytes. What comes before, the streams above all, is outside the
 * measured time, and so is the loading of HDF5. */
#include "core/hdf5.h"
#include "core/timers.h"
#include "files/checkpoint_history.h"
#include "models/kesten.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PERIODS = 10, THREADS = 1, SEED = 1 };

/* Our own status is not to be an answer: say why, and end all ranks. */
static void must(const struct comm *comm, enum status status)
{
    if (status != WS_OK) {
        error_report(comm->world);
        MPI_Abort(comm->world, 1);
    }
}

static void start_population(struct population *population)
{
    struct timers timers;
    ENSURE(timers_create(&timers, THREADS) == WS_OK);
    ENSURE(population_start(population, RNG_MLFG, SEED) == WS_OK);
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
    char name[FIELD_TEXT + 32];
    struct stat found;
    snprintf(name, sizeof name, "%s.%" PRId64, history->path, history->newest);
    ENSURE(stat(name, &found) == 0);
    return found.st_size;
}

int main(int argc, char **argv)
{
    struct comm comm;
    comm_start(&comm, &argc, &argv);
    ENSURE(argc == 4 && !hdf5_fault());
    const struct kesten_parameters model = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1};
    const struct recording recording = {.periods = PERIODS, .n_quantiles = 1, .quantiles = {0.5}};
    const struct fields identity = {.n = 0};
    struct population population;
    struct record record = {.period = 0};
    struct records records = {
        .model = &model_kesten, .recording = &recording, .n_scenarios = 1, .most = 1, .of = &record};
    struct checkpoint_history history;
    struct checkpoint_state state = {.identity = &identity,
        .recording = &recording,
        .family = RNG_MLFG,
        .population = &population,
        .records = &records};
    const struct decomposition part = decomposition_of(atoll(argv[2]), comm.rank, comm.size);
    ENSURE(
        population_create(&population, part, &model_kesten, (const void *[]){&model}, 1, THREADS) == WS_OK);
    must(&comm, checkpoint_history_open(&history, &comm, argv[1], stderr));

    double seconds;
    if (strcmp(argv[3], "write") == 0) {
        start_population(&population);
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
