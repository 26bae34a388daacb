#include "models/tabulated_options.h"

_Static_assert(
    sizeof(((struct tabulated_parameters *)0)->file) == OPTION_TEXT, "--model fills a model's file");

static const struct option_row rows[] = {
    {.group = "Model",
        .name = "model",
        .argument = "FILE",
        .type = OPTION_PATH,
        .offset = offsetof(struct tabulated_parameters, file),
        .fallback = "",
        .help = "Another household: a model file (HDF5, netCDF-4) with a savings rule, a Markov chain, "
                "returns and "
                "income"},
};

const struct option_table tabulated_option_table = OPTION_TABLE(rows);
