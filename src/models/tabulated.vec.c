/* A block's period under the law of a model file, in passes over its 256 households. Lookups are plain loads: on the
 * processors measured gathers are no faster (tests/bench/README.md). Arithmetic is in vectors. */
#include "models/exponential.h"
#include "models/tabulated_tables.h"
#include "simd/lanes.h"

_Static_assert(TABULATED_TOGETHER % GROUP == 0, "a group may not go beyond the households");

SIMD_KERNEL(void, tabulated_live,
    (const struct tabulated_tables *tables, int households, const double *normals, const double *uniforms,
        double *w, double *p, int32_t *z, uint32_t *entry),
    (tables, households, normals, uniforms, w, p, z, entry))

SIMD_KERNEL(void, tabulated_outcome,
    (const struct tabulated_tables *tables, int outcome, const double *w, const int32_t *z, double *values),
    (tables, outcome, w, z, values))

/* Cells of wealth, counted from those of the household's policy. */
static void find_cells(
    const struct tabulated_tables *tables, int households, const double *w, uint64_t *cells)
{
    const lanes_double origin = lanes_of(tables->origin), nearest = lanes_of(tables->nearest),
                       farthest = lanes_of(tables->farthest);
    const lanes_word base = lanes_of_word(tables->base);
    const int shift = tables->shift;
    for (int i = 0; i < households; i += LANES) {
        const lanes_double distance = lanes_within(lanes_load(w + i) - origin, nearest, farthest);
        lanes_store_words(cells + i, ((lanes_word)distance >> shift) - base);
    }
}

/* The piece that is found for a wealth, by bisection from the guide's cell on. */
LANES_INLINE uint32_t piece_of(const double (*pieces)[TABULATED_PIECE], uint32_t k, uint32_t step, double w)
{
    for (; step > 0; step /= 2)
        k += pieces[k + step - 1][PIECE_END] <= w ? step : 0;
    return k;
}

/* Savings, and the share of them that is risky. step and has_share are known where this is compiled into. */
LANES_INLINE void save_by(const struct tabulated_tables *tables, int households, uint32_t step,
    bool has_share, const double *w, const int32_t *z, double *savings, double *share)
{
    const double(*pieces)[TABULATED_PIECE] = tables->pieces;
    const struct tabulated_share *shares = tables->shares;
    const uint32_t *guide = tables->pieces_guide.first, *guide_of_state = tables->guide_of_state;
    _Alignas(64) uint64_t cells[BLOCK_SIZE];
    find_cells(tables, households, w, cells);
    for (int i = 0; i < households; i += LANES) {
        uint32_t k[LANES];
        for (int v = 0; v < LANES; v++) {
            const uint32_t cell = guide_of_state[z[i + v]] + (uint32_t)cells[i + v];
            k[v] = piece_of(pieces, guide[cell], step, w[i + v]);
        }
        lanes_double piece[TABULATED_PIECE];
        lanes_columns(pieces, k, piece);
        const lanes_double within = lanes_load(w + i) - piece[PIECE_START];
        lanes_store(savings + i, lanes_fma(piece[PIECE_SLOPE], within, piece[PIECE_VALUE]));
        for (int v = 0; v < LANES && has_share; v++)
            share[i + v] = fma(shares[k[v]].slope, within[v], shares[k[v]].value);
    }
}

static void save(const struct tabulated_tables *tables, int households, const double *w, const int32_t *z,
    double *savings, double *share)
{
    const uint32_t step = (uint32_t)tables->pieces_step;
    if (step == 1 && !tables->shares)
        save_by(tables, households, 1, false, w, z, savings, share);
    else
        save_by(tables, households, step, tables->shares, w, z, savings, share);
}

void SIMD(tabulated_outcome)(
    const struct tabulated_tables *tables, int outcome, const double *w, const int32_t *z, double *values)
{
    const double(*pieces)[TABULATED_PIECE] = tables->pieces;
    const struct tabulated_share *of = tables->outcomes[outcome];
    _Alignas(64) uint64_t cells[BLOCK_SIZE];
    find_cells(tables, BLOCK_SIZE, w, cells);
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const uint32_t first = tables->pieces_guide.first[tables->guide_of_state[z[i]] + (uint32_t)cells[i]];
        const uint32_t k = piece_of(pieces, first, (uint32_t)tables->pieces_step, w[i]);
        const double within = w[i] - pieces[k][PIECE_START];
        values[i] = fma(of[k].slope, within > 0 ? within : 0, of[k].value);
    }
}

