/** The variables that paths of households are in a result file: path_wealth over path and step. */
#pragma once

#include "files/rows.h"
#include "files/variables.h"
#include "population/paths.h"

/** They point to each other: not to be copied. */
struct path_variables {
    struct dimension path, step;
    struct variable wealth;
};

void path_variables(struct path_variables *variables, int64_t n_paths, int64_t periods);

/** This rank's paths as rows. @param[in] first  number of the first of them among all */
struct rows path_rows(const struct paths *paths, int64_t first);
