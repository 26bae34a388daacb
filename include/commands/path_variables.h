/** The variables that paths of households are in a result file: path_wealth over path and step. */
#pragma once

#include "files/rows.h"
#include "files/variables.h"
#include "population/paths.h"

/** They point to each other: not to be copied. */
struct path_variables {
    int64_t *steps;
    struct dimension path, step;
    struct variable wealth;
};

/** List them; path_variables_free in any case. @return WS_OK or WS_FAILED (memory) */
enum status path_variables(struct path_variables *variables, int64_t n_paths, int64_t periods);
void path_variables_free(struct path_variables *variables);

/** This rank's paths as rows. @param[in] first  number of the first of them among all */
struct rows path_rows(const struct paths *paths, int64_t first);
