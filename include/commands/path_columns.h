/** What `path` keeps of its household besides wealth, at every period: the rest of its state and, if asked for, the numbers
 *  that it drew. On the rank that has the household; elsewhere there are no values. */
#pragma once

#include "files/variables.h"
#include "population/population.h"

enum { PATH_COLUMNS = MODEL_ARRAYS - 1 + MODEL_NUMBERS };

struct path_column {
    char name[32]; /**< in the file: "path_state" */
    char long_name[64];
    double *values; /**< [steps]; NaN for what there is not at period 0 */
};

struct path_columns {
    int n, n_state; /**< columns; those of the state, which come first */
    struct path_column of[PATH_COLUMNS];
    int64_t household; /**< within its block */
};

/** Make room, and watch the population, whose only block has the household. Not collective; columns stay where they are.
 *  @return WS_OK, or WS_FAILED (memory); path_columns_destroy in both cases */
enum status path_columns_create(struct path_columns *columns, struct population *population,
    int64_t household, int64_t periods, bool has_shocks);
void path_columns_destroy(struct path_columns *columns);

/** Bytes that they will take for a model. */
int64_t path_columns_bytes(const struct model *model, int64_t periods, bool has_shocks);
