/** The household's chain on a grid, and its stationary vector: the inner half of models/stationary.h, which
 *  alone uses it.
 *
 *  The chain is followed in v = log(A w), the logarithm of wealth on the eve of income: v' = log gain +
 *  log(e^v + Y) + v1 ζ. Serial, deterministic. */
#pragma once

#include <stdbool.h>

struct grid {
    double start, step;
    int n;
};

/** What smooths one move: a normal density of width sigma times a polynomial in (x / sigma)². */
struct kernel {
    double sigma;
    double polynomial[6];
    int degree; /**< of the polynomial; 0: the normal density alone */
};

struct chain {
    double gain, v2;
    struct grid grid;
    struct kernel kernel;
    double **rows; /**< [n] a state's probabilities of moving to first … last, changed by the solution */
    int *first, *last; /**< [n] neither ever falls from a state to the next */
    double *share;     /**< [n] the stationary vector; its sum is 1 */
};

enum chain_outcome { CHAIN_FOUND, CHAIN_NOT_FOUND, CHAIN_NO_MEMORY };

/** Income's shock ξ is cut at this many standard deviations, which loses a probability of 3e-14. */
#define CHAIN_SHOCKS 7.6

/** Find the stationary vector.
 *  @param[out] chain  to be freed, whatever the outcome
 *  @param[in]  gain   (1 + r) s, in (0, 1)
 *  @param[in]  sigma  the kernel's width: v1, or more where the law varies on a scale far above both
 *  @param[in]  v      a state near the bulk of the law
 *  @return CHAIN_NOT_FOUND where the matrix would be too large, or the grid too coarse for the law */
enum chain_outcome chain_solve(
    struct chain *chain, double gain, double v1, double v2, double sigma, const struct grid *grid, double v);

/** The stationary density of v on another grid of the same range, up to the chain's accuracy: one more move.
 *  @param[out] density  [grid->n]
 *  @return CHAIN_FOUND or CHAIN_NO_MEMORY */
enum chain_outcome chain_density(const struct chain *chain, const struct grid *grid, double *density);

void chain_free(struct chain *chain);

/** log(e^a + e^b) */
double chain_log_sum(double a, double b);
