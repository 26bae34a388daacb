/** What the options of every command begin with. */
#pragma once

#include "core/options.h"

/** The first member of every command's struct of options. */
struct common_options {
    int64_t threads; /**< of each rank; 0: as topology_threads chooses */
    bool quiet;
    bool timing;              /**< say what each rank and thread did */
    char config[OPTION_TEXT]; /**< the INI file, or "" */
    char output[OPTION_TEXT]; /**< the result file; "" for commands without */
};

/** Of every command: --threads, --config, --quiet. */
extern const struct option_table process_option_table;
/** Of those that write a result: --output, --timing. */
extern const struct option_table output_option_table, timing_option_table;

/** --initial, a char [OPTION_TEXT]: start values, of `run` and `path`. */
extern const struct option_table initial_option_table;
