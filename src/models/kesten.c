#include "models/kesten.h"
#include "models/exponential.h"
#include "models/kesten_single.h"
#include "models/kesten_theory.h"
#include "models/stationary.h"
#include <math.h>
#include <string.h>

/* Beyond these the plain step's exponents might leave the range of normal doubles: |ζ|, |ξ| < 8.5, so
 * exp(50 ζ) lies within 2^±614. Beyond the last any shock but exp(0) has long saturated. */
static const double largest_plain_volatility = 50, largest_plain_gain = 0x1p+256, largest_volatility = 1e200;

void kesten_law_init(struct kesten_law *law, const struct kesten_parameters *parameters)
{
    static const double log2_e = 0x1.71547652b82fep0;
    const double gain = (1 + parameters->r) * parameters->s;
    const double v1 = parameters->v1 < largest_volatility ? parameters->v1 : largest_volatility;
    const double v2 = parameters->v2 < largest_volatility ? parameters->v2 : largest_volatility;

    memset(law, 0, sizeof *law);
    law->parameters = *parameters;
    law->gain = gain;
    law->is_guarded = !(v1 <= largest_plain_volatility && v2 <= largest_plain_volatility &&
                        gain >= 1 / largest_plain_gain && gain <= largest_plain_gain);
    law->growth_scale = v1 * log2_e;
    law->income_scale = v2 * log2_e;
    int exponent = 0;
    const double significand = law->is_guarded ? frexp(gain, &exponent) : gain;
    law->gain_exponent = exponent;
    for (int i = 0; i < 10; i++) {
        law->income[i] = exponential[i];
        law->growth[i] = significand * exponential[i];
    }
}

/* ---- behind the seam ------------------------------------------------------------------------------------------- */

static const struct model *chosen(const void *parameters)
{
    return ((const struct kesten_parameters *)parameters)->precision == KESTEN_SINGLE ? &model_kesten_single
                                                                                      : &model_kesten;
}

static void couple(void *parameters, double wealth)
{
    ((struct kesten_parameters *)parameters)->w0 = wealth;
}

static enum status init(void *law, const void *parameters)
{
    kesten_law_init(law, parameters);
    return WS_OK;
}

static enum status init_single(void *law, const void *parameters)
{
    kesten_single_law_init(law, parameters);
    return WS_OK;
}

static void start(const void *law, int64_t household, int64_t population, void *const *state)
{
    const struct kesten_law *kesten = law;
    double *w = state[0];
    (void)household;
    (void)population;
    for (int i = 0; i < BLOCK_SIZE; i++)
        w[i] = kesten->parameters.w0;
}

static int step(const void *law, const struct shocks *shocks, void *const *state)
{
    kesten_step(law, shocks->normals, state[0]);
    return BLOCK_SIZE;
}

static void step_single_together(
    const void *const *laws, int n, const struct shocks *shocks, const struct block_state *states)
{
    _Alignas(64) float normals[NORMALS_SINGLE];
    normals_single_of(shocks->words, normals);
    kesten_single_step(laws, n, normals, states);
}

static int step_single(const void *law, const struct shocks *shocks, void *const *state)
{
    step_single_together(&law, 1, shocks, &(struct block_state){.arrays = {state[0]}});
    return BLOCK_SIZE;
}

static void unfold_single(const uint64_t *words, double *normals)
{
    float singles[NORMALS_SINGLE];
    normals_single_of(words, singles);
    for (int i = 0; i < NORMALS_SINGLE; i++)
        normals[i] = singles[i];
}

static void live(const void *law, int n, const double *normals, double wealth, double *path)
{
    kesten_live(law, n, normals, wealth, path);
}

static void step_together(
    const void *const *laws, int n, const struct shocks *shocks, const struct block_state *states)
{
    kesten_step_together(laws, n, shocks->normals, states);
}

static int order(double a, double b)
{
    return (a > b) - (a < b);
}

