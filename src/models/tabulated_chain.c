/* The Markov chain's cumulated rows, and the guide to them. */
#include "models/tabulated_tables.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* The most entries of a row that end within one of so many cells of the uniform. */
static int64_t most_ends_in_a_cell(const double *cumulated, int64_t n, int64_t cells)
{
    int64_t most = 0, in_a_cell = 0;
    double last = -1;
    for (int64_t j = 0; j < n - 1; j++) {
        const double cell = floor(cumulated[j] * (double)cells);
        in_a_cell = cell == last ? in_a_cell + 1 : 1;
        last = cell;
        most = in_a_cell > most ? in_a_cell : most;
    }
    return most;
}

/* Cumulated rows, at first without padding. */
struct chain {
    int64_t n_states;
    int64_t *first; /* [n_states + 1] */
};

static int64_t most_of_chain(const struct tabulated_tables *tables, const struct chain *chain, int64_t cells)
{
    int64_t most = 0;
    for (int64_t state = 0; state < chain->n_states; state++) {
        const int64_t first = chain->first[state], n = chain->first[state + 1] - first;
        const int64_t here = most_ends_in_a_cell(tables->cumulated + first, n, cells);
        most = here > most ? here : most;
    }
    return most;
}

static void choose_chain_cells(struct tabulated_tables *tables, const struct chain *chain)
{
    const int64_t n_states = chain->n_states, entries = chain->first[n_states];
    const int64_t allowed = tabulated_cells_most(entries);
    struct tabulated_guide *guide = &tables->entries_guide;
    *guide =
        (struct tabulated_guide){.cells = 1, .step = tabulated_step_among(most_of_chain(tables, chain, 1))};
    for (int64_t cells = 2; guide->step > 1 && cells * n_states <= allowed && cells <= 1 << TABULATED_BITS;
         cells *= 2) {
        const int step = tabulated_step_among(most_of_chain(tables, chain, cells));
        if (step < guide->step)
            *guide = (struct tabulated_guide){.cells = cells, .step = step};
    }
}

/* Move the rows apart, the last first, so that a bisection may look behind each. */
static void spread_rows(struct tabulated_tables *tables, struct chain *chain)
{
    const int64_t padded = tabulated_padding(tables->entries_guide.step);
    for (int64_t state = chain->n_states - 1; state >= 0 && padded > 0; state--) {
        const int64_t from = chain->first[state], n = chain->first[state + 1] - from,
                      to = from + state * padded;
        memmove(tables->cumulated + to, tables->cumulated + from, (size_t)n * sizeof *tables->cumulated);
        memmove(tables->to + to, tables->to + from, (size_t)n * sizeof *tables->to);
        if (tables->before)
            memmove(tables->before + to, tables->before + from, (size_t)n * sizeof *tables->before);
        for (int64_t j = 0; j < padded; j++)
            tables->cumulated[to + n + j] = 2;
    }
    for (int64_t state = 0; state <= chain->n_states; state++)
        chain->first[state] += state * padded;
}

/* Each cell begins at the first entry that ends above its least uniform. */
static enum status fill_chain_guide(struct tabulated_tables *tables, const struct chain *chain)
{
    struct tabulated_guide *guide = &tables->entries_guide;
    guide->first = tabulated_take((size_t)(chain->n_states * guide->cells), sizeof *guide->first);
    if (!guide->first)
        return WS_FAILED;
    for (int64_t state = 0; state < chain->n_states; state++) {
        int64_t k = chain->first[state];
        for (int64_t cell = 0; cell < guide->cells; cell++) {
            while (tables->cumulated[k] * (double)guide->cells <= (double)cell)
                k++;
            guide->first[state * guide->cells + cell] = (uint32_t)k;
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
    int64_t entries = 0, most = 0;
    for (int64_t state = 0; state < chain.n_states; state++) {
        const struct tabulated_moves row = tabulated_moves_from(data, aggregate, state);
        const int64_t n = count_entries(&row);
        entries += n;
        most = n > most ? n : most;
    }
    const size_t room = (size_t)(entries + chain.n_states * tabulated_padding(tabulated_step_among(most)));
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
        spread_rows(tables, &chain);
        status = fill_chain_guide(tables, &chain);
    }
    free(chain.first);
    return status;
}
