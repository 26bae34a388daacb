#include "files/paths.h"
#include "files/h5.h"
#include <stdlib.h>

enum status paths_lay_out(hid_t file, int64_t n_paths, int64_t periods)
{
    const int64_t n = periods + 1;
    int64_t *steps = malloc((size_t)n * sizeof *steps);
    if (!steps)
        return error_memory((size_t)n * sizeof *steps, "the paths' steps");
    for (int64_t i = 0; i < n; i++)
        steps[i] = i;
    const struct h5_dimension dimensions[] = {h5_create_dimension(file, "path", n_paths),
        h5_create_coordinate(file, "step", n, H5T_NATIVE_INT64, steps, "period of the path", "1")};
    free(steps);
    h5_write_variable(file, "path_wealth", H5T_NATIVE_DOUBLE, dimensions, 2, NULL,
        "wealth of some households at every period", "1");
    H5(H5Dclose(dimensions[0].scale));
    H5(H5Dclose(dimensions[1].scale));
    return WS_OK;
}

struct rows paths_rows(const struct population *population, int64_t first)
{
    return (struct rows){
        .name = "path_wealth", .first = first, .n = population->n_paths_local, .data = population->path};
}
