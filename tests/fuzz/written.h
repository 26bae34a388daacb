/** A checkpoint as it was written, for the targets that change it and read it again. */
#pragma once

#include "files/checkpoint_file.h"
#include "target.h"
#include <stdbool.h>

enum { HOUSEHOLDS = 600, PERIODS = 4 };

enum { SEED = 1, PATHS = 3 };

static const struct kesten_parameters model = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1};
static const double coupled = 7; /* wealth at the start of the coupled run */
static const struct recording recording = {
    .periods = PERIODS, .every = 2, .n_quantiles = 1, .quantiles = {0.5}};

/* What tells the run from others. */
static const struct fields identity = {.n = 6,
    .of = {{.name = "households", .type = FIELD_TYPE_INT, .is_identity = true, .count = HOUSEHOLDS},
        {.name = "r", .type = FIELD_TYPE_REAL, .is_identity = true, .real = 0.1},
        {.name = "seed", .type = FIELD_TYPE_INT, .is_identity = true, .count = SEED},
        {.name = "rng", .type = FIELD_TYPE_TEXT, .is_identity = true, .text = "mlfg"},
        {.name = "paths", .type = FIELD_TYPE_INT, .is_identity = true, .count = PATHS},
        {.name = "quantiles",
            .type = FIELD_TYPE_REALS,
            .is_identity = true,
            .reals = (const double[]){0.5},
            .n_reals = 1}}};

static unsigned char *written; /* as the checkpoint was written */
static size_t n_written;

static inline struct population create_population(void)
{
    struct population population;
    ENSURE(population_create(&population, decomposition_of(HOUSEHOLDS, 0, 1), &model, 1) == WS_OK);
    ENSURE(population_keep_paths(&population, 0, PATHS, PERIODS) == WS_OK);
    ENSURE(population_add_twin(&population, coupled) == WS_OK);
    return population;
}

static inline struct checkpoint_state state_of(struct population *population, struct record *records)
{
    return (struct checkpoint_state){.identity = &identity,
        .recording = &recording,
        .family = RNG_MLFG,
        .n_paths = PATHS,
        .population = population,
        .records = records};
}

static inline void forget_records(struct checkpoint_state *state)
{
    for (int64_t i = 0; i < state->n_records; i++)
        summary_destroy(&state->records[i].summary);
}

static inline void read_file(void)
{
    FILE *file = fopen(input_path, "r");
    ENSURE(file && fseek(file, 0, SEEK_END) == 0);
    n_written = (size_t)ftell(file);
    written = malloc(n_written);
    rewind(file);
    ENSURE(written && fread(written, 1, n_written, file) == n_written);
    fclose(file);
}

/** Read the input's file. What is taken is a state that a run can go on from to its end.
 *  @param[in] may_be_read, must_be_read  what is promised of this file */
static inline void read_checkpoint(bool may_be_read, bool must_be_read)
{
    struct population population = create_population();
    struct record records[PERIODS] = {{.period = 0}};
    struct checkpoint_state state = state_of(&population, records);
    enum checkpoint_fault fault;
    const enum status status = checkpoint_read(&comm, input_path, &state, &fault);
    ENSURE(status == WS_OK ? may_be_read : !must_be_read);
    ENSURE((status == WS_FAILED) == (fault != CHECKPOINT_FINE));
    target_check_message(status);
    if (status == WS_OK) {
        int64_t n = state.n_records;
        ENSURE(population.period >= 0 && population.period <= PERIODS && population.streams);
        for (int64_t period = population.period + 1; period <= PERIODS; period++)
            n += recording_due(&recording, period);
        ENSURE(n <= recording_count(&recording));
        for (int64_t i = 0; i < HOUSEHOLDS; i++)
            ENSURE(population.wealth[i] >= 0 && population.twin[i] >= 0);
        struct timers timers;
        ENSURE(timers_create(&timers, 1) == WS_OK);
        population_advance(&population, PERIODS - population.period, &timers);
        timers_destroy(&timers);
    }
    forget_records(&state);
    population_destroy(&population);
}

/** Write it to the input's file, and keep its bytes. */
static inline void write_checkpoint(void)
{
    struct population population = create_population();
    struct timers timers;
    struct record records[PERIODS] = {{.period = 0}};
    struct checkpoint_state state = state_of(&population, records);
    ENSURE(timers_create(&timers, 1) == WS_OK);
    ENSURE(population_start(&population, RNG_MLFG, SEED) == WS_OK);
    population_begin(&population);
    ENSURE(summary_compute(comm.world, 1, population.wealth, HOUSEHOLDS, HOUSEHOLDS, recording.quantiles, 1,
               &records[state.n_records++].summary) == WS_OK);
    population_advance(&population, 1, &timers);
    ENSURE(checkpoint_write(&comm, input_path, 1, &state) == WS_OK);
    forget_records(&state);
    timers_destroy(&timers);
    population_destroy(&population);
    read_file();
}
