/* A block's step from its normals. For each household: exponents of base 2 of both shocks, both powers of two, and
 * w' = A w + Y. 30 vector operations; those of the normals come before (random/normals.h). Laws that are stepped together
 * leave out what others have made.
 *
 * Accuracy: the largest relative error of either shock at v1 = v2 = 1 was 3.2e-14 (144 ulp) over 10^6 pairs of words,
 * half of them where errors hide, against 80-bit arithmetic, the normals' own error included; at other volatilities the
 * part that comes from the exponent, about half, grows in proportion. tests/unit/test_kesten.c measures it again. */
#include "models/kesten.h"
#include "simd/lanes.h"

SIMD_KERNEL(
    void, kesten_step, (const struct kesten_law *law, const double *normals, double *w), (law, normals, w))
SIMD_KERNEL(
    void, kesten_income, (const struct kesten_law *law, const double *xi, double *income), (law, xi, income))
SIMD_KERNEL(void, kesten_live,
    (const struct kesten_law *law, int n, const double *normals, double wealth, double *path),
    (law, n, normals, wealth, path))
SIMD_KERNEL(void, kesten_step_together,
    (const void *const *laws, int n, const double *normals, const struct block_state *states),
    (laws, n, normals, states))

/* ---- within the range of normal doubles ------------------------------------------------------------------------- */

/* Where several laws share, a block goes through one exponential at a time: its coefficients stay in registers, which leave
 * room for twice as many vectors as computations of two parts. */
enum { CHAINS = 2 * TOGETHER, STRIDE = CHAINS * LANES };
#define EACH_CHAIN for (int u = 0; u < CHAINS; u++)

/* The exponents scale shock of base 2 of n vectors: integers k, in the place of a double's exponent, and what is left,
 * |x| <= 1/2. */
LANES_INLINE void exponents(int n, double scale, const double *shocks, lanes_double *x, lanes_word *k)
{
    const lanes_double magic = lanes_of(round_magic);
    for (int u = 0; u < n; u++) {
        const lanes_double shock = lanes_load(shocks + u * LANES);
        const lanes_double rounded = lanes_fma(shock, lanes_of(scale), magic);
        x[u] = lanes_fma(shock, lanes_of(scale), -(rounded - magic));
        k[u] = (lanes_word)rounded << 52;
    }
}

/* 2^(k + x), times what the coefficients have been multiplied with. */
LANES_INLINE void powers(
    int n, const double *c, const lanes_double *x, const lanes_word *k, lanes_double *power)
{
    for (int u = 0; u < n; u++)
        power[u] = lanes_of(c[9]);
    for (int j = 8; j >= 0; j--)
        for (int u = 0; u < n; u++)
            power[u] = lanes_fma(power[u], x[u], lanes_of(c[j]));
    for (int u = 0; u < n; u++)
        power[u] = (lanes_double)((lanes_word)power[u] + k[u]);
}

/* A law by itself: w' = gain 2^(growth_scale zeta) w + 2^(income_scale xi). */
static void step_alone(const struct kesten_law *law, const double *normals, double *w)
{
    for (int i = 0; i < BLOCK_SIZE; i += GROUP) {
        lanes_double x1[TOGETHER], x2[TOGETHER], growth[TOGETHER], income[TOGETHER];
        lanes_word k1[TOGETHER], k2[TOGETHER];
        exponents(TOGETHER, law->growth_scale, normals + i, x1, k1);
        exponents(TOGETHER, law->income_scale, normals + BLOCK_SIZE + i, x2, k2);
        powers(TOGETHER, law->growth, x1, k1, growth);
        powers(TOGETHER, law->income, x2, k2, income);
        EACH
        {
            const int at = i + u * LANES;
            lanes_store(w + at, lanes_fma(growth[u], lanes_load(w + at), income[u]));
        }
    }
}

