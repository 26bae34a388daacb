/** The household of the lecture: w' = (1 + r) exp(v1 ζ) s w + exp(v2 ξ), with independent standard normals ζ, ξ. */
#pragma once

#include "models/model.h"
#include <stdint.h>

/** Its row of the list of models: one array, wealth, and two normals per household and period; parameters are struct
 *  kesten_parameters. The second has both shocks in single precision, of one word (models/kesten_single.h). */
extern const struct model model_kesten, model_kesten_single;

/** In what the shocks are computed; wealth is always a double. */
enum kesten_precision { KESTEN_DOUBLE, KESTEN_SINGLE };

/** What records can be of: labour income exp(v2 ξ) of the period that ended, and savings s w that the next begins with. */
enum { KESTEN_INCOME, KESTEN_SAVINGS };

/** The model's parameters, in the lecture's symbols. */
struct kesten_parameters {
    double r;          /**< net rate of return, finite, > -1 */
    double s;          /**< savings rate, 0 … 1 */
    double v1;         /**< volatility of the return (of its log), finite, >= 0 */
    double v2;         /**< volatility of labour income (of its log), finite, >= 0 */
    double w0;         /**< wealth at the start, finite, >= 0 */
    int64_t precision; /**< enum kesten_precision */
};

/** The law of motion with everything folded in that does not change: opaque; made once a run. */
struct kesten_law {
    int is_guarded;       /**< exponents may leave the range of doubles: the slower step, which saturates */
    double gain;          /**< (1 + r) s */
    double gain_exponent; /**< where guarded: a power of two that growth leaves out of the gain */
    double growth_scale;  /**< v1 log2(e): turns ζ into an exponent of base 2 */
    double income_scale;  /**< v2 log2(e) */
    double growth[10];    /**< gain 2^x, by powers of x */
    double income[10];    /**< 2^x, by powers of x */
    struct kesten_parameters parameters;
};

void kesten_law_init(struct kesten_law *law, const struct kesten_parameters *parameters);

/** One period of a block from its standard normals. All vector levels and compilers give the same bits.
 *  Both shocks' relative error is below 1e-13 at v1 = v2 = 1, over the whole range of the normals' words; 3.2e-14 (144
 *  units in the last place) was the largest measured. It grows with the volatilities, as their exponents do.
 *  @param[in]     normals  [512] of random/normals.h: household i has ζ at i and ξ at 256 + i; any alignment, 64 bytes
 *                          are fastest
 *  @param[in,out] w        [256] wealth, >= 0, never NaN; +inf where it left the range of doubles, and for ever
 *                        after unless gain is 0; any alignment, 64 bytes are fastest */
void kesten_step(const struct kesten_law *law, const double *normals, double *w);

/** Labour income of a block: what kesten_step adds to wealth, to the last bit. @param[in] xi  [256] @param[out] income  [256] */
void kesten_income(const struct kesten_law *law, const double *xi, double *income);

/** One household through n periods, 1 … 256, as kesten_step does, to the last bit.
 *  @param[in]  normals  [512] ζ of the t-th period at t and ξ at 256 + t, all of them numbers
 *  @param[in]  wealth   before them @param[out] path  [n] at the end of each */
void kesten_live(const struct kesten_law *law, int n, const double *normals, double wealth, double *path);

/** The same as kesten_step for a block under several laws, each as kesten_step has it, to the last bit. Neighbours of the same v2 share the
 *  exponential of income, those of the same v1 and gain that of growth, those of the same v1 alone its exponents.
 *  @param[in]     laws     [n] each a struct kesten_law
 *  @param[in]     normals  as above
 *  @param[in,out] states   [n] whose first array is wealth, as above */
void kesten_step_together(
    const void *const *laws, int n, const double *normals, const struct block_state *states);
