/* A block's period under the law of a model file, in passes over its 256 households. Lookups are plain loads: on the
 * processors measured they are no slower than gathers, and need no index in a vector. Arithmetic is in vectors. */
#include "models/exponential.h"
#include "models/tabulated_tables.h"
#include "simd/lanes.h"

SIMD_KERNEL(void, tabulated_live,
    (const struct tabulated_tables *tables, const double *normals, const double *uniforms, double *w,
        double *p, int32_t *z, uint32_t *entry),
    (tables, normals, uniforms, w, p, z, entry))

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

/* A household's piece, by the guide's cell and bisection. */
LANES_INLINE uint32_t piece_of(const struct tabulated_tables *tables, uint32_t k, uint32_t step, double w)
{
    for (; step > 0; step /= 2)
        k += tables->pieces[k + step - 1].end <= w ? step : 0;
    return k;
}

/* Savings, and the share of them that is risky. step and has_share are known where this is compiled into. */
LANES_INLINE void save_by(const struct tabulated_tables *tables, uint32_t step, bool has_share,
    const double *w, const int32_t *z, double *savings, double *share)
{
    _Alignas(64) uint64_t cells[BLOCK_SIZE];
    find_cells(tables, w, cells);
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const uint32_t cell = tables->guide_of_state[z[i]] + (uint32_t)cells[i];
        const uint32_t k = piece_of(tables, tables->pieces_guide.first[cell], step, w[i]);
        const struct tabulated_piece *piece = &tables->pieces[k];
        const double within = w[i] - piece->start;
        savings[i] = fma(piece->slope, within, piece->value);
        if (has_share)
            share[i] = fma(tables->shares[k].slope, within, tables->shares[k].value);
    }
}

static void save(
    const struct tabulated_tables *tables, const double *w, const int32_t *z, double *savings, double *share)
{
    const uint32_t step = (uint32_t)tables->pieces_guide.step;
    if (step == 1 && !tables->shares)
        save_by(tables, 1, false, w, z, savings, share);
    else
        save_by(tables, step, tables->shares, w, z, savings, share);
}

/* The next state: the first whose cumulated probability is above the uniform. */
LANES_INLINE void move_by(const struct tabulated_tables *tables, uint32_t first_step, int64_t cells,
    const double *uniforms, int32_t *z, uint32_t *entry)
{
    const uint32_t *guide = tables->entries_guide.first;
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const double u = uniforms[i];
        uint32_t k = guide[z[i] * cells + (cells > 1 ? (int64_t)(u * (double)cells) : 0)];
        for (uint32_t step = first_step; step > 0; step /= 2)
            k += tables->cumulated[k + step - 1] <= u ? step : 0;
        entry[i] = k;
        z[i] = tables->to[k];
    }
}

static void move(const struct tabulated_tables *tables, const double *uniforms, int32_t *z, uint32_t *entry)
{
    const struct tabulated_guide *guide = &tables->entries_guide;
    if (guide->step == 1 && guide->cells == 1)
        move_by(tables, 1, 1, uniforms, z, entry);
    else if (guide->step == 1)
        move_by(tables, 1, guide->cells, uniforms, z, entry);
    else
        move_by(tables, (uint32_t)guide->step, guide->cells, uniforms, z, entry);
}

/* A parameter of each household: at i & mask, which is i, or 0 where all have the same. */
struct parameter {
    const double *values;
    int mask;
};

LANES_INLINE lanes_double load_parameter(struct parameter parameter, int i)
{
    return lanes_load(parameter.values + (i & parameter.mask));
}

/* Those that vary are looked up, into rows of found. */
static void look_up(const struct tabulated_tables *tables, const int32_t *z, double (*found)[BLOCK_SIZE],
    struct parameter *parameters)
{
    const int n = tables->n_varying;
    for (int j = 0; j < TABULATED_PARAMETERS; j++)
        parameters[j] = (struct parameter){tables->constant[j], 0};
    for (int j = 0; j < n; j++) {
        for (int i = 0; i < BLOCK_SIZE; i++)
            found[j][i] = tables->of_state[(int64_t)z[i] * n + j];
        parameters[tables->varying[j]] = (struct parameter){found[j], -1};
    }
}

