/** The model seam: all that the program knows of a household's model. A model is a file in this folder with its header, a
 *  row of models.c, and its tests; population, simulation, files and checkpoints call it through struct model alone.
 *
 *  A *law* is a model with the parameters of one scenario folded in. Households of a block live through a period
 *  together, all laws on the same shocks. */
#pragma once

#include "core/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Households of a block: the unit of work, of ownership and of random numbers. Fixed for all runs. */
enum { BLOCK_SIZE = 256 };

/** The most arrays of a model's state, and the most random numbers that a household takes per period. */
enum { MODEL_ARRAYS = 4, MODEL_NUMBERS = 4 };

enum array_type {
    ARRAY_REAL,   /**< double */
    ARRAY_UINT8,  /**< uint8_t */
    ARRAY_UINT16, /**< uint16_t */
    ARRAY_INT     /**< int32_t */
};

/** An array of the state: a value for each household. */
struct model_array {
    const char *name; /**< of the variable in files */
    const char *long_name;
    enum array_type type;
};

/** A quantity of a household, besides the first array, that cross-sections can be of: another array of the state, or what
 *  is computed of it. */
struct model_quantity {
    const char *name; /**< of the quantity in files: a word */
    const char *long_name;
    int array;         /**< that it is, of reals; 0: evaluate computes it */
    int number;        /**< for evaluate */
    bool is_multiple;  /**< of wealth: what theory says of its moments holds of the quantity's, too */
    bool is_of_period; /**< of what happened in the period that ended there: it has no value at period 0 */
};

/** The most quantities besides the first array. */
enum { MODEL_QUANTITIES = 18 };

/** The most groups of households that records tell apart, besides all; and what a household is of that is of none. */
enum { MODEL_GROUPS = 255, MODEL_NO_GROUP = MODEL_GROUPS };

/** What a block meets in one period, the same for all laws. Made once, from the next words of the block's stream: those of
 *  the normals, pair by pair, come before those of the uniforms. */
struct shocks {
    int64_t period; /**< that is lived through, 1, 2, … */
    int households; /**< that there are in the block; those behind them only draw, and may be anywhere, moved or not */
    const double
        *normals; /**< [model->normals][256] independent standard normals (random/normals.h); of a model with
                                 words NULL */
    const uint64_t *words;  /**< [model->words][256] as they are; NULL for a model without */
    const double *uniforms; /**< [model->uniforms][256] multiples of 2^-52 in [0, 1) */
};

/** What theory says of a law without simulation. Where it says nothing, all moments are taken to exist. */
struct theory {
    bool has_stationary_law, has_mean, has_variance, has_fourth_moment;
    double mean, variance; /**< of the stationary law; +inf or NaN where there is none */
    double tail_index;     /**< of its Pareto tail; +inf where it has none; NaN where nothing is known */
    double memory; /**< periods after which a thousandth of the start is left; +inf where it stays for ever */
    const char *warning; /**< what of a run's figures means nothing, and why; NULL for nothing */
};

/** A block's part of each array of one scenario's state: [n_arrays][256], 64-byte aligned. */
struct block_state {
    void *arrays[MODEL_ARRAYS];
};

/** None of the functions is collective; those of one law may be called by several threads at a time.
 *  state is a block's part of each array: [n_arrays][256], 64-byte aligned. */
struct model {
    const char *name;
    int normals, uniforms; /**< that a household takes per period, used or not */
    int words; /**< random words that a household takes per period as they are, of which its step makes the normals
                    itself; 0: each normal is made of a word, for all laws */
    bool forbids;                            /**< whether there are places that a law forbids */
    int n_arrays;                            /**< at least 1 */
    struct model_array arrays[MODEL_ARRAYS]; /**< the first is what cross-sections are of: reals */
    size_t law_bytes;

    /** @return the model that the parameters, as options give them, ask for: this one, or one of the same name that
     *  stands for it, as one made for a file; NULL where they ask for another, never for the default model */
    const struct model *(*chosen)(const void *parameters);

    /** Whether a law can be made of parameters each of which is valid. NULL: of all. @return WS_OK; WS_USAGE with messages */
    enum status (*check)(const void *parameters);

    /** What wealth they allow a household to start with: [low, high]. NULL for all that is finite, 0 or more. */
    void (*range)(const void *parameters, double *low, double *high);

    /** Change them to those of a coupled run, which starts from this wealth. */
    void (*couple)(void *parameters, double wealth);

    /** Bytes of what a file says and of what all its laws share, besides law_bytes: once for each file. NULL: none.
     *  Parameters ask for this model; their file may not have been read. */
    double (*shared_bytes)(const void *parameters);

    /** Give parameters of scenarios, which ask for models of this name, one model: what each of theirs has, it has. NULL
     *  where they always have the same.
     *  @param[in,out] first  the first of n of the model's own structs, the others each so many bytes behind the one before
     *  @return WS_OK; WS_USAGE with a message where they cannot be together */
    enum status (*unite)(void *first, size_t stride, int n);

    /** The model that a law would have alone, with the first of this one's arrays, in other types perhaps. NULL: this. */
    const struct model *(*own)(const void *law);

    /** Make a law, in [law_bytes] of 64-byte alignment. Parameters are the model's own struct, valid, and not kept.
     *  @return WS_OK; WS_FAILED (memory) leaves nothing to destroy */
    enum status (*init)(void *law, const void *parameters);
    void (*destroy)(void *law); /**< NULL where init takes nothing */

    /** A block at period 0.
     *  @param[in] household   number, in the population, of the block's first; those past the population's end start too
     *  @param[in] population  how many households it has */
    void (*start)(const void *law, int64_t household, int64_t population, void *const *state);

