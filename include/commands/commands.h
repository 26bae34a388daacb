/** The commands of wealthsim. main.c has the list of them. */
#pragma once

#include "runtime/options.h"

/** `wealthsim run`: simulate the population, write the result file, print the table. */
extern const struct command command_run;
