/* The Markov chain's cumulated rows, and the guide to them. */
#include "models/tabulated_tables.h"
#include <math.h>
#include <stdlib.h>

/* A branch that is taken so seldom costs little. */
static const double rare = 1.0 / 64;

/* Entries of positive probability alone: the others are never gone through. */
static int64_t count_entries(const struct tabulated_moves *row)
{
    int64_t n = 0;
    for (int64_t j = 0; j < row->n; j++)
        n += row->probability[j] > 0;
    return n;
}

/* Copy a row. The last entry takes what rounding has left over. @return its entries */
static int64_t add_row(struct tabulated_tables *tables, const struct tabulated_moves *row, int64_t first)
{
    double sum = 0;
    int64_t k = first;
    for (int64_t j = 0; j < row->n; j++) {
        if (!(row->probability[j] > 0))
            continue;
        if (tables->before)
            tables->before[k] = sum;
        sum += row->probability[j];
        tables->cumulated[k] = sum;
        tables->to[k++] = (int32_t)tabulated_move_to(row, j);
    }
    tables->cumulated[k - 1] = 2;
    return k - first;
}

/* Cumulated rows. */
struct chain {
    int64_t n_states;
    int64_t *first; /* [n_states + 1] */
};

/* The share of a row's cells in which more than one entry ends. */
static double crowded_share(const double *cumulated, int64_t n, int64_t cells)
{
    int64_t crowded = 0, in_a_cell = 0;
    double last = -1;
    for (int64_t j = 0; j < n - 1; j++) {
        const double cell = floor(cumulated[j] * (double)cells);
        in_a_cell = cell == last ? in_a_cell + 1 : 1;
        last = cell;
        crowded += in_a_cell == 2;
    }
    return (double)crowded / (double)cells;
}

static double most_crowded(const struct tabulated_tables *tables, const struct chain *chain, int64_t cells)
{
    double most = 0;
    for (int64_t state = 0; state < chain->n_states; state++) {
        const int64_t first = chain->first[state], n = chain->first[state + 1] - first;
        most = fmax(most, crowded_share(tables->cumulated + first, n, cells));
    }
    return most;
}

/* As many cells as it takes, within reason. */
static void choose_chain_cells(struct tabulated_tables *tables, const struct chain *chain)
{
    const int64_t allowed = tabulated_cells_most(chain->first[chain->n_states]);
    int64_t cells = 1;
    while (most_crowded(tables, chain, cells) > rare && 2 * cells * chain->n_states <= allowed &&
           cells < 1 << TABULATED_BITS)
        cells *= 2;
    tables->entries_guide.cells = cells;
}

/* Each cell begins at the first entry that ends above its least uniform. */
static enum status fill_chain_guide(struct tabulated_tables *tables, const struct chain *chain)
{
    struct tabulated_guide *guide = &tables->entries_guide;
    guide->first = tabulated_take((size_t)(chain->n_states * guide->cells), sizeof *guide->first);
    if (!guide->first)
        return WS_FAILED;
    for (int64_t state = 0; state < chain->n_states; state++) {
        const double *ends = tables->cumulated;
        int64_t k = chain->first[state];
        for (int64_t cell = 0; cell < guide->cells; cell++) {
            while (ends[k] * (double)guide->cells <= (double)cell)
                k++;
            const bool is_crowded =
                k + 1 < chain->first[state + 1] && ends[k + 1] * (double)guide->cells < (double)(cell + 1);
            guide->first[state * guide->cells + cell] = (uint32_t)k + (is_crowded ? TABULATED_CROWDED : 0);
        }
    }
    return WS_OK;
}

enum status tabulated_chain_create(
    struct tabulated_tables *tables, const struct tabulated_data *data, int64_t aggregate)
{
    struct chain chain = {.n_states = data->length[TABULATED_STATE]};
    chain.first = tabulated_take((size_t)chain.n_states + 1, sizeof *chain.first);
    if (!chain.first)
        return WS_FAILED;
    int64_t entries = 0;
    for (int64_t state = 0; state < chain.n_states; state++) {
        const struct tabulated_moves row = tabulated_moves_from(data, aggregate, state);
        entries += count_entries(&row);
    }
    const size_t room = (size_t)entries;
    tables->cumulated = tabulated_take(room, sizeof *tables->cumulated);
    tables->to = tabulated_take(room, sizeof *tables->to);
    tables->before = tables->newborn ? tabulated_take(room, sizeof *tables->before) : NULL;
    enum status status =
        tables->cumulated && tables->to && (!tables->newborn || tables->before) ? WS_OK : WS_FAILED;
    if (status == WS_OK) {
        for (int64_t state = 0; state < chain.n_states; state++) {
            const struct tabulated_moves row = tabulated_moves_from(data, aggregate, state);
            chain.first[state + 1] = chain.first[state] + add_row(tables, &row, chain.first[state]);
        }
        choose_chain_cells(tables, &chain);
        status = fill_chain_guide(tables, &chain);
    }
    free(chain.first);
    return status;
}
