/* The stationary laws of many scenarios: each law is found once, on one of the ranks, and all scenarios that have it are
 * given it. On any number of ranks. */
#include "commands/stationary_laws.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { SCENARIOS = 101, LAWS = 7, THREADS = 3 };

static struct comm comm;
static int n_found;

static int law_of(const void *law)
{
    return *(const int *)law;
}

static enum status find(
    const void *law, const double *probabilities, int64_t n, double *quantiles, double *gini)
{
    for (int64_t i = 0; i < n; i++)
        quantiles[i] = law_of(law) + probabilities[i];
    *gini = law_of(law) == 0 ? NAN : 1.0 / law_of(law);
#pragma omp atomic
    n_found++;
    return WS_OK;
}

static enum status fail_at_all(
    const void *law, const double *probabilities, int64_t n, double *quantiles, double *gini)
{
    (void)law;
    (void)probabilities;
    (void)n;
    (void)quantiles;
    (void)gini;
    return WS_FAILED;
}

static int compare(const void *law, const void *other)
{
    return law_of(law) - law_of(other);
}

/* Of scenarios among which the i-th has law 3 i modulo LAWS. */
static enum status find_laws(const struct model *model, struct stationary_laws *laws)
{
    static const struct recording recording = {.n_quantiles = 2, .quantiles = {0.25, 0.5}};
    static int of[SCENARIOS];
    static struct scenario scenarios[SCENARIOS];
    struct population population = {
        .model = model, .n_scenarios = SCENARIOS, .scenarios = scenarios, .threads = THREADS};
    for (int i = 0; i < SCENARIOS; i++) {
        of[i] = 3 * i % LAWS;
        scenarios[i].law = &of[i];
    }
    n_found = 0;
    return stationary_laws(&comm, &population, SCENARIOS, &recording, laws);
}

static void check_laws(const struct model *model, int expected)
{
    struct stationary_laws laws;
    int of_all = 0;
    assert_int_equal(find_laws(model, &laws), WS_OK);
    for (int i = 0; i < SCENARIOS && comm.rank == 0; i++) {
        const int law = 3 * i % LAWS;
        assert_true(laws.quantiles[2 * i] == law + 0.25 && laws.quantiles[2 * i + 1] == law + 0.5);
        assert_true(law == 0 ? isnan(laws.ginis[i]) : laws.ginis[i] == 1.0 / law);
    }
    MPI_CHECK(MPI_Allreduce(&n_found, &of_all, 1, MPI_INT, MPI_SUM, comm.world));
    assert_int_equal(of_all, expected);
    stationary_laws_free(&laws);
}

static void test_each_law_once(void **state)
{
    (void)state;
    check_laws(&(struct model){.stationary = find, .compare_stationary = compare}, LAWS);
    check_laws(&(struct model){.stationary = find}, SCENARIOS);
}

static void test_none_is_known(void **state)
{
    struct stationary_laws laws;
    (void)state;
    assert_int_equal(find_laws(&(struct model){.name = "unknown"}, &laws), WS_OK);
    assert_null(laws.ginis);
    stationary_laws_free(&laws);
}

/* One message, whoever and however many have failed. */
static void test_no_memory(void **state)
{
    struct stationary_laws laws;
    char expected[256] = "";
    (void)state;
    if (comm.rank < LAWS)
        snprintf(expected, sizeof expected,
            "no memory for the stationary laws, of which each of %d threads finds one: use fewer threads, "
            "more "
            "hosts, or --no-theory",
            THREADS);
    assert_int_equal(
        find_laws(&(struct model){.stationary = fail_at_all, .compare_stationary = compare}, &laws),
        WS_FAILED);
    assert_string_equal(error_message(), expected);
    error_clear();
    stationary_laws_free(&laws);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_law_once),
        cmocka_unit_test(test_none_is_known),
        cmocka_unit_test(test_no_memory),
    };
    comm_start(&comm, &argc, &argv);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return comm_end(&comm, failed != 0);
}
