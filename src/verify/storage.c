#include "files/checkpoint_history.h"
#include "files/initial.h"
#include "files/result_file.h"
#include "verify/checks.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void verification_name_file(const struct comm *comm, const char *suffix, char *name)
{
    if (comm->rank == 0)
        snprintf(
            name, VERIFICATION_NAME, "wealthsim-verify-%s-%ld%s", comm->host_name, (long)getpid(), suffix);
    MPI_CHECK(MPI_Bcast(name, VERIFICATION_NAME, MPI_CHAR, 0, comm->world));
}

/* Change a bit in the middle of a file. */
static void damage(const char *path, int64_t place)
{
    const int file = open(path, O_RDWR);
    unsigned char byte = 0;
    const bool done = file >= 0 && pread(file, &byte, 1, (off_t)place) == 1 && (byte ^= 0x10, true) &&
                      pwrite(file, &byte, 1, (off_t)place) == 1;
    if (file >= 0)
        close(file);
    ENSURE(done);
}

static enum status write_result(struct verification *verification, const char *path)
{
    const struct population *population = &verification->population;
    const struct fields attributes = {.n = 0};
    const struct dimension household = {.name = "household", .length = population->part.n_global};
    const struct variable wealth = {.name = "wealth", .long_name = "wealth", .over = {&household}};
    const struct rows rows = {.name = "wealth",
        .first = population->part.first_household,
        .n = population->part.n_local,
        .data = population_wealth(population, 0)};
    return result_file_write(verification->comm, &(struct result_file){.path = path,
                                                     .command = "verify",
                                                     .title = "Wealth of a population of households",
                                                     .history = "verify",
                                                     .hash = verification->size.hash,
                                                     .attributes = &attributes,
                                                     .variables = &wealth,
                                                     .n_variables = 1,
                                                     .rows = &rows,
                                                     .n_rows = 1,
                                                     .rate_name = "household_periods_per_second",
                                                     .timers = &verification->timers,
                                                     .start = timers_now()});
}

/* This rank's households, read back as start values are. Collective. */
static bool reads_as_written(const struct comm *comm, const char *path, const struct population *population)
{
    const struct decomposition *part = &population->part;
    const size_t bytes = (size_t)part->n_local * sizeof(double);
    double *wealth = malloc(bytes > 0 ? bytes : 1);
    enum status status =
        error_agree(comm->world, wealth ? WS_OK : error_memory(bytes, "households read back"));
    if (status == WS_OK)
        status = initial_read(comm, path, initial_range_positive,
            (struct initial_households){part->n_global, part->first_household, part->n_local}, wealth);
    const bool same = status == WS_OK && memcmp(wealth, population_wealth(population, 0), bytes) == 0;
    free(wealth);
    return same;
}

/* A result in the current folder, written by all ranks, read by each. Broken: a bit of the file is changed. */
bool check_result_file(struct verification *verification)
{
    const struct comm *comm = verification->comm;
    char path[VERIFICATION_NAME];
    verification_name_file(comm, ".h5", path);
    const enum status status = write_result(verification, path);
    if (status == WS_OK && comm->rank == 0 && verification_breaks(verification, "result file"))
        damage(path, rows_place(path, "wealth"));
    MPI_CHECK(MPI_Barrier(comm->world));
    const bool same = status == WS_OK && reads_as_written(comm, path, &verification->population);
    MPI_CHECK(MPI_Barrier(comm->world));
    if (comm->rank == 0)
        unlink(path);
    snprintf(verification->said, sizeof verification->said,
        "%.3g MB in the current folder, written by all ranks and read back by each",
        8e-6 * (double)verification->size.households);
    return same;
}

/* The state of a run that has come to where a population is, without records so far. */
static struct checkpoint_state state_of(
    const struct fields *identity, struct population *population, struct records *records)
{
    return (struct checkpoint_state){.identity = identity,
        .recording = records->recording,
        .family = RNG_MLFG,
        .population = population,
        .records = records};
}

/* A population that goes on from the checkpoint, and whether it is the one that was saved, a period later too. */
static bool resumes(struct verification *verification, struct checkpoint_history *history,
    const struct checkpoint_state *of_saved)
{
    const struct comm *comm = verification->comm;
    struct population *saved = &verification->population, resumed;
    struct checkpoint_state state = state_of(of_saved->identity, &resumed, of_saved->records);
    bool is_found = false;
    enum status status =
        error_agree(comm->world, population_create(&resumed, saved->part, saved->model,
                                     (const void *[]){&verification_model}, 1, verification->threads));
    if (status == WS_OK)
        status = checkpoint_history_resume(history, comm, &state, &is_found);
    const bool is_there = status == WS_OK && is_found;
    bool same = is_there && resumed.period == saved->period &&
                memcmp(population_wealth(&resumed, 0), population_wealth(saved, 0),
                    (size_t)saved->part.n_local * sizeof(double)) == 0;
    if (is_there) {
        population_advance(&resumed, 1, &verification->timers);
        population_advance(saved, 1, &verification->timers);
        same = population_hash(comm->world, &resumed, 0) == population_hash(comm->world, saved, 0) && same;
    }
    population_destroy(&resumed);
    return same;
}

/* A checkpoint in the current folder, and a run that goes on from it. Broken: a bit of the file is changed. */
bool check_checkpoint(struct verification *verification)
{
    const struct comm *comm = verification->comm;
    const struct recording recording = {.periods = verification->population.period};
    const struct fields identity = {.n = 0};
    struct records none;
    struct checkpoint_history history = {.is_locked = false};
    char path[VERIFICATION_NAME], file[VERIFICATION_NAME + 32];
    verification_name_file(comm, ".ck", path);
    snprintf(file, sizeof file, "%s.1", path);
    enum status status = records_create(
        &none, verification->population.model, &recording, 1, verification->population.part.n_global);
    const struct checkpoint_state state = state_of(&identity, &verification->population, &none);
    status = error_agree(comm->world, status);
    if (status == WS_OK)
        status = checkpoint_history_open(&history, comm, path, NULL);
    if (status == WS_OK)
        status = checkpoint_history_write(&history, comm, &state);
    if (status == WS_OK && comm->rank == 0 && verification_breaks(verification, "checkpoint"))
        damage(file, 8 * verification->size.households);
    MPI_CHECK(MPI_Barrier(comm->world));
    const bool same = status == WS_OK && resumes(verification, &history, &state);
    checkpoint_history_close(&history, comm);
    records_destroy(&none);
    if (comm->rank == 0)
        unlink(file);
    error_report(comm->world);
    snprintf(verification->said, sizeof verification->said,
        "written, read back, and gone on from for a period: %s", same ? "the same bytes" : "not the same");
    return same;
}
