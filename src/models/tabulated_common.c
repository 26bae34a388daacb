#include "models/tabulated_common.h"
#include "models/tabulated_groups.h"
#include "models/tabulated_theory.h"
#include <math.h>
#include <stdlib.h>

/* ---- beginning and end ---------------------------------------------------------------------------------------------- */

static void destroy(struct tabulated_common *common)
{
    for (int64_t i = 0; common->tables && i < common->n_aggregates; i++)
        tabulated_tables_free(&common->tables[i]);
    free(common->tables);
    free(common->cumulated);
    free(common->group);
    free(common);
}

static enum status cumulate(struct tabulated_common *common, const struct tabulated_data *data)
{
    const double *weight = data->values[INITIAL_WEIGHT];
    const int64_t n = data->length[TABULATED_SAMPLE];
    double sum = 0;
    if (!weight)
        return WS_OK;
    common->cumulated = tabulated_take((size_t)n, sizeof *common->cumulated);
    for (int64_t i = 0; common->cumulated && i < n; i++)
        common->cumulated[i] = sum += weight[i];
    return common->cumulated ? WS_OK : WS_FAILED;
}

static struct tabulated_common *create(const struct tabulated_data *data)
{
    struct tabulated_common *common = tabulated_take(1, sizeof *common);
    if (!common)
        return NULL;
    const int64_t n = common->n_aggregates = data->length[TABULATED_AGGREGATE];
    common->tables = tabulated_take((size_t)n, sizeof *common->tables);
    common->group = tabulated_take((size_t)data->length[TABULATED_STATE], sizeof *common->group);
    enum status status = common->tables && common->group ? cumulate(common, data) : WS_FAILED;
    if (common->group)
        tabulated_groups_of_states(data, common->group);
    for (int64_t i = 0; i < n && status == WS_OK; i++)
        status = tabulated_tables_create(&common->tables[i], data, i);
    if (status == WS_OK)
        return common;
    destroy(common);
    return NULL;
}

struct tabulated_common *tabulated_common_join(struct tabulated_data *data)
{
    if (!data->common)
        data->common = create(data);
    if (data->common)
        data->common->n_laws++;
    return data->common;
}

void tabulated_common_leave(struct tabulated_data *data)
{
    if (--data->common->n_laws > 0)
        return;
    destroy(data->common);
    data->common = NULL;
}

/* ---- theory --------------------------------------------------------------------------------------------------------- */

struct theory tabulated_common_theory(const struct tabulated_data *data)
{
    struct tabulated_common *common = data->common;
#pragma omp critical(tabulated_theory)
    if (!common->has_theory) {
        common->theory = tabulated_theory(data);
        common->has_theory = true;
    }
    return common->theory;
}

/* ---- memory --------------------------------------------------------------------------------------------------------- */

/* Entries of the chain that tables keep, in one aggregate state. */
static int64_t count_entries(const struct tabulated_data *data, int64_t aggregate)
{
    int64_t n = 0;
    for (int64_t state = 0; state < data->length[TABULATED_STATE]; state++) {
        const struct tabulated_moves row = tabulated_moves_from(data, aggregate, state);
        for (int64_t j = 0; j < row.n; j++)
            n += row.probability[j] > 0;
    }
    return n;
}

/* The functions on the knots besides savings. */
static int64_t count_functions(const struct tabulated_data *data)
{
    return (data->values[POLICY_SHARE] ? 1 : 0) + data->n_outcomes;
}

static double bytes_of_rule(const struct tabulated_data *data)
{
    const int64_t n_policies = data->length[TABULATED_POLICY];
    const int64_t n_pieces = n_policies * (data->length[TABULATED_POINT] + 1);
    const double of_piece =
        TABULATED_PIECE * sizeof(double) + (double)count_functions(data) * sizeof(struct tabulated_share);
    return 2 * (double)n_pieces * of_piece + (double)tabulated_cells_most(n_pieces) * sizeof(uint32_t);
}

static double bytes_of_chain(const struct tabulated_data *data, int64_t aggregate)
{
    const int64_t n = count_entries(data, aggregate);
    const size_t of_entry = (data->values[NEWBORN] ? 2 : 1) * sizeof(double) + sizeof(int32_t);
    return (double)n * (double)of_entry +
           fmax((double)tabulated_cells_most(n), (double)data->length[TABULATED_STATE]) * sizeof(uint32_t);
}

double tabulated_common_bytes(const struct tabulated_data *data)
{
    const size_t of_state = (TABULATED_PARAMETERS + 2) * sizeof(double) + sizeof(uint32_t) + sizeof(uint8_t);
    double bytes =
        sizeof(struct tabulated_common) + (double)data->length[TABULATED_STATE] +
        (double)data->length[TABULATED_SAMPLE] * (data->values[INITIAL_WEIGHT] ? sizeof(double) : 0);
    for (int i = 0; i < TABULATED_ALL; i++)
        if (data->values[i])
            bytes += (double)tabulated_total(data, (enum tabulated_variable)i) * sizeof(double);
    for (int64_t i = 0; i < data->length[TABULATED_AGGREGATE]; i++)
        bytes += sizeof(struct tabulated_tables) + bytes_of_rule(data) + bytes_of_chain(data, i) +
                 (double)data->length[TABULATED_STATE] * (double)of_state;
    return bytes;
}
