#include "models/tabulated_tables.h"
#include <stdlib.h>
#include <string.h>

enum {
    LINE = 64,          /* of the cache: a row of a table lies in one */
    CELLS_LEAST = 4096, /* a guide of so many cells is always allowed, */
    CELLS_EACH = 8      /* and so many for each thing that is looked up */
};

static const double log2_e = 0x1.71547652b82fep0;

void *tabulated_take(size_t n, size_t bytes)
{
    const size_t size = (n * bytes / LINE + 1) * LINE;
    void *memory = aligned_alloc(LINE, size);
    if (memory)
        memset(memory, 0, size);
    else
        error_memory(size, "the model file's tables");
    return memory;
}

/* ---- guides --------------------------------------------------------------------------------------------------------- */

int64_t tabulated_cells_most(int64_t n)
{
    return n * CELLS_EACH > CELLS_LEAST ? n * CELLS_EACH : CELLS_LEAST;
}

/* ---- what a state has ----------------------------------------------------------------------------------------------- */

/* Each parameter's variable, what it is without it, and by what it is multiplied. */
static const struct {
    enum tabulated_variable variable;
    double fallback;
    bool is_exponent;
} parameters[TABULATED_PARAMETERS] = {[P_RETURN] = {RETURN_CONSTANT, 0, false},
    [P_RISKY] = {RISKY_CONSTANT, 0, false},
    [P_RETURN_MEAN] = {RETURN_LOG_MEAN, 0, true},
    [P_RETURN_SD] = {RETURN_LOG_SD, 0, true},
    [P_INCOME] = {INCOME_CONSTANT, 0, false},
    [P_INCOME_MEAN] = {INCOME_LOG_MEAN, 0, true},
    [P_INCOME_SD] = {INCOME_LOG_SD, 0, true},
    [P_GROWTH] = {LEVEL_GROWTH, 1, false},
    [P_LOADING] = {LEVEL_LOADING, 0, true}};

static double parameter_of(
    const struct tabulated_data *data, int64_t aggregate, enum tabulated_parameter parameter, int64_t state)
{
    const double *values = tabulated_values(data, parameters[parameter].variable, aggregate);
    double value = values ? values[state] : parameters[parameter].fallback;
    if (parameter == P_RETURN && !data->values[POLICY_SHARE])
        value += parameter_of(data, aggregate, P_RISKY, state);
    return parameters[parameter].is_exponent ? value * log2_e : value + 0.0; /* no -0 */
}

static enum status create_parameters(
    struct tabulated_tables *tables, const struct tabulated_data *data, int64_t aggregate)
{
    const int64_t n_states = data->length[TABULATED_STATE];
    for (int j = 0; j < TABULATED_PARAMETERS; j++) {
        const enum tabulated_parameter parameter = (enum tabulated_parameter)j;
        const double first = parameter_of(data, aggregate, parameter, 0);
        bool is_constant = true;
        for (int64_t state = 1; state < n_states; state++)
            is_constant = is_constant && parameter_of(data, aggregate, parameter, state) == first;
        if (!is_constant) {
            tables->varying[tables->n_varying++] = parameter;
            continue;
        }
        tables->constant[j] = tabulated_take(TABULATED_LANES, sizeof(double));
        if (!tables->constant[j])
            return WS_FAILED;
        for (int i = 0; i < TABULATED_LANES; i++)
            tables->constant[j][i] = first;
    }
    tables->of_state = tabulated_take((size_t)(n_states * tables->n_varying), sizeof *tables->of_state);
    if (!tables->of_state)
        return WS_FAILED;
    for (int64_t state = 0; state < n_states; state++)
        for (int j = 0; j < tables->n_varying; j++)
            tables->of_state[state * tables->n_varying + j] =
                parameter_of(data, aggregate, tables->varying[j], state);
    return WS_OK;
}

static enum status create_newborns(
    struct tabulated_tables *tables, const struct tabulated_data *data, int64_t aggregate)
{
    const double *newborn = tabulated_values(data, NEWBORN, aggregate);
    const int64_t n_states = data->length[TABULATED_STATE];
    if (!newborn)
        return WS_OK;
    tables->newborn = tabulated_take((size_t)n_states, sizeof *tables->newborn);
    for (int64_t state = 0; tables->newborn && state < n_states; state++)
        tables->newborn[state] = newborn[state] != 0;
    return tables->newborn ? WS_OK : WS_FAILED;
}

/* ---- all of them ---------------------------------------------------------------------------------------------------- */

enum status tabulated_tables_create(
    struct tabulated_tables *tables, const struct tabulated_data *data, int64_t aggregate)
{
    double *const *values = data->values;
    *tables = (struct tabulated_tables){.has_return_shock = values[RETURN_LOG_MEAN] || values[RETURN_LOG_SD],
        .has_income_shock = values[INCOME_LOG_MEAN] || values[INCOME_LOG_SD],
        .has_level = values[LEVEL_GROWTH] || values[LEVEL_LOADING],
        .has_level_shock = values[LEVEL_LOADING],
        .lower_bound = data->lower_bound,
        .upper_bound = data->upper_bound};
    enum status status = create_newborns(tables, data, aggregate);
    if (status == WS_OK)
        status = tabulated_rule_create(tables, data, aggregate);
    if (status == WS_OK)
        status = tabulated_chain_create(tables, data, aggregate);
    return status == WS_OK ? create_parameters(tables, data, aggregate) : status;
}

void tabulated_tables_free(struct tabulated_tables *tables)
{
    free(tables->pieces);
    free(tables->shares);
    for (int i = 0; i < TABULATED_OUTCOMES; i++)
        free(tables->outcomes[i]);
    free(tables->pieces_guide.first);
    free(tables->guide_of_state);
    free(tables->lowest);
    free(tables->highest);
    free(tables->cumulated);
    free(tables->before);
    free(tables->to);
    free(tables->entries_guide.first);
    free(tables->of_state);
    free(tables->newborn);
    for (int j = 0; j < TABULATED_PARAMETERS; j++)
        free(tables->constant[j]);
    *tables = (struct tabulated_tables){.pieces = NULL};
}
