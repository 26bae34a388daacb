/* What a table makes of the options' parameters, the same on all ranks. */
#include "commands/commands.h"
#include "commands/run_options.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct comm comm;
static char path[] = "/tmp/wealthsim-scenarios-XXXXXX";

static int make_file(void **state)
{
    int descriptor = comm.rank == 0 ? mkstemp(path) : -1;
    (void)state;
    if (descriptor >= 0)
        close(descriptor);
    MPI_CHECK(MPI_Bcast(path, sizeof path, MPI_CHAR, 0, comm.world));
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    return comm.rank == 0 ? unlink(path) : 0;
}

static const struct models_parameters base = {.kesten = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1.5}};

/* The scenarios of a table, with the options of base. */
static enum status load(const char *text, struct scenarios *scenarios)
{
    static struct run_options values;
    const struct options options = {.values = &values};
    if (comm.rank == 0 && text[0]) {
        FILE *file = fopen(path, "w");
        assert_true(file && fputs(text, file) >= 0 && fclose(file) == 0);
    }
    return scenarios_load(
        scenarios, &options, &command_run.line, text[0] ? path : "", &base, "start.txt", &comm);
}

/* The digest of a table, which is the same on all ranks. */
static const char *digest_of(const char *text, char digest[17])
{
    struct scenarios scenarios;
    char of_rank_0[17];
    assert_int_equal(load(text, &scenarios), WS_OK);
    strcpy(digest, scenarios.digest);
    strcpy(of_rank_0, scenarios.digest);
    scenarios_free(&scenarios);
    MPI_CHECK(MPI_Bcast(of_rank_0, sizeof of_rank_0, MPI_CHAR, 0, comm.world));
    assert_string_equal(digest, of_rank_0);
    return digest;
}

static void test_no_table(void **state)
{
    struct scenarios scenarios;
    char name[SCENARIO_NAME];
    (void)state;
    assert_int_equal(load("", &scenarios), WS_OK);
    assert_int_equal(scenarios.n, 1);
    assert_int_equal(scenarios.n_columns, 0);
    assert_string_equal(scenarios.digest, "");
    assert_memory_equal(&scenarios.of[0].models.kesten, &base.kesten, sizeof base.kesten);
    assert_string_equal(scenarios.of[0].initial, "start.txt");
    assert_string_equal(scenarios_name(&scenarios, 0, name), "");
    scenarios_free(&scenarios);
}

static void test_numbers(void **state)
{
    struct scenarios scenarios;
    char name[SCENARIO_NAME];
    (void)state;
    assert_int_equal(load("s w0\n0.5 -\n- 0\n1 1e9\n", &scenarios), WS_OK);
    assert_int_equal(scenarios.n, 3);
    assert_int_equal(scenarios.n_columns, 2);
    assert_string_equal(scenarios.columns[0].name, "s");
    assert_string_equal(scenarios.columns[1].name, "w0");
    static const double s[] = {0.5, 0.3, 1}, w0[] = {1.5, 0, 1e9};
    for (int i = 0; i < 3; i++) {
        const struct kesten_parameters *kesten = &scenarios.of[i].models.kesten;
        assert_true(kesten->s == s[i] && kesten->w0 == w0[i] && kesten->r == 0.1 && kesten->v2 == 1);
        assert_true(scenarios.columns[0].values[i] == s[i] && scenarios.columns[1].values[i] == w0[i]);
        assert_string_equal(scenarios.of[i].initial, "start.txt");
    }
    assert_string_equal(scenarios_name(&scenarios, 1, name), "row 2 (s=0.3 w0=0)");
    scenarios_free(&scenarios);
}

static void test_texts(void **state)
{
    struct scenarios scenarios;
    char name[SCENARIO_NAME];
    (void)state;
    assert_int_equal(load("initial,r\na b.h5:x,-\n-,0\n", &scenarios), WS_OK);
    assert_string_equal(scenarios.of[0].initial, "a b.h5:x");
    assert_string_equal(scenarios.of[1].initial, "start.txt");
    assert_int_equal(scenarios.columns[0].text_bytes, sizeof "start.txt");
    assert_memory_equal(scenarios.columns[0].texts, "a b.h5:x\0\0start.txt", 20);
    assert_string_equal(scenarios_name(&scenarios, 0, name), "row 1 (initial=a b.h5:x r=0.1)");
    scenarios_free(&scenarios);
}

/* One row is what options would be. */
static void test_one_row(void **state)
{
    struct scenarios scenarios;
    (void)state;
    assert_int_equal(load("s,initial\n0.5,x\n", &scenarios), WS_OK);
    assert_int_equal(scenarios.n, 1);
    assert_int_equal(scenarios.n_columns, 0);
    assert_string_equal(scenarios.digest, "");
    assert_true(scenarios.of[0].models.kesten.s == 0.5);
    assert_string_equal(scenarios.of[0].initial, "x");
    scenarios_free(&scenarios);
}

