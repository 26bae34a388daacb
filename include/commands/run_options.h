/** The options of `run`. */
#pragma once

#include "commands/average_options.h"
#include "commands/common.h"
#include "commands/scenarios.h"
#include "models/models.h"
#include "random/stream_options.h"
#include "simulation/mobility_records.h"
#include "simulation/recording.h"

struct run_options {
    struct common_options common;
    struct stream_options streams;
    struct models_parameters models;
    int64_t households;         /**< N */
    int64_t periods;            /**< T */
    struct recording recording; /**< up to T, or to --max-periods: set by the command's load */
    struct average_options averages;
    char initial[OPTION_TEXT];   /**< "" or where the start values come from */
    char scenarios[OPTION_TEXT]; /**< "" or the table of scenarios */
    /** All scenarios, read by the command's load, on every rank; models and initial are then those of the first. Owned. */
    struct scenarios *scenarios_loaded;
    int threads;        /**< of this rank, as topology_threads chooses: set by the command's load */
    double coalescence; /**< start of the coupled run, NaN for none */

    char outcomes[OPTION_TEXT]; /**< what records are of besides wealth (commands/outcomes.h) */
    int64_t paths;              /**< households whose paths are kept */
    int64_t compress;           /**< deflate's level, 0 for none */
    struct mobility_plan mobility;
    bool no_wealth, no_theory;

    char checkpoint[OPTION_TEXT]; /**< "" for none */
    struct option_interval checkpoint_every;
    struct option_time max_time;
    bool resume;
};

/** Where they come from; for option_command. */
extern const struct option_part run_option_parts[];
