/* What is refused of a model file's numbers, each with its words; and that what is at the limit is not. */
#include "models/tabulated_data.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATES = 3, POINTS = 4, SAMPLE = 5, ENTRIES = 5 };

/* A model of three states, each with its policy, and with everything that a file may have but a sparse chain. */
static const double transition[STATES * STATES] = {0.5, 0.25, 0.25, 0.1, 0.2, 0.7, 0, 1, 0},
                                        wealth[STATES * POINTS] = {-1, 0, 0, 2, 0, 1, 2, 3, 0, 0, 1, 1},
                                        savings[STATES * POINTS] = {-0.5, 0, 1, 2, 0, 0.5, 1, 2, 0, 1, 1, 2},
                                        path[2] = {0, 0}, sample[SAMPLE] = {1, 0.5, 0, 1e3, 2},
                                        in_state[SAMPLE] = {0, 1, 1, 0, 0}, newborn[STATES] = {0, 0, 1},
                                        group[STATES] = {-7, INT32_MAX, INT32_MIN}, own[STATES] = {2, 1, 0},
                                        some[STATES] = {0.5, 0, 0.25}, start[STATES + 1] = {0, 2, 4, 5},
                                        to[ENTRIES] = {0, 2, 0, 1, 2},
                                        probability[ENTRIES] = {0.5, 0.5, 0.3, 0.7, 1};

static void set(struct tabulated_data *data, enum tabulated_variable variable, const double *values)
{
    const size_t bytes = (size_t)tabulated_total(data, variable) * sizeof *values;
    free(data->values[variable]);
    data->values[variable] = malloc(bytes);
    assert_non_null(data->values[variable]);
    memcpy(data->values[variable], values, bytes);
}

static void remove_variable(struct tabulated_data *data, enum tabulated_variable variable)
{
    free(data->values[variable]);
    data->values[variable] = NULL;
}

static struct tabulated_data valid(void)
{
    struct tabulated_data data = {.length = {STATES, STATES, STATES, POINTS, 0, 0, SAMPLE, 2, 1},
        .lower_bound = -1,
        .upper_bound = 1e3};
    set(&data, TRANSITION, transition);
    set(&data, POLICY_WEALTH, wealth);
    set(&data, POLICY_SAVINGS, savings);
    set(&data, POLICY_SHARE, savings);
    set(&data, POLICY_OF_STATE, own);
    for (int i = RETURN_CONSTANT; i <= LEVEL_LOADING; i++)
        if (i != LEVEL_GROWTH)
            set(&data, (enum tabulated_variable)i, some);
    set(&data, NEWBORN, newborn);
    set(&data, GROUP_LABEL, group);
    set(&data, INITIAL_WEALTH, sample);
    set(&data, INITIAL_STATE, in_state);
    set(&data, INITIAL_WEIGHT, sample);
    set(&data, AGGREGATE_PATH, path);
    return data;
}

static struct tabulated_data valid_sparse(void)
{
    struct tabulated_data data = valid();
    remove_variable(&data, TRANSITION);
    data.length[TABULATED_NEXT_STATE] = 0;
    data.length[TABULATED_START] = STATES + 1;
    data.length[TABULATED_ENTRY] = ENTRIES;
    set(&data, TRANSITION_START, start);
    set(&data, TRANSITION_TO, to);
    set(&data, TRANSITION_PROBABILITY, probability);
    return data;
}

/* Refused with these words, or taken where there are none. Frees the data. */
static void expect(struct tabulated_data *data, const char *words)
{
    error_clear();
    const enum status status = tabulated_check(data, "--model: 'x'");
    if (strcmp(error_message(), words) != 0)
        fail_msg("'%s' instead of '%s'", error_message(), words);
    assert_int_equal(status, words[0] ? WS_USAGE : WS_OK);
    tabulated_data_free(data);
}

static void expect_fault(struct tabulated_data *data, const char *words)
{
    char line[1024];
    snprintf(line, sizeof line, "--model: 'x': %s", words);
    expect(data, line);
}

static void test_valid(void **state)
{
    (void)state;
    struct tabulated_data data = valid();
    expect(&data, "");
    data = valid_sparse();
    expect(&data, "");
}

