#include "commands/common.h"

#define MEMBER(name) offsetof(struct common_options, name)

// clang-format off
static const struct option_row process_rows[] = {
    {.group = "The run",
     .name = "threads", .letter = 't', .argument = "N", .type = OPTION_COUNT, .offset = MEMBER(threads),
     .fallback = "0", .low = 0, .high = 4096, .range = "0 to 4096",
     .help = "Threads of each rank; 0 takes OMP_NUM_THREADS, else the cores that the rank may use divided by the "
             "ranks that share them"},
    {.name = "config", .argument = "FILE", .type = OPTION_PATH, .offset = MEMBER(config), .fallback = "",
     .help = "INI file with any of these options, named as here; the command line wins"},
    {.name = "quiet", .letter = 'q', .type = OPTION_FLAG, .offset = MEMBER(quiet), .fallback = "false",
     .help = "No progress and no table, only warnings and errors"},
};

static const struct option_row output_rows[] = {
    {.group = "Results",
     .name = "output", .letter = 'o', .argument = "FILE", .type = OPTION_PATH, .offset = MEMBER(output),
     .fallback = "wealthsim.h5",
     .help = "Result file (HDF5)"},
};

static const struct option_row timing_rows[] = {
    {.group = "The run",
     .name = "timing", .type = OPTION_FLAG, .offset = MEMBER(timing), .fallback = "false",
     .help = "Add what each rank and thread did to the table: where it was, its seconds, its share of a core"},
};

static const struct option_row initial_rows[] = {
    {.group = "Model",
     .name = "initial", .argument = "FILE[:DATASET]", .type = OPTION_PATH, .fallback = "", .resume = RESUME_SAME,
     .help = "Start from a distribution instead: a one-dimensional dataset of an HDF5 file (default wealth), or a text "
             "file with one number per line; of M values, household i of N starts at value floor((2i + 1) M / (2N))"},
};
// clang-format on

const struct option_table initial_option_table = OPTION_TABLE(initial_rows);
const struct option_table process_option_table = OPTION_TABLE(process_rows);
const struct option_table output_option_table = OPTION_TABLE(output_rows);
const struct option_table timing_option_table = OPTION_TABLE(timing_rows);
