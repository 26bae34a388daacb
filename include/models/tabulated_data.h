/** What a model file says, as plain data: a savings rule on knots, a Markov chain, lognormal returns and income. Read by
 *  files/model_file.h, checked by tabulated_check, made into a law by models/tabulated.h.
 *
 *  All numbers are doubles here, those that are integers too. */
#pragma once

#include "core/error.h"
#include "models/model.h"
#include <stdbool.h>
#include <stdint.h>

enum tabulated_dimension {
    TABULATED_STATE,
    TABULATED_NEXT_STATE,
    TABULATED_POLICY,
    TABULATED_POINT,
    TABULATED_START, /**< one more than states */
    TABULATED_ENTRY, /**< of a sparse chain */
    TABULATED_SAMPLE,
    TABULATED_PERIOD,
    TABULATED_AGGREGATE,
    TABULATED_DIMENSIONS,
    TABULATED_NONE = -1
};

enum tabulated_variable {
    TRANSITION,
    TRANSITION_START,
    TRANSITION_TO,
    TRANSITION_PROBABILITY,
    POLICY_WEALTH,
    POLICY_SAVINGS,
    POLICY_SHARE,
    POLICY_OF_STATE,
    RETURN_CONSTANT,
    RISKY_CONSTANT,
    RETURN_LOG_MEAN,
    RETURN_LOG_SD,
    INCOME_CONSTANT,
    INCOME_LOG_MEAN,
    INCOME_LOG_SD,
    LEVEL_GROWTH,
    LEVEL_LOADING,
    NEWBORN,
    GROUP_LABEL,
    INITIAL_WEALTH,
    INITIAL_STATE,
    INITIAL_LEVEL,
    INITIAL_WEIGHT,
    AGGREGATE_PATH,
    TABULATED_VARIABLES
};

/** Behind them the outcomes, outcome_NAME: as many as the file has, up to so many; bytes of their names, without outcome_. */
enum {
    TABULATED_OUTCOMES = 16,
    TABULATED_ALL = TABULATED_VARIABLES + TABULATED_OUTCOMES,
    TABULATED_NAME = 48
};

/** A variable's name and shape in the file. */
struct tabulated_row {
    const char *name;
    enum tabulated_dimension over[2]; /**< the slower first; TABULATED_NONE behind the last */
    bool is_integer;
    bool may_have_aggregate; /**< one more, leading dimension */
};
extern const struct tabulated_row tabulated_rows[TABULATED_VARIABLES];
extern const char *const tabulated_dimensions[TABULATED_DIMENSIONS];

/** Beyond the outermost knots: the outermost slope goes on, the outermost savings do, or the run ends. */
enum tabulated_extrapolation {
    EXTRAPOLATION_LINEAR,
    EXTRAPOLATION_FLAT,
    EXTRAPOLATION_ERROR,
    EXTRAPOLATIONS
};
extern const char *const tabulated_extrapolations[EXTRAPOLATIONS];

/** Bounds of wealth where the file has none, and those of a level; the largest number that a file may have; and the largest
 *  |log mean| + 8.6 log sd, beyond which an exponential might leave the range of doubles. So nothing becomes infinite. */
#define TABULATED_BOUND    1e150
#define TABULATED_LARGEST  1e75
#define TABULATED_EXPONENT 600.0

/** Labels of states, each once, ascending. */
struct tabulated_groups {
    int n;
    int32_t labels[MODEL_GROUPS];
};

struct tabulated_data {
    int64_t length[TABULATED_DIMENSIONS]; /**< 0 where nothing has the dimension; of aggregate at least 1 */
    double *values[TABULATED_ALL];        /**< row-major; NULL for what the file does not have; owned */
    bool is_by_aggregate[TABULATED_ALL];  /**< whether it has the leading dimension */
    enum tabulated_extrapolation extrapolation;
    double lower_bound, upper_bound;
    int n_outcomes;
    char outcomes[TABULATED_OUTCOMES]
                 [TABULATED_NAME];              /**< names, without outcome_; unused ones are all zero */
    struct tabulated_groups groups, all_groups; /**< the file's, and those of all files of the run */
    uint64_t digest;                 /**< of all this: two files of the same digest are the same model */
    struct tabulated_common *common; /**< what its laws share; NULL while there are none */
};

/** Shape of a variable: of an outcome that of the savings rule, whose name is not the outcome's. */
const struct tabulated_row *tabulated_row_of(enum tabulated_variable variable);

/** Whether a variable is a function on the knots of the savings rule. */
bool tabulated_is_on_knots(int variable);

/** The number of an outcome of that name, without outcome_; -1: there is none. */
int tabulated_find_outcome(const struct tabulated_data *data, const char *name);

/** The values of a variable that hold in an aggregate state; NULL for what the file does not have. */
const double *tabulated_values(
    const struct tabulated_data *data, enum tabulated_variable variable, int64_t aggregate);

/** Numbers of a variable in one aggregate state, and in all. */
int64_t tabulated_length(const struct tabulated_data *data, enum tabulated_variable variable);
int64_t tabulated_total(const struct tabulated_data *data, enum tabulated_variable variable);

/** Name and place of the i-th of all numbers of a variable, counted from 0 along each of its dimensions: "transition[3, 2]".
 *  @param[out] text  [TABULATED_PLACE] @return text */
enum { TABULATED_PLACE = 128 };
const char *tabulated_place(
    const struct tabulated_data *data, enum tabulated_variable variable, int64_t i, char *text);

/** A row of the chain, dense or sparse: probabilities [n], and where they lead. */
struct tabulated_moves {
    int64_t n;
    const double *probability, *to; /**< to is NULL where the j-th leads to state j */
};
struct tabulated_moves tabulated_moves_from(
    const struct tabulated_data *data, int64_t aggregate, int64_t state);
int64_t tabulated_move_to(const struct tabulated_moves *moves, int64_t j);

/** The policy of a state: the file's, else the only one, else the state's own number. */
int64_t tabulated_policy_of(const struct tabulated_data *data, int64_t aggregate, int64_t state);

/** Hold what it says against what the law can do: rows that sum to 1, knots that ascend, numbers in range. Lengths of the
 *  dimensions agree already.
 *  @param[in] where  begins a message: the option and the file
 *  @return WS_OK, or WS_USAGE with a message (error_add) for each variable that has a fault: name, position, value */
enum status tabulated_check(const struct tabulated_data *data, const char *where);

/** Set the digest. */
void tabulated_set_digest(struct tabulated_data *data);

/** Free the values; the struct itself is the caller's. data may be NULL. */
void tabulated_data_free(struct tabulated_data *data);