/* One number of a valid model at a time. */
static const struct {
    enum tabulated_variable variable;
    int place;
    double value;
    const char *words;
} numbers[] = {
    {TRANSITION, 4, NAN, "transition[1, 1] is nan: numbers are finite, and of magnitude 1e75 at most"},
    {TRANSITION, 4, -0.2, "transition[1, 1] is -0.2: a probability is not negative"},
    {TRANSITION, 7, 0.99, "transition: the probabilities of state 2 sum to 0.99, not to 1 within 1e-12"},
    {TRANSITION, 7, 1 + 2e-12,
        "transition: the probabilities of state 2 sum to 1.000000000002, not to 1 within 1e-12"},
    {TRANSITION, 7, 1 - 0.99e-12, ""},
    {POLICY_WEALTH, 5, -0.1, "policy_wealth[1, 1] is -0.1, behind 0: knots do not descend"},
    {POLICY_WEALTH, 6, 1, ""},
    {POLICY_WEALTH, 3, 0, "policy_wealth[0, 3] is the third knot at 0: a jump has two"},
    {POLICY_WEALTH, 3, INFINITY,
        "policy_wealth[0, 3] is inf: numbers are finite, and of magnitude 1e75 at most"},
    {POLICY_WEALTH, 3, 1.1e75,
        "policy_wealth[0, 3] is 1.1e+75: numbers are finite, and of magnitude 1e75 at most"},
    {POLICY_WEALTH, 3, 1e75, ""},
    {POLICY_WEALTH, 3, 0x1p-1074,
        "policy_savings[0, 3] is 2, behind 1 at nearly the same wealth: a jump has the same wealth twice\n"
        "--model: 'x': policy_share[0, 3] is 2, behind 1 at nearly the same wealth: a jump has the same "
        "wealth twice"},
    {POLICY_SAVINGS, 11, 1001,
        "policy_savings[2, 3] is 1001: wealth is held within -1 and 1000 (lower_bound, upper_bound)"},
    {POLICY_SAVINGS, 0, -1.5, ""}, /* income lifts wealth to the bound */
    {POLICY_SHARE, 0, -2e40, "policy_share[0, 0] is -2e+40: a share is of magnitude 1e40 at most"},
    {POLICY_OF_STATE, 1, 3, "policy_of_state[1] is 3: policies are numbered 0 to 2"},
    {POLICY_OF_STATE, 1, -1, "policy_of_state[1] is -1: policies are numbered 0 to 2"},
    {POLICY_OF_STATE, 1, 0.5, "policy_of_state[1] is 0.5: it has to be a whole number"},
    {RETURN_LOG_SD, 2, -1, "return_log_sd[2] is -1: a standard deviation is not negative"},
    {INCOME_LOG_SD, 2, -1e-9, "income_log_sd[2] is -1e-09: a standard deviation is not negative"},
    {RETURN_LOG_MEAN, 1, -601,
        "return_log_mean[1]: with a mean of magnitude 601 and a deviation of 0 the exponent may reach 601: "
        "600 is the most"},
    {RETURN_LOG_MEAN, 1, -600, ""},
    {INCOME_LOG_SD, 0, 100,
        "income_log_mean[0]: with a mean of magnitude 0.5 and a deviation of 100 the exponent may reach "
        "860.5: 600 is the most"},
    {LEVEL_LOADING, 0, -70, "level_loading[0] is -70: a loading is of magnitude 600 / 8.6 at most"},
    {NEWBORN, 0, 2, "newborn[0] is 2: it is 1 for a state of newborns, else 0"},
    {NEWBORN, 1, 1,
        "initial_state[1] is 1, a state of newborns, who begin in a state of the sample: it has to be "
        "another"},
    {GROUP_LABEL, 1, 0x1p31, "group[1] is 2147483648: a group is a whole number of 32 bits"},
    {INITIAL_WEALTH, 4, -2,
        "initial_wealth[4] is -2: wealth is held within -1 and 1000 (lower_bound, upper_bound)"},
    {INITIAL_STATE, 4, 3, "initial_state[4] is 3: states are numbered 0 to 2"},
    {INITIAL_WEIGHT, 4, -1, "initial_weight[4] is -1: a weight is not negative"},
    {AGGREGATE_PATH, 1, 1, "aggregate_path[1] is 1: aggregate states are numbered 0 to 0"},
};

static void test_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct tabulated_data data = valid();
        data.values[numbers[i].variable][numbers[i].place] = numbers[i].value;
        if (numbers[i].words[0])
            expect_fault(&data, numbers[i].words);
        else
            expect(&data, "");
    }
}