/* The next state: the first whose cumulated probability is above the uniform; and the parameters of it that vary, into
 * rows of found. is_one_cell and n are known where this is compiled into. */
LANES_INLINE void move_by(const struct tabulated_tables *tables, int households, bool is_one_cell, int n,
    const double *uniforms, int32_t *z, uint32_t *entry, double (*found)[BLOCK_SIZE])
{
    const uint32_t *guide = tables->entries_guide.first;
    const int64_t cells = is_one_cell ? 1 : tables->entries_guide.cells;
    const double *cumulated = tables->cumulated, *of_state = tables->of_state;
    const int32_t *to = tables->to;
    for (int i = 0; i < households; i++) {
        const double u = uniforms[i];
        uint32_t k = guide[z[i] * cells + (is_one_cell ? 0 : (int64_t)(u * (double)cells))];
        if (__builtin_expect(k >= TABULATED_CROWDED, 0))
            for (k -= TABULATED_CROWDED; cumulated[k] <= u;)
                k++;
        else
            k += cumulated[k] <= u ? 1 : 0;
        entry[i] = k;
        const int64_t next = z[i] = to[k];
        for (int j = 0; j < n; j++)
            memcpy(&found[j][i], &of_state[next * n + j], sizeof *of_state); /* a word is faster */
    }
}

static void move(const struct tabulated_tables *tables, int households, const double *uniforms, int32_t *z,
    uint32_t *entry, double (*found)[BLOCK_SIZE])
{
    const bool is_one_cell = tables->entries_guide.cells == 1;
    /* GCC 14 does not know that there are never more, and warns */
    const int n = tables->n_varying < TABULATED_PARAMETERS ? tables->n_varying : TABULATED_PARAMETERS;
    if (n == 0)
        move_by(tables, households, is_one_cell, 0, uniforms, z, entry, found);
    else if (n == 1 && is_one_cell)
        move_by(tables, households, true, 1, uniforms, z, entry, found);
    else if (n == 1)
        move_by(tables, households, false, 1, uniforms, z, entry, found);
    else if (n == 2)
        move_by(tables, households, is_one_cell, 2, uniforms, z, entry, found);
    else
        move_by(tables, households, is_one_cell, n, uniforms, z, entry, found);
}

/* A parameter of each household: that of a group from i on stands at i & mask, which is i, or 0 where all have the same. */
struct parameter {
    const double *values;
    int mask;
};

/* Of vector u of the group. */
LANES_INLINE lanes_double load_parameter(struct parameter parameter, int i, int u)
{
    return lanes_load(parameter.values + (i & parameter.mask) + u * LANES);
}

/* Where they stand: those that vary in rows of found. */
static void place_parameters(const struct tabulated_tables *tables, double (*found)[BLOCK_SIZE],
    struct parameter parameters[TABULATED_PARAMETERS])
{
    for (int j = 0; j < TABULATED_PARAMETERS; j++)
        parameters[j] = (struct parameter){tables->constant[j], 0};
    for (int j = 0; j < tables->n_varying; j++)
        parameters[tables->varying[j]] = (struct parameter){found[j], -1};
}

/* The exponents mean + sd shock of a group's households. */
LANES_INLINE void exponents(
    const double *shock, struct parameter mean, struct parameter sd, int i, lanes_double *x)
{
    EACH x[u] =
        lanes_fma(lanes_load(shock + i + u * LANES), load_parameter(sd, i, u), load_parameter(mean, i, u));
}

/* 2^x of n vectors, within the range of normal doubles. */
LANES_INLINE void powers_of_two(lanes_double *x, int n)
{
    const lanes_double magic = lanes_of(round_magic);
    lanes_double k[2 * TOGETHER], power[2 * TOGETHER];
    for (int v = 0; v < n; v++) {
        k[v] = x[v] + magic;
        x[v] = x[v] - (k[v] - magic);
        power[v] = lanes_of(exponential[9]);
    }
    for (int j = 8; j >= 0; j--)
        for (int v = 0; v < n; v++)
            power[v] = lanes_fma(power[v], x[v], lanes_of(exponential[j]));
    for (int v = 0; v < n; v++)
        x[v] = (lanes_double)((lanes_word)power[v] + ((lanes_word)k[v] << 52));
}

