/** The variables and attributes of `run`'s result file: statistics, final wealth, paths, as data/README.md lists them. */
#pragma once

#include "commands/path_variables.h"
#include "commands/run_options.h"
#include "commands/scenario_variables.h"
#include "commands/stationary_laws.h"
#include "files/average_variables.h"
#include "files/fields.h"
#include "files/mobility_variables.h"
#include "files/records.h"
#include "population/population.h"

/** What a run found out. The same on all ranks, but for population, paths and laws. */
struct run_answer {
    const struct run_options *options;
    const struct scenarios *scenarios;
    const struct population *population;
    const struct paths *paths;     /**< as the options ask for */
    const struct theory *theories; /**< [scenarios->n] of their laws */
    const struct stationary_laws *laws;
    const struct records *records; /**< at least one of each scenario */
    const struct mobility_records *mobility;
    const struct averages *averages;
    const struct precision *precision; /**< NULL without --until-error */
    const int64_t *coalescence; /**< [scenarios->n] periods, -1 when not reached; NULL without coupled runs */
    const uint64_t *hashes;     /**< [scenarios->n] */
    uint64_t hash;              /**< of all */
};

enum {
    RUN_VARIABLES =
        RECORD_VARIABLES + AVERAGE_VARIABLES + 2 + MOBILITY_VARIABLES + MODEL_ARRAYS + SCENARIO_VARIABLES,
    RUN_NAMES = SCENARIO_COLUMNS + 13
};

/** They point into the answer and to each other: not to be copied. */
struct run_result {
    struct fields attributes;
    const char *meaningless[RUN_NAMES]; /**< options that no attribute is to tell of, then NULL */
    struct record_variables records;
    struct average_variables averages;
    struct lacking_comments comments; /**< of what theory leaves out */
    struct scenario_variables scenarios;
    char coordinates[SCENARIO_COORDINATES];
    struct dimension household;
    char array_names[MODEL_ARRAYS][64]; /**< long ones */
    struct path_variables paths;
    struct mobility_variables mobility;
    struct variable variables[RUN_VARIABLES];
    int n_variables;
    struct rows *rows; /**< [n_rows] */
    int n_rows;
};

/** Bytes that the file of so many scenarios will have, roughly (from above). Not collective. */
int64_t run_result_bytes(const struct run_options *options, int n_scenarios);

/** List what the file has. Not collective; run_result_free in any case.
 *  @param[in] is_writer  of the variables: rank 0; the others have rows alone
 *  @return WS_OK or WS_FAILED (memory) */
enum status run_result(struct run_result *result, const struct run_answer *answer, bool is_writer);
void run_result_free(struct run_result *result);