static const struct {
    enum tabulated_variable variable;
    int place;
    double value;
    const char *words;
} sparse[] = {
    {TRANSITION_START, 0, 1,
        "transition_start goes from 1 to 5: it has to go from 0 to 5, the length of transition_to"},
    {TRANSITION_START, 3, 4,
        "transition_start goes from 0 to 4: it has to go from 0 to 5, the length of transition_to"},
    {TRANSITION_START, 1, 5, "transition_start[2] is 4, behind 5: rows begin one behind the other"},
    {TRANSITION_START, 1, 6, "transition_start[1] is 6: a row begins at 0 to 5"},
    {TRANSITION_TO, 1, 0, "transition_to[1] is 0, behind 0: states ascend within a row (that of state 0)"},
    {TRANSITION_TO, 3, 3, "transition_to[3] is 3: states are numbered 0 to 2"},
    {TRANSITION_PROBABILITY, 3, 0.6,
        "transition_probability: the probabilities of state 1 sum to 0.9, not to 1 within 1e-12"},
    {TRANSITION_PROBABILITY, 3, -0.6, "transition_probability[3] is -0.6: a probability is not negative"},
};

static void test_sparse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sparse / sizeof sparse[0]; i++) {
        struct tabulated_data data = valid_sparse();
        data.values[sparse[i].variable][sparse[i].place] = sparse[i].value;
        expect_fault(&data, sparse[i].words);
    }
}

static void test_what_is_there(void **state)
{
    (void)state;
    const char *const chain =
        "the chain is missing: it needs transition, or transition_start, transition_to and "
        "transition_probability";
    struct tabulated_data data = valid();
    remove_variable(&data, TRANSITION);
    expect_fault(&data, chain);
    data = valid_sparse();
    remove_variable(&data, TRANSITION_TO);
    expect_fault(&data, chain);
    data = valid_sparse();
    data.length[TABULATED_NEXT_STATE] = STATES;
    set(&data, TRANSITION, transition);
    expect_fault(&data,
        "a chain is given twice: keep either transition or transition_start, transition_to and "
        "transition_probability");
    data = valid();
    remove_variable(&data, POLICY_SAVINGS);
    expect_fault(&data, "the savings rule is missing: it needs policy_wealth and policy_savings");
}

/* Without policy_of_state a state has its own policy, or there is one for all. */
static void test_policies(void **state)
{
    (void)state;
    for (int policies = 1; policies <= STATES; policies++) {
        struct tabulated_data data = valid();
        remove_variable(&data, POLICY_OF_STATE);
        data.length[TABULATED_POLICY] = policies;
        if (policies == 2)
            expect_fault(&data, "policy_of_state is missing: there are 2 policies for 3 states");
        else
            expect(&data, "");
    }
}

/* A single knot goes on flat, and not along a slope that it has not. */
static void test_single_knot(void **state)
{
    (void)state;
    for (int extrapolation = 0; extrapolation < EXTRAPOLATIONS; extrapolation++) {
        struct tabulated_data data = valid();
        data.extrapolation = (enum tabulated_extrapolation)extrapolation;
        data.length[TABULATED_POINT] = 1;
        if (extrapolation == EXTRAPOLATION_LINEAR)
            expect_fault(&data,
                "policy_wealth[0, 0]: all knots of this policy are at -1, which gives no slope to "
                "extrapolate with: say extrapolation = \"flat\", or add a knot");
        else
            expect(&data, "");
    }
}

static void test_bounds(void **state)
{
    (void)state;
    const char *const magnitude = "numbers are finite, and of magnitude 1e75 at most";
    char words[256];
    struct tabulated_data data = valid();
    data.lower_bound = 1e3;
    expect_fault(&data, "lower_bound is 1000, upper_bound 1000: it has to be above");
    data = valid();
    data.upper_bound = INFINITY;
    snprintf(words, sizeof words, "upper_bound is inf: %s", magnitude);
    expect_fault(&data, words);
    data = valid();
    data.lower_bound = -1e76;
    snprintf(words, sizeof words, "lower_bound is -1e+76: %s", magnitude);
    expect_fault(&data, words);
    data = valid();
    data.lower_bound = -TABULATED_BOUND;
    data.upper_bound = TABULATED_BOUND;
    expect(&data, "");
}

