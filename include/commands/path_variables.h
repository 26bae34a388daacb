/** The variables that paths of households are in a result file: path_wealth over path and step, and scenario where there are
 *  several. */
#pragma once

#include "files/rows.h"
#include "files/variables.h"
#include "population/paths.h"

/** They point to each other: not to be copied. */
struct path_variables {
    struct dimension path, step;
    struct variable wealth;
};

/** @param[in] scenario  the dimension, or NULL */
void path_variables(
    struct path_variables *variables, const struct dimension *scenario, int64_t n_paths, int64_t periods);

/** This rank's paths under a scenario as rows. @param[in] first  number of the first of them among all */
struct rows path_rows(const struct paths *paths, int scenario, int64_t first);
