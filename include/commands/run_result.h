/** The variables and attributes of `run`'s result file: statistics, final wealth, paths, as data/README.md lists them. */
#pragma once

#include "commands/path_variables.h"
#include "commands/run_options.h"
#include "files/fields.h"
#include "files/records.h"
#include "population/population.h"

/** What a run found out. The same on all ranks, but for population and paths. */
struct run_answer {
    const struct run_options *options;
    const struct population *population;
    const struct paths *paths;     /**< as the options ask for */
    struct theory theory;          /**< of scenario 0's law */
    const struct records *records; /**< at least one of each scenario */
    int64_t coalescence; /**< period, -1 when not reached; meant only where the option asked for it */
};

enum { RUN_VARIABLES = RECORD_STATISTICS + RECORD_SIDES + 2 + MODEL_ARRAYS, RUN_ROWS = 1 + MODEL_ARRAYS };

/** They point into the answer and to each other: not to be copied. */
struct run_result {
    struct fields attributes;
    struct record_variables records;
    struct dimension household;
    char array_names[MODEL_ARRAYS][64]; /**< long ones */
    struct path_variables paths;
    double *stationary; /**< quantiles of the law by theory */
    struct variable variables[RUN_VARIABLES];
    int n_variables;
    struct rows rows[RUN_ROWS];
    int n_rows;
};

/** Bytes that the file will have, roughly (from above). Not collective. */
int64_t run_result_bytes(const struct run_options *options);

/** List what the file has. Not collective; run_result_free in any case.
 *  @param[in] is_writer  of the variables: rank 0; the others have rows alone
 *  @return WS_OK or WS_FAILED (memory) */
enum status run_result(struct run_result *result, const struct run_answer *answer, bool is_writer);
void run_result_free(struct run_result *result);
