/* Each variable's numbers are looked at first, one by one; what hangs together afterwards, where its numbers do. */
#include "models/tabulated_data.h"
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { TEXT_BYTES = 512 };

/* How far a row of probabilities may be from 1; normal numbers of a period lie within this many standard deviations; how
 * steep a rule may be, and how large a share, for everything to stay finite: 1e75 · 1e150 + 1e75 for savings, and
 * 1e40 · e^600 for a return. */
static const double row_tolerance = 1e-12, normal_most = 8.6, slope_most = 1e75, share_most = 1e40,
                    positive_least = 1e-75;

struct check {
    const struct tabulated_data *data;
    const char *where;
    bool are_numbers[TABULATED_ALL]; /* that it has, each in its range */
    enum status status;
};

static void add_fault(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add_fault(struct check *check, const char *format, ...)
{
    char text[TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    check->status = error_add(WS_USAGE, "%s: %s", check->where, text);
}

/* Whether there is a variable all of whose numbers are in range. */
static bool has(const struct check *check, enum tabulated_variable variable)
{
    return check->are_numbers[variable];
}

/* The place of a value of tabulated_values(data, variable, aggregate). */
static const char *place_of(const struct check *check, enum tabulated_variable variable, int64_t aggregate,
    int64_t i, char place[TABULATED_PLACE])
{
    const bool is_by_aggregate = check->data->is_by_aggregate[variable];
    const int64_t before = is_by_aggregate ? aggregate * tabulated_length(check->data, variable) : 0;
    return tabulated_place(check->data, variable, before + i, place);
}

/* Aggregate states that a variable tells apart. */
static int64_t aggregates_of(const struct check *check, enum tabulated_variable variable)
{
    return check->data->is_by_aggregate[variable] ? check->data->length[TABULATED_AGGREGATE] : 1;
}

/* ---- numbers, one by one ---------------------------------------------------------------------------------------- */

struct range {
    double low, high;
    char words[TEXT_BYTES / 4]; /* what they have to be */
};

static struct range index_below(int64_t n, const char *things)
{
    struct range range = {.low = 0, .high = (double)n - 1};
    snprintf(range.words, sizeof range.words, "%s are numbered 0 to %" PRId64, things, n - 1);
    return range;
}

static struct range within_bounds(const struct tabulated_data *data)
{
    struct range range = {.low = data->lower_bound, .high = data->upper_bound};
    snprintf(range.words, sizeof range.words,
        "wealth is held within %.10g and %.10g (lower_bound, upper_bound)", range.low, range.high);
    return range;
}

/* Savings may be below the lower bound where income lifts wealth to it. */
static struct range savings_within_bounds(const struct tabulated_data *data)
{
    struct range range = within_bounds(data);
    double *const *values = data->values;
    if (values[INCOME_CONSTANT] || values[INCOME_LOG_MEAN] || values[INCOME_LOG_SD])
        range.low = -INFINITY;
    return range;
}

static struct range range_of(const struct tabulated_data *data, enum tabulated_variable variable)
{
    const int64_t *length = data->length;
    switch (variable) {
    case TRANSITION:
    case TRANSITION_PROBABILITY:
        return (struct range){0, INFINITY, "a probability is not negative"};
    case TRANSITION_START: {
        struct range range = {.low = 0, .high = (double)length[TABULATED_ENTRY]};
        snprintf(range.words, sizeof range.words, "a row begins at 0 to %" PRId64, length[TABULATED_ENTRY]);
        return range;
    }
    case TRANSITION_TO:
    case INITIAL_STATE:
        return index_below(length[TABULATED_STATE], "states");
    case POLICY_SHARE:
        return (struct range){-share_most, share_most, "a share is of magnitude 1e40 at most"};
    case POLICY_OF_STATE:
        return index_below(length[TABULATED_POLICY], "policies");
    case RETURN_LOG_SD:
    case INCOME_LOG_SD:
        return (struct range){0, INFINITY, "a standard deviation is not negative"};
    case LEVEL_GROWTH:
        return (struct range){
            1 / TABULATED_LARGEST, INFINITY, "growth of a level is positive (1e-75 or more)"};
    case LEVEL_LOADING:
        return (struct range){-TABULATED_EXPONENT / normal_most, TABULATED_EXPONENT / normal_most,
            "a loading is of magnitude 600 / 8.6 at most"};
    case NEWBORN:
        return (struct range){0, 1, "it is 1 for a state of newborns, else 0"};
    case GROUP_LABEL:
        return (struct range){INT32_MIN, INT32_MAX, "a group is a whole number of 32 bits"};
    case POLICY_SAVINGS:
        return savings_within_bounds(data);
    case INITIAL_WEALTH:
        return within_bounds(data);
    case INITIAL_LEVEL:
        return (struct range){positive_least, INFINITY, "a level is positive (1e-75 or more)"};
    case INITIAL_WEIGHT:
        return (struct range){0, INFINITY, "a weight is not negative"};
    case AGGREGATE_PATH:
        return index_below(length[TABULATED_AGGREGATE], "aggregate states");
    default:
        return (struct range){-INFINITY, INFINITY, ""};
    }
}

/* Why a value does not do, or NULL. */
static const char *fault_of(double value, bool is_integer, const struct range *range)
{
    if (!isfinite(value) || fabs(value) > TABULATED_LARGEST)
        return "numbers are finite, and of magnitude 1e75 at most";
    if (is_integer && value != floor(value))
        return "it has to be a whole number";
    return value >= range->low && value <= range->high ? NULL : range->words;
}

/* The first that does not do, and how many others there are. */
static void check_numbers(struct check *check, enum tabulated_variable variable)
{
    const double *values = check->data->values[variable];
    const int64_t n = values ? tabulated_total(check->data, variable) : 0;
    const struct range range = range_of(check->data, variable);
    const bool is_integer = tabulated_row_of(variable)->is_integer;
    int64_t first = -1, others = 0;
    char place[TABULATED_PLACE], more[TEXT_BYTES / 8] = "";
    for (int64_t i = 0; i < n; i++)
        if (fault_of(values[i], is_integer, &range)) {
            others += first >= 0;
            first = first < 0 ? i : first;
        }
    check->are_numbers[variable] = values && first < 0;
    if (first < 0)
        return;
    if (others > 0)
        snprintf(more, sizeof more, " (and %" PRId64 " more of its numbers)", others);
    add_fault(check, "%s is %.10g: %s%s", tabulated_place(check->data, variable, first, place), values[first],
        fault_of(values[first], is_integer, &range), more);
}

/* ---- the chain -------------------------------------------------------------------------------------------------- */

/* The sum of n numbers that are not negative, with Kahan's correction. */
static double sum_of(const double *values, int64_t n)
{
    double sum = 0, correction = 0;
    for (int64_t i = 0; i < n; i++) {
        const double value = values[i] - correction, next = sum + value;
        correction = (next - sum) - value;
        sum = next;
    }
    return sum;
}

static void refuse_row(
    struct check *check, enum tabulated_variable variable, int64_t aggregate, int64_t row, double sum)
{
    char before[TEXT_BYTES / 8] = "";
    if (check->data->is_by_aggregate[variable])
        snprintf(before, sizeof before, "aggregate %" PRId64 ", ", aggregate);
    add_fault(check, "%s: the probabilities of %sstate %" PRId64 " sum to %.15g, not to 1 within 1e-12",
        tabulated_rows[variable].name, before, row, sum);
}

/* The first row, of all in the order of the file, that does not sum to 1. start: NULL for a dense chain. */
static void check_rows(struct check *check, enum tabulated_variable variable, const double *start)
{
    const int64_t states = check->data->length[TABULATED_STATE];
    for (int64_t a = 0; a < aggregates_of(check, variable); a++)
        for (int64_t z = 0; z < states; z++) {
            const int64_t first = start ? (int64_t)start[z] : z * states;
            const int64_t n = start ? (int64_t)start[z + 1] - first : states;
            const double sum = sum_of(tabulated_values(check->data, variable, a) + first, n);
            if (!(fabs(sum - 1) <= row_tolerance)) {
                refuse_row(check, variable, a, z, sum);
                return;
            }
        }
}

/* @return whether rows are where they can be read */
static bool check_starts(struct check *check)
{
    const double *start = check->data->values[TRANSITION_START];
    const int64_t states = check->data->length[TABULATED_STATE],
                  entries = check->data->length[TABULATED_ENTRY];
    if (start[0] != 0 || start[states] != (double)entries) {
        add_fault(check,
            "transition_start goes from %.10g to %.10g: it has to go from 0 to %" PRId64
            ", the length of transition_to",
            start[0], start[states], entries);
        return false;
    }
    for (int64_t z = 0; z < states; z++)
        if (start[z] > start[z + 1]) {
            add_fault(check,
                "transition_start[%" PRId64 "] is %.10g, behind %.10g: rows begin one behind the other",
                z + 1, start[z + 1], start[z]);
            return false;
        }
    return true;
}

static void check_targets(struct check *check)
{
    const double *start = check->data->values[TRANSITION_START], *to = check->data->values[TRANSITION_TO];
    for (int64_t z = 0; z < check->data->length[TABULATED_STATE]; z++)
        for (int64_t i = (int64_t)start[z] + 1; i < (int64_t)start[z + 1]; i++)
            if (to[i] <= to[i - 1]) {
                add_fault(check,
                    "transition_to[%" PRId64
                    "] is %.10g, behind %.10g: states ascend within a row (that of state "
                    "%" PRId64 ")",
                    i, to[i], to[i - 1], z);
                return;
            }
}

static void check_sparse(struct check *check)
{
    if (!has(check, TRANSITION_START) || !check_starts(check))
        return;
    if (has(check, TRANSITION_TO))
        check_targets(check);
    if (has(check, TRANSITION_PROBABILITY))
        check_rows(check, TRANSITION_PROBABILITY, check->data->values[TRANSITION_START]);
}

static void check_chain(struct check *check)
{
    double *const *values = check->data->values;
    const int n_sparse = (values[TRANSITION_START] != NULL) + (values[TRANSITION_TO] != NULL) +
                         (values[TRANSITION_PROBABILITY] != NULL);
    if (values[TRANSITION] && n_sparse > 0)
        add_fault(check,
            "a chain is given twice: keep either transition or transition_start, transition_to and "
            "transition_probability");
    else if (!values[TRANSITION] && n_sparse < 3)
        add_fault(check, "the chain is missing: it needs transition, or transition_start, transition_to and "
                         "transition_probability");
    else if (n_sparse == 3)
        check_sparse(check);
    else if (has(check, TRANSITION))
        check_rows(check, TRANSITION, NULL);
}

/* ---- the savings rule ------------------------------------------------------------------------------------------- */

/* The first knot that descends, or is the third at its wealth. */
static void check_ascending(struct check *check)
{
    const int64_t points = check->data->length[TABULATED_POINT],
                  n = tabulated_total(check->data, POLICY_WEALTH);
    const double *x = check->data->values[POLICY_WEALTH];
    char place[TABULATED_PLACE];
    for (int64_t i = 0; i < n; i++)
        if (i % points > 0 && x[i] < x[i - 1]) {
            add_fault(check, "%s is %.10g, behind %.10g: knots do not descend",
                tabulated_place(check->data, POLICY_WEALTH, i, place), x[i], x[i - 1]);
            return;
        } else if (i % points > 1 && x[i] == x[i - 2]) {
            add_fault(check, "%s is the third knot at %.10g: a jump has two",
                tabulated_place(check->data, POLICY_WEALTH, i, place), x[i]);
            return;
        }
}

/* A rule that goes on beyond its knots needs a slope. */
static void check_widths(struct check *check)
{
    const int64_t points = check->data->length[TABULATED_POINT],
                  n = tabulated_total(check->data, POLICY_WEALTH);
    const double *x = check->data->values[POLICY_WEALTH];
    char place[TABULATED_PLACE];
    if (check->data->extrapolation != EXTRAPOLATION_LINEAR)
        return;
    for (int64_t i = 0; i < n; i += points)
        if (x[i] == x[i + points - 1]) {
            add_fault(check,
                "%s: all knots of this policy are at %.10g, which gives no slope to extrapolate with: say "
                "extrapolation = \"flat\", or add a knot",
                tabulated_place(check->data, POLICY_WEALTH, i, place), x[i]);
            return;
        }
}

/* The first segment of positive width on which a rule is too steep. */
static void check_slopes(struct check *check, enum tabulated_variable variable)
{
    const int64_t points = check->data->length[TABULATED_POINT], n = tabulated_length(check->data, variable);
    char place[TABULATED_PLACE];
    for (int64_t a = 0; a < check->data->length[TABULATED_AGGREGATE]; a++) {
        const double *x = tabulated_values(check->data, POLICY_WEALTH, a);
        const double *y = tabulated_values(check->data, variable, a);
        for (int64_t i = 0; i < n; i++)
            if (i % points > 0 && x[i] > x[i - 1] &&
                !(fabs((y[i] - y[i - 1]) / (x[i] - x[i - 1])) <= slope_most)) {
                add_fault(check,
                    "%s is %.10g, behind %.10g at nearly the same wealth: a jump has the same wealth twice",
                    place_of(check, variable, a, i, place), y[i], y[i - 1]);
                return;
            }
    }
}

static void check_rule(struct check *check)
{
    const int64_t policies = check->data->length[TABULATED_POLICY],
                  states = check->data->length[TABULATED_STATE];
    if (!check->data->values[POLICY_WEALTH] || !check->data->values[POLICY_SAVINGS])
        add_fault(check, "the savings rule is missing: it needs policy_wealth and policy_savings");
    if (!check->data->values[POLICY_OF_STATE] && policies > 1 && policies != states)
        add_fault(check, "policy_of_state is missing: there are %" PRId64 " policies for %" PRId64 " states",
            policies, states);
    if (!has(check, POLICY_WEALTH))
        return;
    check_ascending(check);
    check_widths(check);
    for (int i = 0; i < TABULATED_ALL; i++)
        if (tabulated_is_on_knots(i) && has(check, (enum tabulated_variable)i))
            check_slopes(check, (enum tabulated_variable)i);
}

/* ---- the rest --------------------------------------------------------------------------------------------------- */

/* An exponential's exponent, mean and deviation of a normal number; one that is not there is 0. */
static void check_exponents(struct check *check, enum tabulated_variable mean, enum tabulated_variable sd)
{
    const enum tabulated_variable named = has(check, mean) ? mean : sd;
    char place[TABULATED_PLACE];
    if (!has(check, mean) && !has(check, sd))
        return;
    for (int64_t a = 0; a < check->data->length[TABULATED_AGGREGATE]; a++)
        for (int64_t z = 0; z < check->data->length[TABULATED_STATE]; z++) {
            const double of_mean = has(check, mean) ? fabs(tabulated_values(check->data, mean, a)[z]) : 0;
            const double of_sd = has(check, sd) ? fabs(tabulated_values(check->data, sd, a)[z]) : 0;
            if (of_mean + normal_most * of_sd <= TABULATED_EXPONENT)
                continue;
            add_fault(check,
                "%s: with a mean of magnitude %.10g and a deviation of %.10g the exponent may reach %.10g: "
                "%g is the most",
                place_of(check, named, a, z, place), of_mean, of_sd, of_mean + normal_most * of_sd,
                TABULATED_EXPONENT);
            return;
        }
}

static bool is_newborn(const struct check *check, int64_t state)
{
    for (int64_t a = 0; a < aggregates_of(check, NEWBORN); a++)
        if (tabulated_values(check->data, NEWBORN, a)[state] != 0)
            return true;
    return false;
}

/* A point of the sample is where a newborn begins: that cannot be the state of being born again. */
static void check_sample(struct check *check)
{
    const double *state = check->data->values[INITIAL_STATE];
    const int64_t n = check->data->length[TABULATED_SAMPLE];
    if (has(check, INITIAL_WEIGHT) && !(sum_of(check->data->values[INITIAL_WEIGHT], n) > 0))
        add_fault(check, "initial_weight: the weights sum to 0");
    if (!has(check, NEWBORN))
        return;
    if (!state && is_newborn(check, 0))
        add_fault(check,
            "newborn[0] is 1: without initial_state households begin in state 0, which cannot be one of "
            "newborns");
    for (int64_t i = 0; has(check, INITIAL_STATE) && i < n; i++)
        if (is_newborn(check, (int64_t)state[i])) {
            add_fault(check,
                "initial_state[%" PRId64 "] is %.10g, a state of newborns, who begin in a state of the "
                "sample: it has to be another",
                i, state[i]);
            return;
        }
}

static void check_size(struct check *check)
{
    const struct tabulated_data *data = check->data;
    if (data->length[TABULATED_AGGREGATE] > 1 && !data->values[AGGREGATE_PATH])
        add_fault(check,
            "aggregate_path is missing: it says which of the %" PRId64 " aggregate states holds in each "
            "period",
            data->length[TABULATED_AGGREGATE]);
}

/* One of the two, or both, as the file says. The bounds of a file without them are larger than its numbers may be. */
static bool is_bound(double bound)
{
    return fabs(bound) <= TABULATED_LARGEST || fabs(bound) == TABULATED_BOUND;
}

static void check_bounds(struct check *check)
{
    const double low = check->data->lower_bound, high = check->data->upper_bound;
    if (!is_bound(low))
        add_fault(check, "lower_bound is %.10g: numbers are finite, and of magnitude 1e75 at most", low);
    if (!is_bound(high))
        add_fault(check, "upper_bound is %.10g: numbers are finite, and of magnitude 1e75 at most", high);
    if (is_bound(low) && is_bound(high) && !(low < high))
        add_fault(check, "lower_bound is %.10g, upper_bound %.10g: it has to be above", low, high);
}

enum status tabulated_check(const struct tabulated_data *data, const char *where)
{
    struct check check = {.data = data, .where = where};
    check_bounds(&check);
    const bool has_bounds = check.status == WS_OK;
    for (int i = 0; i < TABULATED_ALL; i++)
        if (has_bounds || (i != POLICY_SAVINGS && i != INITIAL_WEALTH))
            check_numbers(&check, (enum tabulated_variable)i);
    check_size(&check);
    check_chain(&check);
    check_rule(&check);
    check_exponents(&check, RETURN_LOG_MEAN, RETURN_LOG_SD);
    check_exponents(&check, INCOME_LOG_MEAN, INCOME_LOG_SD);
    check_sample(&check);
    return check.status;
}
