/** The commands of wealthsim. main.c has the list of them. */
#pragma once

#include "commands/common.h"

/** What a command is: its options, the checks that only it can make of them, and what it does. The struct of its options
 *  begins with a struct common_options. */
struct command {
    struct option_command line;
    /** NULL, or read what the checks need of the user's files, into the command's struct; and free it.
     *  Collective over comm->world. @return the same on all ranks */
    enum status (*load)(struct options *options, const struct comm *comm);
    void (*release)(struct options *options);
    /** Faults that only several options together have, or this machine: memory, disk, streams. Adds them with error_add.
     *  Collective over comm->world; options are the same on all ranks. @return on each rank its own status */
    enum status (*check)(const struct options *options, const struct comm *comm);
    /** NULL, or the name of the checkpoints that it is to write, "" for none: then a signal ends it at once. */
    const char *(*checkpoint)(const struct options *options);
    /** Do it. Collective over comm->world. */
    enum status (*run)(const struct options *options, const struct comm *comm);
};

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

/** `wealthsim verify`: whether this build gives the right answers here (src/verify). */
extern const struct command command_verify;
