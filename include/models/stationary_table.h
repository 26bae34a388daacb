/** The law of V, the wealth on the eve of income, as a table that is interpolated: the middle part of
 *  models/stationary.h, which alone uses it. Serial, deterministic. */
#pragma once

#include "models/stationary_chain.h"

enum {
    TABLE_REFINE = 4, /**< steps of the table to a step of the chain */
    TABLE_WIDTH = 12  /**< points of an interpolation */
};

/** Gauss and Legendre's rule on 0 … 1, exact for the interpolating polynomials. */
enum { GAUSS = 6 };
extern const double gauss_x[GAUSS], gauss_w[GAUSS];

/** The table; all zero is that of V = 0. */
struct table {
    struct grid grid; /**< in log V */
    double *above;    /**< [n] P(V > node) */
    double *wealth;   /**< [n] E[V; V <= node] */
    double second;    /**< E V² */
};

/** @param[out] table  all zero before; to be freed, whatever the outcome
 *  @return CHAIN_FOUND or CHAIN_NO_MEMORY */
enum chain_outcome table_create(struct table *table, const struct chain *chain);
void table_free(struct table *table);

/** P(V > e^v) and, where wealth is not NULL, E[V; V <= e^v]. */
double table_above(const struct table *table, double v, double *wealth);
