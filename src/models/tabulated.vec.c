/* A block's period under the law of a model file, in passes over its 256 households. Lookups are plain loads: on the
 * processors measured they are no slower than gathers, and need no index in a vector. Arithmetic is in vectors. */
#include "models/exponential.h"
#include "models/tabulated_tables.h"
#include "simd/lanes.h"

SIMD_KERNEL(void, tabulated_live,
    (const struct tabulated_tables *tables, const double *normals, const double *uniforms, double *w,
        double *p, int32_t *z, uint32_t *entry),
    (tables, normals, uniforms, w, p, z, entry))

/* The household's piece, by the guide's cell and bisection. */
LANES_INLINE uint32_t piece_of(const struct tabulated_tables *tables, uint32_t cell, double w)
{
    uint32_t k = tables->pieces_guide.first[cell];
    for (uint32_t step = (uint32_t)tables->pieces_guide.step; step > 0; step /= 2)
        k += tables->pieces[k + step - 1].end <= w ? step : 0;
    return k;
}

/* Cells of wealth, counted from those of the household's policy. */
static void find_cells(const struct tabulated_tables *tables, const double *w, uint64_t *cells)
{
    const lanes_double origin = lanes_of(tables->origin), nearest = lanes_of(tables->nearest),
                       farthest = lanes_of(tables->farthest);
    const lanes_word base = lanes_of_word(tables->base);
    const int shift = tables->shift;
    for (int i = 0; i < BLOCK_SIZE; i += LANES) {
        const lanes_double distance = lanes_within(lanes_load(w + i) - origin, nearest, farthest);
        lanes_store_words(cells + i, ((lanes_word)distance >> shift) - base);
    }
}

/* Savings, and the share of them that is risky. */
static void save(
    const struct tabulated_tables *tables, const double *w, const int32_t *z, double *savings, double *share)
{
    _Alignas(64) uint64_t cells[BLOCK_SIZE];
    find_cells(tables, w, cells);
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const uint32_t k = piece_of(tables, tables->guide_of_state[z[i]] + (uint32_t)cells[i], w[i]);
        const struct tabulated_piece *piece = &tables->pieces[k];
        const double within = w[i] - piece->start;
        savings[i] = fma(piece->slope, within, piece->value);
        if (share)
            share[i] = fma(tables->shares[k].slope, within, tables->shares[k].value);
    }
}

/* The next state: the first whose cumulated probability is above the uniform. */
static void move(const struct tabulated_tables *tables, const double *uniforms, int32_t *z, uint32_t *entry)
{
    const struct tabulated_guide *guide = &tables->entries_guide;
    const double cells = (double)guide->cells;
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const double u = uniforms[i];
        uint32_t k = guide->first[(int64_t)z[i] * guide->cells + (int64_t)(u * cells)];
        for (uint32_t step = (uint32_t)guide->step; step > 0; step /= 2)
            k += tables->cumulated[k + step - 1] <= u ? step : 0;
        entry[i] = k;
        z[i] = tables->to[k];
    }
}

/* Each household's parameters: those that vary are looked up, into rows of found. */
static void look_up(const struct tabulated_tables *tables, const int32_t *z, double (*found)[BLOCK_SIZE],
    const double **parameters)
{
    const int n = tables->n_varying;
    for (int j = 0; j < TABULATED_PARAMETERS; j++)
        parameters[j] = tables->constant[j];
    for (int j = 0; j < n; j++) {
        for (int i = 0; i < BLOCK_SIZE; i++)
            found[j][i] = tables->of_state[(int64_t)z[i] * n + j];
        parameters[tables->varying[j]] = found[j];
    }
}