/* By income first: in most tables of laws it is the same for all. */
static int compare(const void *law, const void *other)
{
    const struct kesten_law *a = law, *b = other;
    const int of_income = order(a->income_scale, b->income_scale);
    const int of_growth = order(a->growth_scale, b->growth_scale);
    return of_income != 0 ? of_income : of_growth != 0 ? of_growth : order(a->gain, b->gain);
}

/* No household has less than nothing, or what is no number; one may have more than any double. */
static int64_t find_invalid(const void *law, int array, const void *values, int64_t n)
{
    (void)law;
    (void)array;
    return model_first_outside(values, n, 0, INFINITY);
}

/* Wealth may be more than any double; nobody saves anything of it where s is 0. */
static void evaluate_savings(const struct kesten_law *law, const double *w, double *savings)
{
    const double s = law->parameters.s;
    for (int i = 0; i < BLOCK_SIZE; i++)
        savings[i] = s > 0 ? s * w[i] : 0;
}

static void evaluate(
    const void *law, int number, int64_t period, const double *normals, void *const *state, double *values)
{
    (void)period;
    if (number == KESTEN_INCOME)
        kesten_income(law, normals, values);
    else
        evaluate_savings(law, state[0], values);
}

static void evaluate_single(
    const void *law, int number, int64_t period, const double *normals, void *const *state, double *values)
{
    (void)period;
    if (number == KESTEN_INCOME)
        kesten_single_income(law, normals, values);
    else
        evaluate_savings(law, state[0], values);
}

static struct theory theory(const void *law)
{
    return kesten_theory(&((const struct kesten_law *)law)->parameters);
}

static enum status stationary_law(
    const void *law, const double *probabilities, int64_t n, double *quantiles, double *gini)
{
    struct stationary *stationary = NULL;
    if (stationary_create(&stationary, &((const struct kesten_law *)law)->parameters) != WS_OK)
        return WS_FAILED;
    for (int64_t i = 0; i < n; i++)
        quantiles[i] = stationary_quantile(stationary, probabilities[i]);
    *gini = stationary_gini(stationary);
    stationary_destroy(stationary);
    return WS_OK;
}

/* It depends on nothing else. */
static int compare_stationary(const void *law, const void *other)
{
    const struct kesten_law *a = law, *b = other;
    const int of_v2 = order(a->parameters.v2, b->parameters.v2),
              of_v1 = order(a->parameters.v1, b->parameters.v1);
    return of_v2 != 0 ? of_v2 : of_v1 != 0 ? of_v1 : order(a->gain, b->gain);
}

/* What does not depend on the precision: laws of single precision begin with that of double precision. */
#define HOUSEHOLD                                                                                            \
    .name = "kesten", .normals = 2, .n_arrays = 1,                                                           \
    .arrays = {{.name = "wealth", .long_name = "wealth", .type = ARRAY_REAL}}, .chosen = chosen,             \
    .couple = couple, .start = start, .compare = compare, .find_invalid = find_invalid, .n_available = 2,    \
    .quantities = {{.name = "income",                                                                        \
                       .long_name = "labour income of the period",                                           \
                       .number = KESTEN_INCOME,                                                              \
                       .is_of_period = true},                                                                \
        {.name = "savings", .long_name = "savings", .number = KESTEN_SAVINGS, .is_multiple = true}},         \
    .kept = 2, .theory = theory, .stationary = stationary_law, .compare_stationary = compare_stationary

const struct model model_kesten = {HOUSEHOLD, .law_bytes = sizeof(struct kesten_law), .init = init,
    .step = step, .live = live, .step_together = step_together, .evaluate = evaluate};

const struct model model_kesten_single = {HOUSEHOLD, .words = 1, .check = kesten_single_check,
    .law_bytes = sizeof(struct kesten_single_law), .init = init_single, .step = step_single,
    .unfold = unfold_single, .step_together = step_single_together, .evaluate = evaluate_single};
