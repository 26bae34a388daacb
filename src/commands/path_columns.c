#include "commands/path_columns.h"
#include "population/shocks.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int count(const struct model *model, bool has_shocks)
{
    return model->n_arrays - 1 + (has_shocks ? model->normals + model->uniforms : 0);
}

int64_t path_columns_bytes(const struct model *model, int64_t periods, bool has_shocks)
{
    return count(model, has_shocks) * (periods + 1) * (int64_t)sizeof(double);
}

static double state_of(const struct population *population, int array, int64_t household)
{
    const void *values = population_array(population, 0, array);
    const enum array_type type = population->model->arrays[array].type;
    return type == ARRAY_REAL ? ((const double *)values)[household]
                              : (double)model_array_integer(type, values, household);
}

static void look(void *self, const struct population *population, int scenario, int64_t block, int64_t period,
    const struct shocks *shocks)
{
    (void)scenario; /* there is one */
    const struct path_columns *columns = self;
    const int n_normals = population->model->normals;
    double room[SHOCKS_WORDS];
    const double *normals =
        shocks && columns->n > columns->n_state ? shocks_normals(population->model, shocks, room) : NULL;
    (void)block;
    for (int i = 0; i < columns->n_state; i++)
        columns->of[i].values[period] = state_of(population, 1 + i, columns->household);
    for (int i = columns->n_state; i < columns->n; i++) {
        const int shock = i - columns->n_state;
        const double *of_block = !shocks             ? NULL
                                 : shock < n_normals ? normals + shock * BLOCK_SIZE
                                                     : shocks->uniforms + (shock - n_normals) * BLOCK_SIZE;
        columns->of[i].values[period] = of_block ? of_block[columns->household] : NAN;
    }
}

static void name_columns(struct path_columns *columns, const struct model *model)
{
    static const char *const greek[] = {"zeta", "xi"};
    for (int i = 0; i < columns->n; i++) {
        struct path_column *column = &columns->of[i];
        const int shock = i - columns->n_state;
        const char *name = shock < 0                ? model->arrays[1 + i].name
                           : shock < model->normals ? greek[shock]
                                                    : "uniform";
        snprintf(column->name, sizeof column->name, "path_%s", name);
        snprintf(column->long_name, sizeof column->long_name, "%s of the household at every period",
            shock < 0                ? model->arrays[1 + i].long_name
            : shock < model->normals ? "standard normal"
                                     : "uniform number in [0, 1)");
    }
}

enum status path_columns_create(struct path_columns *columns, struct population *population,
    int64_t household, int64_t periods, bool has_shocks)
{
    const struct model *model = population->model;
    ENSURE(model->normals <= 2 && model->uniforms <= 1);
    *columns = (struct path_columns){
        .n = count(model, has_shocks), .n_state = model->n_arrays - 1, .household = household % BLOCK_SIZE};
    name_columns(columns, model);
    if (population->part.n_blocks_local == 0)
        return WS_OK;
    for (int i = 0; i < columns->n; i++) {
        columns->of[i].values = malloc((size_t)(periods + 1) * sizeof(double));
        if (!columns->of[i].values)
            return error_memory((size_t)(periods + 1) * sizeof(double), "the household's path");
    }
    population_watch(population, (struct watcher){.look = look, .self = columns});
    return WS_OK;
}

void path_columns_destroy(struct path_columns *columns)
{
    for (int i = 0; i < PATH_COLUMNS; i++)
        free(columns->of[i].values);
    columns->n = 0;
}
