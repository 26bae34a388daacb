/* Stationary laws of chains that are known: by hand, by symmetry, and one too large to be solved directly. */
#include "models/tabulated_stationary.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 5 };

static struct tabulated_data dense(int64_t n, const double *transition)
{
    struct tabulated_data data = {
        .length = {[TABULATED_STATE] = n, [TABULATED_NEXT_STATE] = n, [TABULATED_AGGREGATE] = 1}};
    data.values[TRANSITION] = malloc((size_t)(n * n) * sizeof(double));
    assert_non_null(data.values[TRANSITION]);
    memcpy(data.values[TRANSITION], transition, (size_t)(n * n) * sizeof(double));
    return data;
}

static void set(
    struct tabulated_data *data, enum tabulated_variable variable, int64_t n, const double *values)
{
    data->values[variable] = malloc((size_t)n * sizeof *values);
    assert_non_null(data->values[variable]);
    memcpy(data->values[variable], values, (size_t)n * sizeof *values);
}

static const struct {
    const char *what;
    int64_t n;
    double transition[MOST * MOST];
    double newborn[MOST]; /* all 0: none */
    int64_t start;        /* the state that all begin in */
    int64_t n_reached, n_closed, n_recurrent;
    double law[MOST];
} known[] = {
    {"two states", 2, {0.9, 0.1, 0.3, 0.7}, .n_reached = 2, .n_closed = 1, .n_recurrent = 2,
        .law = {0.75, 0.25}},
    {"a single one", 1, {1}, .n_reached = 1, .n_closed = 1, .n_recurrent = 1, .law = {1}},
    {"a cycle", 3, {0, 1, 0, 0, 0, 1, 1, 0, 0}, .n_reached = 3, .n_closed = 1, .n_recurrent = 3,
        .law = {1.0 / 3, 1.0 / 3, 1.0 / 3}},
    {"a trap", 3, {0.5, 0.5, 0, 0.5, 0.4, 0.1, 0, 0, 1}, .n_reached = 3, .n_closed = 1, .n_recurrent = 1,
        .law = {0, 0, 1}},
    {"two traps", 3, {0.5, 0.25, 0.25, 0, 1, 0, 0, 0, 1}, .n_reached = 3, .n_closed = 2, .n_recurrent = 2},
    {"two traps, of which one is not reached", 3, {0.5, 0.25, 0.25, 0, 1, 0, 0, 0, 1}, .start = 2,
        .n_reached = 1, .n_closed = 1, .n_recurrent = 1, .law = {0, 0, 1}},
    {"a cycle that a state leads into", 4, {0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0}, .n_reached = 4,
        .n_closed = 1, .n_recurrent = 3, .law = {0, 1.0 / 3, 1.0 / 3, 1.0 / 3}},
    /* two ages, then death: newborns are young at once */
    {"lives", 3, {0, 1, 0, 0, 0.5, 0.5, 0, 0, 1}, {0, 0, 1}, .n_reached = 2, .n_closed = 1, .n_recurrent = 2,
        .law = {1.0 / 3, 2.0 / 3, 0}},
    /* probabilities far apart: elimination loses nothing */
    {"rare", 2, {1 - 1e-15, 1e-15, 0.5, 0.5}, .n_reached = 2, .n_closed = 1, .n_recurrent = 2,
        .law = {1 - 2e-15, 2e-15}},
};

static void test_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct tabulated_data data = dense(known[i].n, known[i].transition);
        const double start = (double)known[i].start;
        struct tabulated_stationary law;
        data.length[TABULATED_SAMPLE] = 1;
        set(&data, INITIAL_STATE, 1, &start);
        set(&data, NEWBORN, known[i].n, known[i].newborn);
        assert_int_equal(tabulated_stationary_find(&data, 0, &law), WS_OK);
        print_message("%s\n", known[i].what);
        assert_int_equal(law.n_reached, known[i].n_reached);
        assert_int_equal(law.n_closed, known[i].n_closed);
        assert_int_equal(law.n_recurrent, known[i].n_recurrent);
        for (int64_t z = 0; z < known[i].n; z++)
            assert_true(fabs(law.probability[z] - known[i].law[z]) <= 2e-15 * known[i].law[z]);
        tabulated_stationary_free(&law);
        tabulated_data_free(&data);
    }
}