/* sum = base + 2^(mean + sd shock), exponents within the range of normal doubles. */
static void add_lognormal(
    const double *shock, struct parameter base, struct parameter mean, struct parameter sd, double *sum)
{
    const lanes_double magic = lanes_of(round_magic);
    for (int i = 0; i < BLOCK_SIZE; i += GROUP) {
        lanes_double k[TOGETHER], x[TOGETHER], power[TOGETHER];
        EACH
        {
            const int at = i + u * LANES;
            x[u] = lanes_fma(lanes_load(shock + at), load_parameter(sd, at), load_parameter(mean, at));
            k[u] = x[u] + magic;
            x[u] = x[u] - (k[u] - magic);
            power[u] = lanes_of(exponential[9]);
        }
        for (int j = 8; j >= 0; j--)
            EACH power[u] = lanes_fma(power[u], x[u], lanes_of(exponential[j]));
        EACH
        {
            const lanes_double e = (lanes_double)((lanes_word)power[u] + ((lanes_word)k[u] << 52));
            lanes_store(sum + i + u * LANES, load_parameter(base, i + u * LANES) + e);
        }
    }
}

/* w = R a + y, within the bounds. */
static void receive(const struct tabulated_tables *tables, struct parameter gross, const double *savings,
    struct parameter income, double *w)
{
    const lanes_double low = lanes_of(tables->lower_bound), high = lanes_of(tables->upper_bound);
    for (int i = 0; i < BLOCK_SIZE; i += LANES) {
        const lanes_double next =
            lanes_fma(load_parameter(gross, i), lanes_load(savings + i), load_parameter(income, i));
        lanes_store(w + i, lanes_within(next, low, high));
    }
}

/* R = R0 + share X */
static void mix(struct parameter constant, const double *share, struct parameter risky, double *gross)
{
    for (int i = 0; i < BLOCK_SIZE; i += LANES)
        lanes_store(gross + i,
            lanes_fma(lanes_load(share + i), load_parameter(risky, i), load_parameter(constant, i)));
}

/* p = p G growth, within the bounds. */
static void grow(struct parameter growth, const double *shock, double *p)
{
    const lanes_double low = lanes_of(1 / TABULATED_BOUND), high = lanes_of(TABULATED_BOUND);
    for (int i = 0; i < BLOCK_SIZE; i += LANES) {
        lanes_double rate = load_parameter(growth, i);
        if (shock)
            rate = rate * lanes_load(shock + i);
        lanes_store(p + i, lanes_within(lanes_load(p + i) * rate, low, high));
    }
}

void SIMD(tabulated_live)(const struct tabulated_tables *tables, const double *normals,
    const double *uniforms, double *w, double *p, int32_t *z, uint32_t *entry)
{
    static const double zeros[LANES] = {0};
    static const struct parameter none = {zeros, 0};
    _Alignas(64) double found[TABULATED_PARAMETERS][BLOCK_SIZE], savings[BLOCK_SIZE], share[BLOCK_SIZE],
        returned[BLOCK_SIZE], earned[BLOCK_SIZE];
    const double *zeta = normals, *xi = normals + BLOCK_SIZE;
    struct parameter parameters[TABULATED_PARAMETERS];
    save(tables, w, z, savings, share);
    move(tables, uniforms, z, entry);
    look_up(tables, z, found, parameters);

    struct parameter income = parameters[P_INCOME], gross = parameters[tables->shares ? P_RISKY : P_RETURN];
    if (tables->has_income_shock) {
        add_lognormal(xi, income, parameters[P_INCOME_MEAN], parameters[P_INCOME_SD], earned);
        income = (struct parameter){earned, -1};
    }
    if (tables->has_return_shock) {
        add_lognormal(zeta, gross, parameters[P_RETURN_MEAN], parameters[P_RETURN_SD], returned);
        gross = (struct parameter){returned, -1};
    }
    if (tables->shares) {
        mix(parameters[P_RETURN], share, gross, returned);
        gross = (struct parameter){returned, -1};
    }
    receive(tables, gross, savings, income, w);
    if (tables->has_level_shock)
        add_lognormal(zeta, none, none, parameters[P_LOADING], returned);
    if (tables->has_level)
        grow(parameters[P_GROWTH], tables->has_level_shock ? returned : NULL, p);
}
