#include "commands/path_variables.h"

void path_variables(
    struct path_variables *variables, const struct dimension *scenario, int64_t n_paths, int64_t periods)
{
    *variables = (struct path_variables){.path = {.name = "path", .length = n_paths},
        .step = {
            .name = "step", .length = periods + 1, .is_counted = true, .long_name = "period of the path"}};
    variables->wealth =
        (struct variable){.name = "path_wealth", .long_name = "wealth of some households at every period"};
    const struct dimension **over = variables->wealth.over;
    if (scenario)
        *over++ = scenario;
    over[0] = &variables->path;
    over[1] = &variables->step;
}

struct rows path_rows(const struct paths *paths, int scenario, int64_t first)
{
    return (struct rows){.name = "path_wealth",
        .has_planes = paths->n_scenarios > 1,
        .plane = scenario,
        .first = first,
        .n = paths->n_local,
        .data = paths->wealth + scenario * paths->n_local * paths->steps};
}