/* A random walk on a ring of so many states that stays at some of them longer, sparse: the law is known, since it is
 * reversible; all states alternate, so that without half steps it would go on for ever. */
static void ring(int64_t n)
{
    struct tabulated_data data = {.length = {[TABULATED_STATE] = n,
                                      [TABULATED_START] = n + 1,
                                      [TABULATED_ENTRY] = 2 * n,
                                      [TABULATED_AGGREGATE] = 1}};
    double *start = malloc((size_t)(n + 1) * sizeof *start), *to = malloc((size_t)(2 * n) * sizeof *to),
           *probability = malloc((size_t)(2 * n) * sizeof *probability);
    assert_true(start && to && probability);
    for (int64_t z = 0; z <= n; z++)
        start[z] = (double)(2 * z);
    for (int64_t z = 0; z < n; z++) {
        const int64_t down = (z + n - 1) % n, up = (z + 1) % n;
        to[2 * z] = (double)(down < up ? down : up);
        to[2 * z + 1] = (double)(down < up ? up : down);
        probability[2 * z] = probability[2 * z + 1] = 0.5;
    }
    data.values[TRANSITION_START] = start;
    data.values[TRANSITION_TO] = to;
    data.values[TRANSITION_PROBABILITY] = probability;
    struct tabulated_stationary law;
    assert_int_equal(tabulated_stationary_find(&data, 0, &law), WS_OK);
    assert_int_equal(law.n_closed, 1);
    assert_int_equal(law.n_recurrent, n);
    for (int64_t z = 0; z < n; z++)
        assert_true(fabs(law.probability[z] * (double)n - 1) < 1e-9);
    tabulated_stationary_free(&law);
    tabulated_data_free(&data);
}

static void test_sparse(void **state)
{
    (void)state;
    ring(1000);
    ring(1002);
}

/* From state 0 up with 0.5, else back to 0: the law of state z is 2^-(z + 1), the last one's 2^-z. Beyond 1,000 states it is
 * iterated, from a start far away. */
static void test_large(void **state)
{
    (void)state;
    const int64_t n = 1200;
    double *transition = calloc((size_t)(n * n), sizeof *transition);
    struct tabulated_stationary law;
    assert_non_null(transition);
    for (int64_t z = 0; z < n; z++) {
        transition[z * n] = 0.5;
        transition[z * n + (z + 1 < n ? z + 1 : z)] += 0.5;
    }
    struct tabulated_data data = dense(n, transition);
    assert_int_equal(tabulated_stationary_find(&data, 0, &law), WS_OK);
    assert_true(law.change <= 1e-14);
    for (int z = 0; z < 30; z++)
        assert_true(fabs(law.probability[z] - ldexp(1, -z - 1)) < 1e-13);
    tabulated_stationary_free(&law);
    tabulated_data_free(&data);
    free(transition);
}

static void test_mean_income(void **state)
{
    (void)state;
    static const double identity[] = {1, 0, 0, 1}, constant[] = {0.5, 2}, mean[] = {0.25, -1}, sd[] = {1, 0};
    struct tabulated_data data = dense(2, identity);
    assert_true(tabulated_mean_income(&data, 0, 1) == 0);
    set(&data, INCOME_CONSTANT, 2, constant);
    assert_true(tabulated_mean_income(&data, 0, 1) == 2);
    set(&data, INCOME_LOG_SD, 2, sd);
    assert_true(fabs(tabulated_mean_income(&data, 0, 0) - (0.5 + exp(0.5))) < 1e-15);
    assert_true(tabulated_mean_income(&data, 0, 1) == 3);
    set(&data, INCOME_LOG_MEAN, 2, mean);
    assert_true(fabs(tabulated_mean_income(&data, 0, 0) - (0.5 + exp(0.75))) < 1e-15);
    tabulated_data_free(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_sparse),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_mean_income),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