/* w = R a + y, within the bounds. What the tables have is known where this is compiled into. */
LANES_INLINE void receive_by(const struct tabulated_tables *tables, int households, bool has_return_shock,
    bool has_income_shock, bool has_share, const double *normals, const struct parameter *parameters,
    const double *savings, const double *share, double *w)
{
    const struct parameter base = parameters[has_share ? P_RISKY : P_RETURN];
    const lanes_double low = lanes_of(tables->lower_bound), high = lanes_of(tables->upper_bound);
    for (int i = 0; i < households; i += GROUP) {
        lanes_double random[2 * TOGETHER], *gross = random, *income = random + TOGETHER;
        EACH gross[u] = income[u] = lanes_of(0);
        if (has_return_shock)
            exponents(normals, parameters[P_RETURN_MEAN], parameters[P_RETURN_SD], i, gross);
        if (has_income_shock)
            exponents(normals + BLOCK_SIZE, parameters[P_INCOME_MEAN], parameters[P_INCOME_SD], i, income);
        if (has_return_shock && has_income_shock)
            powers_of_two(random, 2 * TOGETHER);
        else if (has_return_shock)
            powers_of_two(gross, TOGETHER);
        else if (has_income_shock)
            powers_of_two(income, TOGETHER);
        EACH
        {
            const int at = i + u * LANES;
            gross[u] = load_parameter(base, i, u) + gross[u];
            income[u] = load_parameter(parameters[P_INCOME], i, u) + income[u];
            if (has_share)
                gross[u] =
                    lanes_fma(lanes_load(share + at), gross[u], load_parameter(parameters[P_RETURN], i, u));
            const lanes_double next = lanes_fma(gross[u], lanes_load(savings + at), income[u]);
            lanes_store(w + at, lanes_within(next, low, high));
        }
    }
}

static void receive(const struct tabulated_tables *tables, int households, const double *normals,
    const struct parameter *parameters, const double *savings, const double *share, double *w)
{
    const bool has_return_shock = tables->has_return_shock, has_income_shock = tables->has_income_shock;
    if (has_return_shock && has_income_shock && !tables->shares)
        receive_by(tables, households, true, true, false, normals, parameters, savings, share, w);
    else
        receive_by(tables, households, has_return_shock, has_income_shock, tables->shares, normals,
            parameters, savings, share, w);
}

/* p = p G 2^(loading shock), within the bounds. */
static void grow(const struct tabulated_tables *tables, int households, const double *shock,
    const struct parameter *parameters, double *p)
{
    static const double zeros[GROUP] = {0};
    static const struct parameter none = {zeros, 0};
    const lanes_double low = lanes_of(1 / TABULATED_BOUND), high = lanes_of(TABULATED_BOUND);
    for (int i = 0; i < households; i += GROUP) {
        lanes_double rate[TOGETHER];
        EACH rate[u] = lanes_of(1);
        if (tables->has_level_shock) {
            exponents(shock, none, parameters[P_LOADING], i, rate);
            powers_of_two(rate, TOGETHER);
        }
        EACH
        {
            const int at = i + u * LANES;
            rate[u] = load_parameter(parameters[P_GROWTH], i, u) * rate[u];
            lanes_store(p + at, lanes_within(lanes_load(p + at) * rate[u], low, high));
        }
    }
}

void SIMD(tabulated_live)(const struct tabulated_tables *tables, int households, const double *normals,
    const double *uniforms, double *w, double *p, int32_t *z, uint32_t *entry)
{
    _Alignas(64) double found[TABULATED_PARAMETERS][BLOCK_SIZE], savings[BLOCK_SIZE], share[BLOCK_SIZE];
    struct parameter parameters[TABULATED_PARAMETERS];
    save(tables, households, w, z, savings, share);
    move(tables, households, uniforms, z, entry, found);
    place_parameters(tables, found, parameters);
    receive(tables, households, normals, parameters, savings, share, w);
    if (tables->has_level)
        grow(tables, households, normals, parameters, p);
}
