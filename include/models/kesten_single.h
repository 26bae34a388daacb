/** The household of the lecture (models/kesten.h) with both shocks in single precision: normals from one word
 *  (random/normals_single.h), exponentials of single precision; w' = A w + Y is rounded once, to a double.
 *
 *  At v1 = v2 = 1 the relative error of either shock is below 1.5e-6 (1.27e-6 was the largest measured), that of the
 *  exponential by itself below 1.3 units of 2^-23; both grow with the volatilities, as their exponents do. All vector
 *  levels and compilers give the same bits. */
#pragma once

#include "models/kesten.h"
#include "random/normals_single.h"

/** The law of motion with everything folded in that does not change: opaque; made once a run. */
struct kesten_single_law {
    struct kesten_law exact; /**< the same law in double precision: comes first */
    float growth_scale;      /**< v1 log2(e) */
    float income_scale;      /**< v2 log2(e) */
    float growth[7];         /**< (1 + r) s 2^x, by powers of x */
    float income[7];         /**< 2^x, by powers of x */
};

/** Whether single precision will do for valid parameters: v1, v2 at most 2, and (1 + r) s 0 or within 2^-64 and 2^64. Not
 *  collective. @param[in] parameters  struct kesten_parameters @return WS_OK, or WS_USAGE with messages (error_add) */
enum status kesten_single_check(const void *parameters);

/** @param[in] parameters  that kesten_single_check lets pass */
void kesten_single_law_init(struct kesten_single_law *law, const struct kesten_parameters *parameters);

/** One period of a block under one or more laws, each as it has it alone, to the last bit. Neighbours of the same v2 share
 *  income, those of the same v1 and gain growth.
 *  @param[in]     laws     [n] each a struct kesten_single_law
 *  @param[in]     normals  [512] household i has ζ at i and ξ at 256 + i
 *  @param[in,out] states   [n] whose first array is wealth, as kesten_step has it */
void kesten_single_step(
    const void *const *laws, int n, const float *normals, const struct block_state *states);

/** Labour income of a block: what kesten_single_step adds to wealth, to the last bit.
 *  @param[in] xi  [256] numbers of single precision @param[out] income  [256] */
void kesten_single_income(const struct kesten_single_law *law, const double *xi, double *income);