    /** A block through one period. The same bits on all processors and by all compilers.
     *  @return BLOCK_SIZE; or the first household that is where the law forbids it to be: then nobody has moved */
    int (*step)(const void *law, const struct shocks *shocks, void *const *state);

    /** NULL: periods are stepped one by one. The block's first household alone through n periods, 1 … BLOCK_SIZE, as step
     *  does, to the last bit: for a model of one array that takes normals alone.
     *  @param[in]     normals  [model->normals][256] of the periods
     *  @param[in]     wealth   before them @param[out] path  [n] at the end of each */
    void (*live)(const void *law, int n, const double *normals, double wealth, double *path);

    /** Of a model with words: the normals that its step makes of them, for whoever wants to see or keep them.
     *  @param[in]  words    [model->words][256]
     *  @param[out] normals  [model->normals][256] */
    void (*unfold)(const uint64_t *words, double *normals);

    /** NULL: laws are stepped one by one. A block through one period under several laws, each as step does, to the last
     *  bit, whichever laws are together and in whatever order; it is fastest where laws that have much in common are
     *  neighbours. A model that has it forbids no place.
     *  @param[in]     laws    [n]
     *  @param[in,out] states  [n] of the laws; no two share memory */
    void (*step_together)(
        const void *const *laws, int n, const struct shocks *shocks, const struct block_state *states);

    /** The order in which such laws are neighbours: below, at or above 0, as for qsort. NULL: any order. */
    int (*compare)(const void *law, const void *other);

    /** The first of n values of an array that no household can have, NaN perhaps: for what is read from files.
     *  @return its position, n where there is none */
    int64_t (*find_invalid)(const void *law, int array, const void *values, int64_t n);

    /** NULL for a model of which theory knows nothing. */
    struct theory (*theory)(const void *law);
    /** NULL, or quantiles and Gini coefficient of the stationary law, NaN where they are not known; it may take seconds.
     *  @return WS_OK; WS_FAILED (memory), without a message, since several threads may say so at a time */
    enum status (*stationary)(
        const void *law, const double *probabilities, int64_t n, double *quantiles, double *gini);
    /** Orders laws as for qsort: 0 where stationary gives the same for both, to the last bit. NULL: only for the same law. */
    int (*compare_stationary)(const void *law, const void *other);

    /** What records can be of besides the first array, and how many of them they are of, from the first on, unless others
     *  are chosen (models/models.h). */
    int n_available, n_quantities;
    struct model_quantity quantities[MODEL_QUANTITIES];

    /** The normals, counted from 1, that quantities of a period are computed of; 0: none is of a period. */
    int kept;

    /** A quantity of a block's households, never NaN nor -inf wherever the state is valid. NULL where none is computed.
     *  @param[in]  number  the quantity's own
     *  @param[in]  period  that the state is of
     *  @param[in]  normals [256] of the period, those that are kept; NULL for a quantity of no period
     *  @param[out] values  [256] */
    void (*evaluate)(const void *law, int number, int64_t period, const double *normals, void *const *state,
        double *values);

    /** Labels of the groups of households that records tell apart, besides all, in rising order: [n_groups], not owned. */
    int n_groups;
    const int32_t *group_labels;

    /** The group of each of a block's households: its place in group_labels, or MODEL_NO_GROUP. NULL without groups.
     *  @param[out] group  [256] */
    void (*group)(const void *law, void *const *state, uint8_t *group);

    /** Where a block's households are on the grids of their rules, which hold in the next period. NULL for a model without.
     *  @param[in]  period  that the state is of
     *  @param[out] side    [256] -1: below the lowest knot; 1: above the highest; 0: neither */
    void (*beyond)(const void *law, int64_t period, void *const *state, int8_t *side);
};

/** Words of a block's stream that a period takes; normals are made in pairs. At most 256 MODEL_NUMBERS. */
int model_words(const struct model *model);

/** Those of them that no uniform is made of: the first. */
int model_first_words(const struct model *model);

/** Bytes of one value, and of a household's whole state. */
size_t model_array_bytes(const struct model *model, int array);
size_t model_household_bytes(const struct model *model);

/** Values of an array in another type that holds them. @param[out] room  [n * 8 bytes], for where the types differ
 *  @return values or room */
const void *model_array_as(
    enum array_type type, enum array_type from, const void *values, int64_t n, void *room);

/** A value of an array of integers. */
int64_t model_array_integer(enum array_type type, const void *values, int64_t i);

/** The first of n values that is not within low … high, NaN perhaps; n where there is none. */
int64_t model_first_outside(const double *values, int64_t n, double low, double high);

/** Nothing is known: all moments are taken to exist, and a start to be forgotten at once. */
extern const struct theory theory_unknown;

/** The quantities that records are of: how many, and which. The first, 0, is the first array; quantity k that of
 *  model->quantities[k - 1]. */
int model_quantities(const struct model *model);
struct model_quantity model_quantity(const struct model *model, int quantity);

/** The summaries of a record: of each quantity, of all households first, then of each group. That of a quantity of all is
 *  numbered as the quantity is, that of group g (1: the first label) comes model_quantities(model) times g behind it. */
int model_groups(const struct model *model); /**< all households counted as one */
int model_summaries(const struct model *model);
/** The quantity that a summary is of. */
int model_summary_quantity(const struct model *model, int summary);

/** The normals, counted from 1, that those need of the period that ended; 0: none. */
int model_kept(const struct model *model);

/** What theory says; of a model without one that nothing is known. */
struct theory model_theory(const struct model *model, const void *law);
