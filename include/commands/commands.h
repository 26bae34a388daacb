/** The commands of wealthsim. main.c has the list of them. */
#pragma once

#include "core/options.h"

/** `wealthsim run`: simulate the population, write the result file, print the table. */
extern const struct command command_run;

/** `wealthsim path`: one household's wealth over time, the one that it has in a run with the same seed. */
extern const struct command command_path;

/** `wealthsim pi`: π by Monte Carlo. */
extern const struct command command_pi;

/** `wealthsim gridmax`: the largest value of a function on a grid. */
extern const struct command command_gridmax;

/** `wealthsim eigvals`: eigenvalues of random matrices. */
extern const struct command command_eigvals;

/** `wealthsim scaling`: one computation on several layouts, timed. */
extern const struct command command_scaling;

/** `wealthsim info`: who sits on which core, what this build is. */
extern const struct command command_info;

/** `wealthsim verify`: whether this build gives the right answers here. */
extern const struct command command_verify;