static void test_digest(void **state)
{
    char one[17], other[17];
    (void)state;
    digest_of("s v1\n0.5 0.1\n0.6 0.2\n", one);
    assert_int_equal(strlen(one), 16);
    assert_string_equal(one, digest_of("v1,s\n0.10, 0.5\n0.2, 6e-1\n", other));
    assert_string_equal(one, digest_of("v1,s\n-, 0.5\n0.2, 6e-1\n", other));
    assert_string_not_equal(one, digest_of("s v1\n0.6 0.2\n0.5 0.1\n", other));
    assert_string_not_equal(one, digest_of("s v1\n0.5 0.1\n0.6 0.3\n", other));
    assert_string_not_equal(one, digest_of("s r\n0.5 0.1\n0.6 0.2\n", other));
    assert_string_not_equal(one, digest_of("s v1\n0.5 0.1\n0.6 0.2\n0.6 0.2\n", other));
}

/* Each file is read once, and what it says is shared; the start stays the row's own. */
static void test_models(void **state)
{
    struct scenarios scenarios;
    char one[17], other[17];
    (void)state;
    assert_int_equal(
        load("model,w0\ndata/buffer_stock.h5,-\ndata/ifp.h5,-\ndata/buffer_stock.h5,2\n./data/ifp.h5,3\n",
            &scenarios),
        WS_OK);
    const struct scenario_options *of = scenarios.of;
    assert_int_equal(scenarios.n_readers, 2);
    assert_non_null(of[0].models.tabulated.data);
    assert_ptr_equal(of[0].models.tabulated.data, of[2].models.tabulated.data);
    assert_ptr_equal(of[1].models.tabulated.data, of[3].models.tabulated.data);
    assert_ptr_not_equal(of[0].models.tabulated.data, of[1].models.tabulated.data);
    assert_string_equal(of[1].models.tabulated.digest, of[3].models.tabulated.digest);
    assert_string_equal(of[1].models.tabulated.file, "data/ifp.h5");
    assert_string_equal(of[3].models.tabulated.file, "./data/ifp.h5");
    assert_true(
        of[0].models.tabulated.w0 == 1.5 && of[2].models.tabulated.w0 == 2 && of[3].models.tabulated.w0 == 3);
    for (int i = 0; i < 4; i++)
        assert_string_equal(models_chosen(&of[i].models)->name, "tabulated");
    scenarios_free(&scenarios);
    digest_of("model\ndata/ifp.h5\ndata/buffer_stock.h5\n", one);
    assert_string_equal(one, digest_of("model\n./data/ifp.h5\ndata/buffer_stock.h5\n", other));
    assert_string_not_equal(one, digest_of("model\ndata/buffer_stock.h5\ndata/ifp.h5\n", other));
}

/* Start values of one file, in one range, are those of the first row that has them. */
static void test_starts(void **state)
{
    struct scenarios scenarios;
    static const int plain[] = {0, 1, 0, 3, 1, 0}, with_models[] = {0, 1, 0, 1, 4};
    (void)state;
    assert_int_equal(load("initial\ndata/ifp.h5:a\n-\n./data/ifp.h5:a\ndata/ifp.h5:b\nstart.txt\n"
                          "data/ifp.h5:a\n",
                         &scenarios),
        WS_OK);
    assert_memory_equal(scenarios.first_start, plain, sizeof plain);
    scenarios_free(&scenarios);
    assert_int_equal(load("model,initial\ndata/ifp.h5,x\ndata/ifp.h5,y\n./data/ifp.h5,x\n"
                          "data/ifp.h5,y\ndata/ifp.h5,z\n",
                         &scenarios),
        WS_OK);
    assert_memory_equal(scenarios.first_start, with_models, sizeof with_models);
    scenarios_free(&scenarios);
}

/* All that is wrong is said by rank 0; scenarios are there for further checks. */
static void test_faults(void **state)
{
    struct scenarios scenarios;
    char expected[1024];
    (void)state;
    assert_int_equal(load("s v1 vv\n2 0.1 1\n0.5 -1 1\n0.5 0.3\n0.5 0.4 1\n", &scenarios), WS_USAGE);
    snprintf(expected, sizeof expected,
        "%s, row 3 (line 4): 2 cells, and the header names 3 columns\n"
        "--scenarios: '%s': column 'vv' is no option of a model; did you mean 'v1'?\n"
        "%s, row 1 (line 2): s: '2' is out of range: 0 to 1\n"
        "%s, row 2 (line 3): v1: '-1' is out of range: 0 or more",
        path, path, path, path);
    assert_string_equal(error_message(), comm.rank == 0 ? expected : "");
    error_clear();
    assert_int_equal(scenarios.n, 4);
    assert_true(scenarios.of[0].models.kesten.s == 0.3 && scenarios.of[3].models.kesten.v1 == 0.4);
    scenarios_free(&scenarios);
    assert_int_equal(load(" \n", &scenarios), WS_USAGE);
    assert_int_equal(scenarios.n, 1);
    assert_true(scenarios.of[0].models.kesten.s == 0.3);
    error_clear();
    scenarios_free(&scenarios);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_table),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_one_row),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_starts),
        cmocka_unit_test(test_faults),
    };
    comm_start(&comm, &argc, &argv);
    const int failed = cmocka_run_group_tests(tests, make_file, remove_file);
    return comm_end(&comm, failed != 0);
}
