#include "commands/run_options.h"
#include "population/size_options.h"
#include "statistics/sample_sort.h"
#include <float.h>
#include <limits.h>

_Static_assert((int)RECORDING_QUANTILES == (int)OPTION_LIST, "--quantiles fills a recording's");

#define MEMBER(name) offsetof(struct run_options, name)

// clang-format off
static const struct option_row model_rows[] = {
    {.group = "Model",
     .name = "scenarios", .argument = "FILE", .type = OPTION_PATH, .offset = MEMBER(scenarios), .fallback = "",
     .help = "A table of scenarios, which all run on the same shocks: text, or HDF5 (netCDF-4) of columns; a row is a "
             "scenario, a column one of the options above, - leaves it as it is"},
    {.name = "coalescence", .argument = "W", .type = OPTION_REAL, .offset = MEMBER(coalescence),
     .fallback = "", .low = 0, .high = DBL_MAX, .range = "0 or more", .resume = RESUME_SAME,
     .help = "Run a second population from wealth W on the same shocks, and report the first period at which all "
             "households agree with it to the last bit"},
};

static const struct option_row result_rows[] = {
    {.group = "Results",
     .name = "quantiles", .argument = "P,P,...", .type = OPTION_NUMBERS, .offset = MEMBER(recording.quantiles),
     .offset_n = MEMBER(recording.n_quantiles), .fallback = "0.01,0.05,0.1,0.25,0.5,0.75,0.9,0.95,0.99",
     .low = 0, .high = 1, .range = "each 0 to 1", .resume = RESUME_SAME_IF_RECORDED,
     .help = "Probabilities of the quantiles"},
    {.name = "error-groups", .argument = "G", .type = OPTION_COUNT, .offset = MEMBER(recording.n_subpopulations),
     .fallback = "32", .low = 0, .high = SAMPLE_SORT_LABELS, .range = "0, or 2 to 256", .resume = RESUME_SAME_IF_RECORDED,
     .help = "Standard errors of all statistics, from G independent parts of the population; 0: none. Fewer where the "
             "population has less than 2 G blocks of 256 households"},
    {.name = "record-every", .argument = "K", .type = OPTION_COUNT, .offset = MEMBER(recording.every),
     .fallback = "0", .low = 0, .high = INT_MAX, .range = "0 to 2147483647", .resume = RESUME_SAME,
     .help = "Record the cross-section at periods 0, K, 2K, ... and T; 0 at T only"},
    {.name = "outcomes", .argument = "NAME,NAME,...", .type = OPTION_NAMES, .offset = MEMBER(outcomes),
     .fallback = "", .resume = RESUME_SAME,
     .help = "What statistics are of besides wealth: income, savings; of a model file its outcome_NAMEs, level, "
             "wealth_in_levels; all or none. Default: none, of a model file all"},
    {.name = "mobility", .argument = "K", .type = OPTION_COUNT, .offset = MEMBER(mobility.lag),
     .fallback = "0", .low = 0, .high = INT_MAX, .range = "0 to 2147483647", .resume = RESUME_SAME,
     .help = "Who moves where in K periods: between groups of households by wealth, with correlations, at each record "
             "whose period is a multiple of K; 0 for none"},
    {.name = "mobility-groups", .argument = "P,P,...", .type = OPTION_NUMBERS, .offset = MEMBER(mobility.bounds),
     .offset_n = MEMBER(mobility.n_bounds), .fallback = "0.2,0.4,0.6,0.8,0.9,0.99",
     .low = 0x1p-53, .high = 1 - 0x1p-53, .range = "each above 0 and below 1", .resume = RESUME_SAME,
     .help = "Probabilities that divide the groups"},
    {.name = "paths", .argument = "M", .type = OPTION_COUNT, .offset = MEMBER(paths),
     .fallback = "0", .low = 0, .high = 0x1p38, .range = "0 to the number of households", .resume = RESUME_SAME,
     .help = "Keep the paths of the first M households"},
    {.name = "compress", .argument = "LEVEL", .type = OPTION_COUNT, .offset = MEMBER(compress),
     .fallback = "0", .low = 0, .high = 9, .range = "0 to 9",
     .help = "Compress the households' wealth (deflate)"},
    {.name = "no-wealth", .type = OPTION_FLAG, .offset = MEMBER(no_wealth), .fallback = "false",
     .help = "Leave the final wealth of every household out of the file"},
    {.name = "no-theory", .type = OPTION_FLAG, .offset = MEMBER(no_theory), .fallback = "false",
     .help = "Leave the quantiles and the Gini coefficient of the stationary law out: they take 0.02 s a scenario, some 3 s"},
};

static const struct option_row checkpoint_rows[] = {
    {.group = "Checkpoints",
     .name = "checkpoint", .argument = "FILE", .type = OPTION_PATH, .offset = MEMBER(checkpoint), .fallback = "",
     .help = "Write checkpoints FILE.1, FILE.2, ..., of which the newest two are kept; also on SIGUSR1, and before "
             "stopping on SIGUSR2, SIGTERM, SIGINT, SIGHUP or SIGXCPU"},
    {.name = "checkpoint-every", .argument = "TIME", .type = OPTION_INTERVAL, .offset = MEMBER(checkpoint_every),
     .fallback = "900", .range = "a time as for --max-time, or periods like 100p",
     .help = "Time between checkpoints"},
    {.name = "resume", .type = OPTION_FLAG, .offset = MEMBER(resume), .fallback = "false",
     .help = "Go on from the newest checkpoint that is whole; start afresh if there is none"},
    {.name = "max-time", .argument = "TIME", .type = OPTION_TIME, .offset = MEMBER(max_time), .fallback = "",
     .help = "Stop in time, with a checkpoint, for the run to end within TIME: seconds, or as Slurm writes it M:SS, H:MM:SS, "
             "D-H, D-H:MM, D-H:MM:SS, UNLIMITED. (A number alone is seconds here, minutes for Slurm.)"},
};
// clang-format on

static const struct option_table model_table = OPTION_TABLE(model_rows),
                                 result_table = OPTION_TABLE(result_rows),
                                 checkpoint_table = OPTION_TABLE(checkpoint_rows);

#define PART(name) {&name##_option_table, MEMBER(models.name)},
// clang-format off
const struct option_part run_option_parts[] = {
    {&households_option_table, MEMBER(households)},
    {&periods_option_table, MEMBER(periods)},
    MODELS_EACH(PART)
    {&initial_option_table, MEMBER(initial)},
    {&model_table, 0},
    {&stream_option_table, MEMBER(streams)},
    {&output_option_table, 0},
    {&result_table, 0},
    {&average_option_table, MEMBER(averages)},
    {&checkpoint_table, 0},
    {&process_option_table, 0},
    {&timing_option_table, 0},
    {NULL, 0},
};
// clang-format on