static void make_powers(const double *c, double scale, const double *shocks, double *made)
{
    for (int i = 0; i < BLOCK_SIZE; i += STRIDE) {
        lanes_double x[CHAINS], power[CHAINS];
        lanes_word k[CHAINS];
        exponents(CHAINS, scale, shocks + i, x, k);
        powers(CHAINS, c, x, k, power);
        EACH_CHAIN lanes_store(made + i + u * LANES, power[u]);
    }
}

/* What laws make of a period's shocks for each other, and the last that made it. */
struct made {
    _Alignas(64) double income[BLOCK_SIZE], growth[BLOCK_SIZE], x[BLOCK_SIZE];
    _Alignas(64) uint64_t k[BLOCK_SIZE]; /* with x: the exponents of growth */
    const struct kesten_law *income_by, *growth_by, *exponents_by;
};

static void make_exponents(double scale, const double *shocks, struct made *made)
{
    for (int i = 0; i < BLOCK_SIZE; i += STRIDE) {
        lanes_double x[CHAINS];
        lanes_word k[CHAINS];
        exponents(CHAINS, scale, shocks + i, x, k);
        EACH_CHAIN lanes_store(made->x + i + u * LANES, x[u]);
        EACH_CHAIN lanes_store_words(made->k + i + u * LANES, k[u]);
    }
}

/* w' = gain 2^(growth_scale zeta) w + income. */
LANES_INLINE void grow_by(
    bool has_exponents, const struct kesten_law *law, const double *zeta, const struct made *made, double *w)
{
    for (int i = 0; i < BLOCK_SIZE; i += STRIDE) {
        lanes_double x[CHAINS], growth[CHAINS];
        lanes_word k[CHAINS];
        if (has_exponents) {
            EACH_CHAIN x[u] = lanes_load(made->x + i + u * LANES);
            EACH_CHAIN k[u] = lanes_load_words(made->k + i + u * LANES);
        } else
            exponents(CHAINS, law->growth_scale, zeta + i, x, k);
        powers(CHAINS, law->growth, x, k, growth);
        EACH_CHAIN
        {
            const int at = i + u * LANES;
            lanes_store(w + at, lanes_fma(growth[u], lanes_load(w + at), lanes_load(made->income + at)));
        }
    }
}

/* The same where growth has been made. */
static void receive(const struct made *made, double *w)
{
    for (int i = 0; i < BLOCK_SIZE; i += LANES)
        lanes_store(
            w + i, lanes_fma(lanes_load(made->growth + i), lanes_load(w + i), lanes_load(made->income + i)));
}

static bool share_income(const struct kesten_law *a, const struct kesten_law *b)
{
    return a && b && a->income_scale == b->income_scale;
}

static bool share_exponents(const struct kesten_law *a, const struct kesten_law *b)
{
    return a && b && a->growth_scale == b->growth_scale;
}

static bool share_growth(const struct kesten_law *a, const struct kesten_law *b)
{
    return share_exponents(a, b) && a->gain == b->gain;
}

/* @param next  law, NULL behind the last */
static void step_plain(const struct kesten_law *law, const struct kesten_law *next, const double *normals,
    struct made *made, double *w)
{
    if (!share_income(made->income_by, law)) {
        make_powers(law->income, law->income_scale, normals + BLOCK_SIZE, made->income);
        made->income_by = law;
    }
    if (!share_growth(made->growth_by, law) && share_growth(law, next)) {
        make_powers(law->growth, law->growth_scale, normals, made->growth);
        made->growth_by = law;
    }
    if (share_growth(made->growth_by, law)) {
        receive(made, w);
        return;
    }
    if (!share_exponents(made->exponents_by, law) && share_exponents(law, next)) {
        make_exponents(law->growth_scale, normals, made);
        made->exponents_by = law;
    }
    if (share_exponents(made->exponents_by, law))
        grow_by(true, law, normals, made, w);
    else
        grow_by(false, law, normals, made, w);
}

/* ---- beyond it -------------------------------------------------------------------------------------------------- */

