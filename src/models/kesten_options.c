#include "models/kesten_options.h"
#include <float.h>

static const char *precision(int i)
{
    return i == KESTEN_SINGLE ? "single" : "double";
}

#define MEMBER(name) offsetof(struct kesten_parameters, name)

// clang-format off
static const struct option_row rows[] = {
    {.group = "Model",
     .name = "w0", .argument = "W", .type = OPTION_REAL, .offset = MEMBER(w0),
     .fallback = "1", .low = 0, .high = DBL_MAX, .range = "0 or more", .resume = RESUME_SAME,
     .help = "Wealth at the start"},
    {.name = "r", .argument = "R", .type = OPTION_REAL, .offset = MEMBER(r),
     .fallback = "0.1", .low = -0x1.fffffffffffffp-1, .high = DBL_MAX, .range = "more than -1", .resume = RESUME_SAME,
     .help = "Net rate of return"},
    {.name = "s", .argument = "S", .type = OPTION_REAL, .offset = MEMBER(s),
     .fallback = "0.3", .low = 0, .high = 1, .range = "0 to 1", .resume = RESUME_SAME,
     .help = "Savings rate"},
    {.name = "v1", .argument = "V", .type = OPTION_REAL, .offset = MEMBER(v1),
     .fallback = "0.1", .low = 0, .high = DBL_MAX, .range = "0 or more", .resume = RESUME_SAME,
     .help = "Volatility of the return (standard deviation of its logarithm)"},
    {.name = "v2", .argument = "V", .type = OPTION_REAL, .offset = MEMBER(v2),
     .fallback = "1", .low = 0, .high = DBL_MAX, .range = "0 or more", .resume = RESUME_SAME,
     .help = "Volatility of labour income (standard deviation of its logarithm)"},
    {.name = "precision", .argument = "PRECISION", .type = OPTION_CHOICE, .offset = MEMBER(precision),
     .fallback = "double", .before = "double", .choice = precision, .n_choices = 2, .range = "double or single",
     .resume = RESUME_SAME,
     .help = "Of the shocks: single takes half the time, and has shocks of its own, good to 1e-6; wealth and statistics are "
             "double in both"},
};
// clang-format on

const struct option_table kesten_option_table = OPTION_TABLE(rows);
