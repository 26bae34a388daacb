#include "commands/path_variables.h"
#include <stdlib.h>

enum status path_variables(struct path_variables *variables, int64_t n_paths, int64_t periods)
{
    const int64_t n = periods + 1;
    int64_t *steps = malloc((size_t)n * sizeof *steps);
    *variables = (struct path_variables){.steps = steps};
    if (!steps)
        return error_memory((size_t)n * sizeof *steps, "the paths' steps");
    for (int64_t i = 0; i < n; i++)
        steps[i] = i;
    variables->path = (struct dimension){.name = "path", .length = n_paths};
    variables->step = (struct dimension){
        .name = "step", .length = n, .type = NUMBER_INT, .values = steps, .long_name = "period of the path"};
    variables->wealth = (struct variable){.name = "path_wealth",
        .long_name = "wealth of some households at every period",
        .over = {&variables->path, &variables->step}};
    return WS_OK;
}

void path_variables_free(struct path_variables *variables)
{
    free(variables->steps);
    variables->steps = NULL;
}

struct rows path_rows(const struct paths *paths, int64_t first)
{
    return (struct rows){.name = "path_wealth", .first = first, .n = paths->n_local, .data = paths->wealth};
}
