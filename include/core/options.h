/** The options of all commands: one table serves command line, INI file, help, the agreement of all ranks and the
 *  attributes of the result file. README.md says what they mean to users; src/core/options.c has the table. */
#pragma once

#include "core/comm.h"
#include "core/error.h"
#include "models/household.h"
#include "random/stream.h"
#include <stdbool.h>
#include <stdint.h>

enum { OPTION_TEXT = 4096, OPTION_LIST = 1024 };

/** Which options a command takes: bits of the table's rows. */
enum {
    FOR_RUN = 1 << 0,
    FOR_PATH = 1 << 1,
    FOR_PI = 1 << 2,
    FOR_GRIDMAX = 1 << 3,
    FOR_EIGVALS = 1 << 4,
    FOR_SCALING = 1 << 5,
    FOR_VERIFY = 1 << 6,
    FOR_INFO = 1 << 7,
    FOR_ALL = 0xff
};

/** Values of all options; those that a command does not take mean nothing to it. Plain data: it is broadcast. */
struct options {
    int command;      /**< index of the command that was asked for */
    bool is_answered; /**< --help or --version was asked for and is printed: there is nothing more to do */

    int64_t households; /**< N */
    int64_t periods;    /**< T */
    struct model model;
    int64_t seed;
    int64_t rng; /**< enum rng_family */

    char initial[OPTION_TEXT]; /**< "" or where the start values come from */
    double coalescence;        /**< start of the second population, NaN for none */

    int64_t household;   /**< whose path it is */
    int64_t draws;       /**< points of pi */
    int64_t points;      /**< of a side of gridmax's grid */
    double lower, upper; /**< ends of a side, not necessarily in this order */

    int64_t matrices, order; /**< of eigvals */
    int64_t class;           /**< enum verify_class */

    int64_t measured; /**< enum scaling_work: what scaling compares */
    int64_t repeats, cores;
    bool weak;

    int64_t record_every; /**< periods between records of the cross-section, 0 for the end only */
    int64_t paths;        /**< households whose paths are kept */
    int64_t compress;     /**< deflate's level, 0 for none */
    int64_t n_quantiles;
    double quantiles[OPTION_LIST]; /**< [n_quantiles], ascending, each once */
    bool no_wealth;
    bool csv; /**< standard output has a line a period */

    bool timing;     /**< say what each rank and thread did */
    int64_t threads; /**< 0: as topology_threads chooses */
    bool quiet;
    char output[OPTION_TEXT];
    char config[OPTION_TEXT];

    char checkpoint[OPTION_TEXT];       /**< "" for none */
    char checkpoint_every[OPTION_TEXT]; /**< for parse_interval */
    char max_time[OPTION_TEXT];         /**< "" or for parse_time */
    bool resume;

    char command_line[OPTION_TEXT]; /**< as it was given, for the file's history */
};

/** A command as the command line knows it. */
struct command {
    const char *name;
    const char *summary;
    unsigned takes; /**< FOR_… bit of the options that it takes */
    /** Faults of the options that only the command can see: output folder, memory. Adds them with error_add.
     *  Collective over comm->world; options are the same on all ranks, and valid one by one, or defaults. */
    enum status (*check)(const struct options *options, const struct comm *comm);
    /** Do it. Collective over comm->world. */
    enum status (*run)(const struct options *options, const struct comm *comm);
};

/** Read command line and INI file on rank 0, and give all ranks the same options; the command's own check is part
 *  of it, so that all faults are reported at once (error_report says them). Collective over comm->world.
 *  @param[in]  commands  [n], the first is the default
 *  @return WS_OK, or WS_USAGE on all ranks; also where ranks run different builds, whose options would be garbage to each
 *          other. */
enum status options_parse(struct options *options, const struct comm *comm,
    const struct command *const *commands, int n, int argc, char **argv);

enum option_type {
    OPTION_COUNT,
    OPTION_REAL,
    OPTION_FLAG,
    OPTION_PATH,
    OPTION_TIME,
    OPTION_INTERVAL,
    OPTION_NUMBERS,
    OPTION_CHOICE
};

/** Whether a run may go on from a checkpoint that was written with another value of the option. */
enum option_resume { RESUME_FREE, RESUME_SAME, RESUME_SAME_IF_RECORDED };

/** One option's value, for writing it elsewhere. */
struct option_value {
    enum option_resume resume;
    const char *name;
    enum option_type type;
    int64_t count;    /**< of OPTION_COUNT, and 0 or 1 of OPTION_FLAG */
    double real;      /**< of OPTION_REAL */
    const char *text; /**< of OPTION_PATH, TIME, INTERVAL and CHOICE: points into options or to a constant */
    const double *numbers; /**< of OPTION_NUMBERS: [n_numbers], points into options */
    int64_t n_numbers;
};

/** Go through the options that a command takes: the i-th of them, i = 0, 1, …; @return false when there is none. */
bool options_value(const struct options *options, unsigned takes, int i, struct option_value *value);
