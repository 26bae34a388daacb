/** A model file's law as the step wants it: the inner half of models/tabulated.h, which alone uses it.
 *
 *  What is looked up for a household is found without a search. A guide, an array over cells of the argument, says where
 *  the answer begins that the least argument of the cell has.
 *
 *  Cells of wealth are the exponent and the leading bits of the significand of its distance from an origin below the lowest
 *  knot: the nearer the origin, the more of them there. Origin and bits are chosen so that few cells tell all knots apart,
 *  within reason; a few steps of bisection, the same number for all, then end at the answer. Rounding of the distance is
 *  monotone, and so does not matter.
 *
 *  Cells of a uniform are its leading bits (Chen and Asau's method, 1974), so many that there is hardly ever more than one
 *  entry that ends in the household's cell. Where there are more, they are looked at one by one: less than n / cells of
 *  them on average, however they crowd. */
#pragma once

#include "models/model.h"
#include "models/tabulated_data.h"

/** What a state has, in base 2 where it is an exponent. */
enum tabulated_parameter {
    P_RETURN,      /**< R0, and X0 too where there is no share */
    P_RISKY,       /**< X0 */
    P_RETURN_MEAN, /**< μR log2(e) */
    P_RETURN_SD,
    P_INCOME, /**< y0 */
    P_INCOME_MEAN,
    P_INCOME_SD,
    P_GROWTH, /**< G */
    P_LOADING,
    TABULATED_PARAMETERS
};

/** A piece of a savings rule: value + slope (w - start) for the w below its end that are in no piece before. */
enum { PIECE_START, PIECE_VALUE, PIECE_SLOPE, PIECE_END, TABULATED_PIECE };

/** Of the share, or of an outcome, over the piece of the same number: value + slope (w - start), and value below the start. */
struct tabulated_share {
    double value, slope;
};

/** Copies of a number, as many as the longest vector has lanes. */
enum { TABULATED_LANES = 8 };

/** Added to a chain's guide where more than one entry ends in the cell. */
#define TABULATED_CROWDED (UINT32_C(1) << 31)

/** Where a lookup begins. */
struct tabulated_guide {
    uint32_t *first; /**< [rows][cells] */
    int64_t cells;
};

/** All tables that hold in one aggregate state. */
struct tabulated_tables {
    /* the savings rule */
    double (*pieces)[TABULATED_PIECE]; /**< of all policies, each policy's in their order */
    struct tabulated_share *shares;    /**< NULL without */
    struct tabulated_share *outcomes[TABULATED_OUTCOMES]; /**< of those that the file has */
    struct tabulated_guide pieces_guide;
    int pieces_step; /**< the first of the bisection's steps, a power of two; 0: none are needed */
    double origin, nearest, farthest; /**< cells are of the distance from the origin, held within these */
    int shift;                        /**< of its bits */
    uint64_t base;                    /**< the nearest's cell before it is taken off */
    uint32_t *guide_of_state;         /**< [n_states] the first cell of the state's policy */
    double *lowest, *highest;         /**< [n_states] knots of the state's policy */

    /* the chain */
    double *cumulated; /**< [entries] up to and with the entry; beyond 1 for a row's last */
    double *before;    /**< [entries] up to the entry; NULL without newborns */
    int32_t *to;       /**< [entries] next state */
    struct tabulated_guide entries_guide;

    /* what a state has */
    double *of_state; /**< [n_states][n_varying] */
    int n_varying;
    enum tabulated_parameter varying[TABULATED_PARAMETERS];
    double
        *constant[TABULATED_PARAMETERS]; /**< [TABULATED_LANES] the same for all states; NULL where varying */
    uint8_t *newborn;                    /**< [n_states]; NULL where there are none */
    bool has_return_shock, has_income_shock, has_level, has_level_shock;
    double lower_bound, upper_bound; /**< of wealth */
};

/** Make the tables of one aggregate state.
 *  @param[in]  data    valid (tabulated_check)
 *  @param[out] tables  owned by the caller: tabulated_tables_free, after a failure too
 *  @return WS_OK, or WS_FAILED (memory) */
enum status tabulated_tables_create(
    struct tabulated_tables *tables, const struct tabulated_data *data, int64_t aggregate);
void tabulated_tables_free(struct tabulated_tables *tables);

/** A block's first households through one period. All vector levels and compilers give the same bits.
 *  @param[in]     households        8 … 256, a multiple of TABULATED_TOGETHER
 *  @param[in]     normals,uniforms  [512], [256] of struct shocks
 *  @param[in,out] w      [256] wealth
 *  @param[in,out] p      [256] level; not looked at where there is none
 *  @param[in,out] z      [256] state
 *  @param[out]    entry  [256] the chain's entry that each went through */
enum { TABULATED_TOGETHER = 8 };
void tabulated_live(const struct tabulated_tables *tables, int households, const double *normals,
    const double *uniforms, double *w, double *p, int32_t *z, uint32_t *entry);

/** An outcome of a block: linear between the knots, flat beyond them. The same bits everywhere.
 *  @param[in]  outcome  number of the file's
 *  @param[out] values   [256] */
void tabulated_outcome(
    const struct tabulated_tables *tables, int outcome, const double *w, const int32_t *z, double *values);

/* ---- parts of tabulated_tables_create, a file each ---- */

enum status tabulated_rule_create(
    struct tabulated_tables *tables, const struct tabulated_data *data, int64_t aggregate);

/** Newborns are known already. */
enum status tabulated_chain_create(
    struct tabulated_tables *tables, const struct tabulated_data *data, int64_t aggregate);

/** Leading bits of a cell, at most. */
enum { TABULATED_BITS = 16 };

/** How many cells the guide to n things may have. */
int64_t tabulated_cells_most(int64_t n);

/** Memory of whole cache lines, all zero. @return NULL without, with a message */
void *tabulated_take(size_t n, size_t bytes);
