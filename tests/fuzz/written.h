/** A checkpoint as it was written, for the targets that change it and read it again. */
#pragma once

#include "files/checkpoint_file.h"
#include "models/kesten.h"
#include "target.h"
#include <stdbool.h>

enum { HOUSEHOLDS = 600, PERIODS = 4 };

enum { SEED = 1, PATHS = 3 };

static const struct kesten_parameters model = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1};
static const struct kesten_parameters coupled = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 7};
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

/** A run, with a coupled one. */
struct run {
    struct population population;
    struct paths paths;
    struct coalescence coalescence;
    struct records records;
    struct checkpoint_state state;
};

static inline void create_run(struct run *run)
{
    *run = (struct run){.records = {.n = 0}};
    ENSURE(records_create(&run->records, &model_kesten, &recording, 1, HOUSEHOLDS) == WS_OK);
    ENSURE(population_create(&run->population, decomposition_of(HOUSEHOLDS, 0, 1), &model_kesten,
               (const void *[]){&model, &coupled}, 2, 1) == WS_OK);
    ENSURE(paths_create(&run->paths, &run->population, 1, 0, PATHS, PERIODS) == WS_OK);
    ENSURE(coalescence_create(&run->coalescence, &run->population) == WS_OK);
    run->state = (struct checkpoint_state){.identity = &identity,
        .recording = &recording,
        .family = RNG_MLFG,
        .n_paths = PATHS,
        .population = &run->population,
        .paths = &run->paths,
        .coalescence = &run->coalescence,
        .records = &run->records};
}

static inline void destroy_run(struct run *run)
{
    records_destroy(&run->records);
    population_destroy(&run->population);
    paths_destroy(&run->paths);
    coalescence_destroy(&run->coalescence);
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
    struct run run;
    create_run(&run);
    struct population *population = &run.population;
    enum checkpoint_fault fault;
    const enum status status = checkpoint_read(&comm, input_path, &run.state, &fault);
    ENSURE(status == WS_OK ? may_be_read : !must_be_read);
    ENSURE((status == WS_FAILED) == (fault != CHECKPOINT_FINE));
    target_check_message(status);
    if (status == WS_OK) {
        int64_t n = run.records.n;
        ENSURE(population->period >= 0 && population->period <= PERIODS && population->streams);
        for (int64_t period = population->period + 1; period <= PERIODS; period++)
            n += recording_due(&recording, period);
        ENSURE(n <= recording_count(&recording));
        for (int64_t i = 0; i < HOUSEHOLDS; i++)
            ENSURE(population_wealth(population, 0)[i] >= 0 && population_wealth(population, 1)[i] >= 0);
        struct timers timers;
        ENSURE(timers_create(&timers, 1) == WS_OK);
        population_advance(population, PERIODS - population->period, &timers);
        timers_destroy(&timers);
    }
    destroy_run(&run);
}

/** Write it to the input's file, and keep its bytes. */
static inline void write_checkpoint(void)
{
    struct run run;
    struct timers timers;
    create_run(&run);
    ENSURE(timers_create(&timers, 1) == WS_OK);
    ENSURE(population_start(&run.population, RNG_MLFG, SEED) == WS_OK);
    population_begin(&run.population);
    struct record_parts parts;
    ENSURE(record_parts_create(&parts, run.population.model, &recording, 1) == WS_OK);
    ENSURE(record_take(comm.world, &run.population, 0, &recording, &parts,
               records_prepare(&run.records, 0, run.records.n++)) == WS_OK);
    record_parts_destroy(&parts);
    population_advance(&run.population, 1, &timers);
    ENSURE(checkpoint_write(&comm, input_path, 1, &run.state) == WS_OK);
    timers_destroy(&timers);
    destroy_run(&run);
    read_file();
}