/* sum = base + 2^(mean + sd shock), exponents within the range of normal doubles. */
static void add_lognormal(
    const double *shock, const double *base, const double *mean, const double *sd, double *sum)
{
    const lanes_double magic = lanes_of(round_magic);
    for (int i = 0; i < BLOCK_SIZE; i += GROUP) {
        lanes_double k[TOGETHER], x[TOGETHER], power[TOGETHER];
        EACH
        {
            const int at = i + u * LANES;
            x[u] = lanes_fma(lanes_load(shock + at), lanes_load(sd + at), lanes_load(mean + at));
            k[u] = x[u] + magic;
            x[u] = x[u] - (k[u] - magic);
            power[u] = lanes_of(exponential[9]);
        }
        for (int j = 8; j >= 0; j--)
            EACH power[u] = lanes_fma(power[u], x[u], lanes_of(exponential[j]));
        EACH
        {
            const lanes_double e = (lanes_double)((lanes_word)power[u] + ((lanes_word)k[u] << 52));
            lanes_store(sum + i + u * LANES, lanes_load(base + i + u * LANES) + e);
        }
    }
}

/* w = R a + y, within the bounds. */
static void receive(const struct tabulated_tables *tables, const double *gross, const double *savings,
    const double *income, double *w)
{
    const lanes_double low = lanes_of(tables->lower_bound), high = lanes_of(tables->upper_bound);
    for (int i = 0; i < BLOCK_SIZE; i += LANES) {
        const lanes_double next =
            lanes_fma(lanes_load(gross + i), lanes_load(savings + i), lanes_load(income + i));
        lanes_store(w + i, lanes_within(next, low, high));
    }
}

/* R = R0 + share X */
static void mix(const double *constant, const double *share, const double *risky, double *gross)
{
    for (int i = 0; i < BLOCK_SIZE; i += LANES)
        lanes_store(
            gross + i, lanes_fma(lanes_load(share + i), lanes_load(risky + i), lanes_load(constant + i)));
}

/* p = p G growth, within the bounds. */
static void grow(const double *growth, const double *shock, double *p)
{
    const lanes_double low = lanes_of(1 / TABULATED_BOUND), high = lanes_of(TABULATED_BOUND);
    for (int i = 0; i < BLOCK_SIZE; i += LANES) {
        lanes_double rate = lanes_load(growth + i);
        if (shock)
            rate = rate * lanes_load(shock + i);
        lanes_store(p + i, lanes_within(lanes_load(p + i) * rate, low, high));
    }
}

void SIMD(tabulated_live)(const struct tabulated_tables *tables, const double *normals,
    const double *uniforms, double *w, double *p, int32_t *z, uint32_t *entry)
{
    static const double none[BLOCK_SIZE];
    _Alignas(64) double found[TABULATED_PARAMETERS][BLOCK_SIZE], savings[BLOCK_SIZE], share[BLOCK_SIZE],
        made[BLOCK_SIZE];
    const double *parameters[TABULATED_PARAMETERS], *zeta = normals, *xi = normals + BLOCK_SIZE;
    save(tables, w, z, savings, tables->shares ? share : NULL);
    move(tables, uniforms, z, entry);
    look_up(tables, z, found, parameters);

    const double *income = parameters[P_INCOME], *gross = parameters[tables->shares ? P_RISKY : P_RETURN];
    double earned[BLOCK_SIZE];
    if (tables->has_income_shock) {
        add_lognormal(xi, income, parameters[P_INCOME_MEAN], parameters[P_INCOME_SD], earned);
        income = earned;
    }
    if (tables->has_return_shock) {
        add_lognormal(zeta, gross, parameters[P_RETURN_MEAN], parameters[P_RETURN_SD], made);
        gross = made;
    }
    if (tables->shares) {
        mix(parameters[P_RETURN], share, gross, made);
        gross = made;
    }
    receive(tables, gross, savings, income, w);
    if (tables->has_level_shock)
        add_lognormal(zeta, none, none, parameters[P_LOADING], made);
    if (tables->has_level)
        grow(parameters[P_GROWTH], tables->has_level_shock ? made : NULL, p);
}
