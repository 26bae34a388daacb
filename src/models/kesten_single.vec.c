/* A block's step from its normals in single precision: both shocks, 11 vector operations each, of twice as many households as
 * in double (models/kesten.vec.c), and w' = A w + Y in double. Loops go through one part at a time, so that its coefficients
 * stay in registers.
 *
 * Accuracy at v1 = v2 = 1 over 2 · 10^6 words, half of them where errors hide, against 80-bit arithmetic: an exponential
 * 1.26 · 2^-23 given its normal, either shock 1.27e-6 with the normal's error. tests/unit/test_kesten_single.c measures it. */
#include "models/kesten_single.h"
#include "simd/lanes.h"

enum { CHAINS = 2, STRIDE = CHAINS * SINGLES };
#define EACH_CHAIN for (int u = 0; u < CHAINS; u++)

SIMD_KERNEL(void, kesten_single_step,
    (const void *const *laws, int n, const float *normals, const struct block_state *states),
    (laws, n, normals, states))
SIMD_KERNEL(void, kesten_single_income,
    (const struct kesten_single_law *law, const double *xi, double *income), (law, xi, income))

/* Adding it rounds to an integer, which then stands in the lowest bits. */
static const float round_single = 0x1.8p23f;

/* 2^(scale shock), times what the coefficients have been multiplied with. */
static void make_powers(const float *c, float scale, const float *shocks, float *made)
{
    const lanes_single magic = lanes_of_single(round_single), by = lanes_of_single(scale);
    for (int i = 0; i < BLOCK_SIZE; i += STRIDE) {
        lanes_single rounded[CHAINS], x[CHAINS], power[CHAINS];
        EACH_CHAIN
        {
            const lanes_single shock = lanes_load_singles(shocks + i + u * SINGLES);
            rounded[u] = lanes_fma_single(shock, by, magic);
            x[u] = lanes_fma_single(shock, by, -(rounded[u] - magic));
            power[u] = lanes_of_single(c[6]);
        }
        for (int j = 5; j >= 0; j--)
            EACH_CHAIN power[u] = lanes_fma_single(power[u], x[u], lanes_of_single(c[j]));
        EACH_CHAIN
        {
            const lanes_half bits = (lanes_half)power[u] + ((lanes_half)rounded[u] << 23);
            lanes_store_singles(made + i + u * SINGLES, (lanes_single)bits);
        }
    }
}

/* w' = growth w + income. */
static void receive(const float *growth, const float *income, double *w)
{
    for (int i = 0; i < BLOCK_SIZE; i += LANES)
        lanes_store(
            w + i, lanes_fma(lanes_widened(growth + i), lanes_load(w + i), lanes_widened(income + i)));
}

/* Without saving, however much there was. */
static void receive_alone(const float *income, double *w)
{
    for (int i = 0; i < BLOCK_SIZE; i += LANES)
        lanes_store(w + i, lanes_widened(income + i));
}

static bool share_income(const struct kesten_single_law *a, const struct kesten_single_law *b)
{
    return a && a->income_scale == b->income_scale;
}

static bool share_growth(const struct kesten_single_law *a, const struct kesten_single_law *b)
{
    return a && a->growth_scale == b->growth_scale && a->exact.gain == b->exact.gain;
}

void SIMD(kesten_single_step)(
    const void *const *laws, int n, const float *normals, const struct block_state *states)
{
    _Alignas(64) float growth[BLOCK_SIZE], income[BLOCK_SIZE];
    const struct kesten_single_law *last = NULL;
    for (int i = 0; i < n; i++) {
        const struct kesten_single_law *law = laws[i];
        double *w = states[i].arrays[0];
        if (!share_income(last, law))
            make_powers(law->income, law->income_scale, normals + BLOCK_SIZE, income);
        if (!share_growth(last, law) && law->exact.gain > 0)
            make_powers(law->growth, law->growth_scale, normals, growth);
        if (law->exact.gain > 0)
            receive(growth, income, w);
        else
            receive_alone(income, w);
        last = law;
    }
}

void SIMD(kesten_single_income)(const struct kesten_single_law *law, const double *xi, double *income)
{
    _Alignas(64) float singles[BLOCK_SIZE], made[BLOCK_SIZE];
    for (int i = 0; i < BLOCK_SIZE; i++)
        singles[i] = (float)xi[i];
    make_powers(law->income, law->income_scale, singles, made);
    for (int i = 0; i < BLOCK_SIZE; i++)
        income[i] = made[i];
}