/* Without income a rule may not lead below the lower bound. */
static void test_savings_without_income(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct tabulated_data data = valid();
        remove_variable(&data, INCOME_CONSTANT);
        remove_variable(&data, INCOME_LOG_MEAN);
        remove_variable(&data, INCOME_LOG_SD);
        data.values[POLICY_SAVINGS][0] = i == 0 ? -1 : -1.5;
        if (i == 0)
            expect(&data, "");
        else
            expect_fault(&data,
                "policy_savings[0, 0] is -1.5: wealth is held within -1 and 1000 (lower_bound, upper_bound)");
    }
}

static void test_sample(void **state)
{
    (void)state;
    static const double zeros[SAMPLE] = {0}, born[STATES] = {1, 0, 0}, levels[SAMPLE] = {1, 1, 0, -1, 1},
                        least[SAMPLE] = {1e-75, 1e75, 1, 1, 1};
    struct tabulated_data data = valid();
    set(&data, INITIAL_WEIGHT, zeros);
    expect_fault(&data, "initial_weight: the weights sum to 0");
    data = valid();
    remove_variable(&data, INITIAL_STATE);
    set(&data, NEWBORN, born);
    expect_fault(&data,
        "newborn[0] is 1: without initial_state households begin in state 0, which cannot be one of "
        "newborns");
    data = valid();
    set(&data, INITIAL_LEVEL, least);
    expect(&data, "");
    data = valid();
    set(&data, INITIAL_LEVEL, levels);
    expect_fault(
        &data, "initial_level[2] is 0: a level is positive (1e-75 or more) (and 1 more of its numbers)");
}

/* Variables with a leading dimension: the fault's place has it, too. */
static void test_aggregates(void **state)
{
    (void)state;
    double twice[2 * STATES * STATES], sds[2 * STATES] = {0, 0, 0, 0, 90, 0};
    memcpy(twice, transition, sizeof transition);
    memcpy(twice + STATES * STATES, transition, sizeof transition);
    twice[STATES * STATES + 1] = 0.5;
    struct tabulated_data data = valid();
    data.length[TABULATED_AGGREGATE] = 2;
    data.is_by_aggregate[TRANSITION] = true;
    set(&data, TRANSITION, twice);
    expect_fault(
        &data, "transition: the probabilities of aggregate 1, state 0 sum to 1.25, not to 1 within 1e-12");
    data = valid();
    data.length[TABULATED_AGGREGATE] = 2;
    data.is_by_aggregate[RETURN_LOG_SD] = true;
    set(&data, RETURN_LOG_SD, sds);
    remove_variable(&data, RETURN_LOG_MEAN);
    remove_variable(&data, AGGREGATE_PATH);
    expect_fault(&data,
        "aggregate_path is missing: it says which of the 2 aggregate states holds in each period\n"
        "--model: 'x': return_log_sd[1, 1]: with a mean of magnitude 0 and a deviation of 90 the exponent "
        "may reach "
        "774: 600 is the most");
}

/* Each variable says its own fault, all in one go. */
static void test_several(void **state)
{
    (void)state;
    struct tabulated_data data = valid();
    data.values[TRANSITION][0] = 1;
    data.values[NEWBORN][0] = 0.5;
    data.values[RETURN_LOG_SD][0] = data.values[RETURN_LOG_SD][1] = data.values[RETURN_LOG_SD][2] = -1;
    expect_fault(&data,
        "return_log_sd[0] is -1: a standard deviation is not negative (and 2 more of its numbers)\n"
        "--model: 'x': newborn[0] is 0.5: it has to be a whole number\n"
        "--model: 'x': transition: the probabilities of state 0 sum to 1.5, not to 1 within 1e-12");
}

/* Names and places in the order of the file. */
static void test_places(void **state)
{
    (void)state;
    char place[TABULATED_PLACE];
    struct tabulated_data data = valid();
    assert_string_equal(tabulated_place(&data, POLICY_WEALTH, 7, place), "policy_wealth[1, 3]");
    assert_string_equal(tabulated_place(&data, GROUP_LABEL, 2, place), "group[2]");
    data.is_by_aggregate[POLICY_WEALTH] = data.is_by_aggregate[GROUP_LABEL] = true;
    assert_string_equal(tabulated_place(&data, POLICY_WEALTH, 12 + 7, place), "policy_wealth[1, 1, 3]");
    assert_string_equal(tabulated_place(&data, GROUP_LABEL, 5, place), "group[1, 2]");
    data.is_by_aggregate[POLICY_WEALTH] = data.is_by_aggregate[GROUP_LABEL] = false;
    tabulated_data_free(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_sparse),
        cmocka_unit_test(test_what_is_there),
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_single_knot),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_savings_without_income),
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_aggregates),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