LANES_INLINE double as_double(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

LANES_INLINE uint64_t as_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

LANES_INLINE double clamp(double x, double limit)
{
    return x < -limit ? -limit : x > limit ? limit : x;
}

/* 2^x = first · rest · rest, with x cut off where this takes any positive double to 0 or infinity. As much
 * of the exponent as a normal double can hold stands in the first factor. */
struct scaled {
    double first, rest;
};

LANES_INLINE struct scaled guarded_exp2(const double *c, double x)
{
    const double within = clamp(x, 2200);
    const double n = (within + round_magic) - round_magic;
    const double k_rest = 0.5 * (n - clamp(n, 1000)) + round_magic;
    const double k_first = n - 2 * (k_rest - round_magic) + round_magic;
    double sum = c[9];
    for (int i = 8; i >= 0; i--)
        sum = fma(sum, within - n, c[i]);
    return (struct scaled){as_double(as_bits(sum) + (as_bits(k_first) << 52)),
        as_double((as_bits(k_rest) << 52) + 0x3ff0000000000000)};
}

/* Wealth comes between the factors, which keeps what is finite in the end from overflow on the way. */
LANES_INLINE double guarded_next(const struct kesten_law *law, double zeta, double xi, double w)
{
    const struct scaled g = guarded_exp2(law->growth, law->growth_scale * zeta + law->gain_exponent);
    const struct scaled y = guarded_exp2(law->income, law->income_scale * xi);
    const double grown = g.first * w * g.rest * g.rest;
    return (law->gain > 0 ? grown : 0) + y.first * y.rest * y.rest;
}

static void step_guarded(const struct kesten_law *law, const double *normals, double *w)
{
    const struct kesten_law copy = *law; /* that no store to w can change */
    for (int i = 0; i < BLOCK_SIZE; i++)
        w[i] = guarded_next(&copy, normals[i], normals[BLOCK_SIZE + i], w[i]);
}

static void income_guarded(const struct kesten_law *law, const double *xi, double *income)
{
    const double income_scale = law->income_scale;
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const struct scaled y = guarded_exp2(law->income, income_scale * xi[i]);
        income[i] = y.first * y.rest * y.rest;
    }
}

/* ---- all -------------------------------------------------------------------------------------------------------- */

void SIMD(kesten_step_together)(
    const void *const *laws, int n, const double *normals, const struct block_state *states)
{
    struct made made;
    if (n == 1) {
        SIMD(kesten_step)(laws[0], normals, states[0].arrays[0]);
        return;
    }
    made.income_by = made.growth_by = made.exponents_by = NULL;
    for (int i = 0; i < n; i++) {
        const struct kesten_law *law = laws[i], *next = i + 1 < n ? laws[i + 1] : NULL;
        if (law->is_guarded)
            step_guarded(law, normals, states[i].arrays[0]);
        else
            step_plain(law, next, normals, &made, states[i].arrays[0]);
    }
}

void SIMD(kesten_income)(const struct kesten_law *law, const double *xi, double *income)
{
    if (law->is_guarded)
        income_guarded(law, xi, income);
    else
        make_powers(law->income, law->income_scale, xi, income);
}

void SIMD(kesten_live)(
    const struct kesten_law *law, int n, const double *normals, double wealth, double *path)
{
    _Alignas(64) double growth[BLOCK_SIZE], income[BLOCK_SIZE];
    if (!law->is_guarded) {
        make_powers(law->growth, law->growth_scale, normals, growth);
        make_powers(law->income, law->income_scale, normals + BLOCK_SIZE, income);
    }
    for (int t = 0; t < n; t++)
        path[t] = wealth = law->is_guarded ? guarded_next(law, normals[t], normals[BLOCK_SIZE + t], wealth)
                                           : fma(growth[t], wealth, income[t]);
}

void SIMD(kesten_step)(const struct kesten_law *law, const double *normals, double *w)
{
    if (law->is_guarded)
        step_guarded(law, normals, w);
    else
        step_alone(law, normals, w);
}
