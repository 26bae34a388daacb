/** What a result file of several scenarios says of each: the columns of their table as coordinates, what theory says, when
 *  coupled runs agreed, hashes. Over the dimension scenario. */
#pragma once

#include "commands/scenarios.h"
#include "files/variables.h"
#include "models/model.h"

enum {
    SCENARIO_THEORY = 5, /**< mean, variance, tail index, memory, Gini coefficient */
    SCENARIO_VARIABLES = SCENARIO_COLUMNS + SCENARIO_THEORY + 4,
    SCENARIO_COORDINATES = 256
};

/** What there is to be said. Owned by the caller; where a member is NULL, so is its variable. */
struct scenario_answers {
    const struct scenarios *scenarios;
    const char *coordinates;           /**< as scenario_coordinates has them */
    const struct dimension *dimension; /**< scenario */
    const struct dimension *probability;
    const struct theory *theories; /**< [n] or NULL for a model without */
    const double *ginis;           /**< [n] of the stationary laws */
    const double *quantiles;       /**< [n][probability] of the stationary laws */
    const int64_t *coalescence;    /**< [n] periods */
    const uint64_t *hashes;        /**< [n] */
};

/** They point into the answers and to each other: not to be copied. */
struct scenario_variables {
    double *theory;         /**< [SCENARIO_THEORY][n] */
    char *hashes, *digests; /**< [n][16] hexadecimal digits, without an end */
    struct variable of[SCENARIO_VARIABLES];
    int n_of;
};

/** The names of the columns, blanks between. @param[out] text  [SCENARIO_COORDINATES] */
void scenario_coordinates(const struct scenarios *scenarios, char *text);

/** List them. Not collective; scenario_variables_free in any case. @return WS_OK or WS_FAILED (memory) */
enum status scenario_variables(struct scenario_variables *variables, const struct scenario_answers *answers);
void scenario_variables_free(struct scenario_variables *variables);
