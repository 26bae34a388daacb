/* What a run says that it will take, against the most that the kernel counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands/run_memory.h"
#include "made_up_models.h"
#include "random/sprng.h"
#include <hdf5_hl.h>

enum { WORDS = 24 };

/* A run, as the program takes it and as run_memory_bytes does. */
struct shape {
    const char *words[WORDS];
    int64_t households, periods, every, paths, lag; /* lag: of --mobility */
    int n_quantiles, compress;                      /* 0: nine quantiles */
    int n_scenarios; /* of the table that --scenarios names; 0: one, without a table */
    int64_t states;  /* of the model file that the table's rows name; 0: none */
    bool is_coupled, has_checkpoint, has_lcg64, has_outcomes, has_groups, has_averages;
};

static struct run_options options_of(const struct shape *shape)
{
    struct run_options options = {.households = shape->households,
        .recording = {.periods = shape->periods,
            .every = shape->every,
            .n_quantiles = shape->n_quantiles > 0 ? shape->n_quantiles : 9},
        .paths = shape->paths,
        .mobility = {.lag = shape->lag, .n_bounds = 6},
        .compress = shape->compress,
        .averages.from = shape->has_averages ? 0 : -1,
        .coalescence = shape->is_coupled ? 2 : NAN,
        .streams.rng = shape->has_lcg64 ? RNG_LCG64 : RNG_MLFG};
    strcpy(options.checkpoint, shape->has_checkpoint ? "ck" : "");
    if (shape->has_outcomes)
        models_select(&options.models, (const int[]){0, 1}, 2);
    return options;
}

/* @param model  whether the rows name model.h5 */
static void write_table(const char *folder, int n, bool has_model)
{
    char path[128];
    snprintf(path, sizeof path, "%s/table.txt", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, has_model ? "model w0\n" : "s v1\n");
    for (int i = 0; i < n; i++)
        if (has_model)
            fprintf(file, "model.h5 %.6f\n", 1 + 1e-6 * i);
        else
            fprintf(file, "%.6f %.6f\n", 0.3 + 1e-6 * i, 0.1 + 1e-6 * i);
    fclose(file);
}

static struct tabulated_data model_of(int64_t states, bool has_groups)
{
    struct tabulated_data model =
        make(&(struct kind){"of many states", states, states, 100, 1, .nearness = 2, .has_share = true});
    double *label = has_groups ? add(&model, GROUP_LABEL, false) : NULL;
    for (int64_t z = 0; label && z < states; z++)
        label[z] = (double)(z % 7);
    assert_true(tabulated_groups_list(&model));
    return model;
}

static void write_model(const char *folder, const struct tabulated_data *data)
{
    char path[128];
    snprintf(path, sizeof path, "%s/model.h5", folder);
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5LTset_attribute_string(file, "/", "model_format", "1.0") >= 0);
    for (int i = 0; i < TABULATED_VARIABLES; i++) {
        const struct tabulated_row *row = &tabulated_rows[i];
        const int rank = row->over[1] == TABULATED_NONE ? 1 : 2;
        const hsize_t extent[] = {
            (hsize_t)data->length[row->over[0]], rank == 2 ? (hsize_t)data->length[row->over[1]] : 0};
        if (data->values[i])
            assert_true(
                H5LTmake_dataset(file, row->name, rank, extent, H5T_NATIVE_DOUBLE, data->values[i]) >= 0);
    }
    H5Fclose(file);
}

/* The most that the program had resident with these words, in bytes, beside a table and a model file, if there is one. Its
 * parent is small: what a process had before it became the program counts, too. */
static double peak_of(const char *const *words, int n_scenarios, const struct tabulated_data *model)
{
    const char *program = getenv("WEALTHSIM");
    const char *command[WORDS + 8] = {program ? program : "build/wealthsim"};
    static const char *const quick[] = {"-q", "-t", "1", "-o", "out.h5"};
    char folder[] = "/tmp/wealthsim-memory-XXXXXX", line[128];
    struct rusage usage;
    int status = -1, n = 1;
    assert_non_null(mkdtemp(folder));
    write_table(folder, n_scenarios, model);
    if (model)
        write_model(folder, model);
    for (int i = 0; words[i]; i++)
        command[n++] = words[i];
    for (size_t i = 0; i < sizeof quick / sizeof quick[0]; i++)
        command[n++] = quick[i];
    char path[4096];
    assert_non_null(realpath(command[0], path));
    const pid_t child = fork();
    if (child == 0) {
        static const char *const alone[][2] = {{"OMPI_MCA_ess_singleton_isolated", "1"},
            {"OMPI_MCA_pml", "ob1"}, {"OMPI_MCA_btl", "self"}, {"OMPI_MCA_osc", "^ucx"}};
        for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++)
            setenv(alone[i][0], alone[i][1], 1);
        setenv("OMPI_MCA_orte_tmpdir_base", folder, 1);
        if (chdir(folder) == 0)
            execv(path, (char *const *)command);
        _exit(127);
    }
    assert_true(child > 0 && wait4(child, &status, 0, &usage) == child);
    assert_int_equal(status, 0);
    snprintf(line, sizeof line, "rm -rf '%s'", folder);
    assert_int_equal(system(line), 0); // NOLINT: the folder's name is ours
    return 1024.0 * (double)usage.ru_maxrss;
}

static double estimate_of(const struct run_options *options, int n_scenarios)
{
    const struct comm alone = {.rank = 0, .size = 1, .host_size = 1, .n_hosts = 1};
    return (double)run_memory_bytes(options, n_scenarios, &alone, 1);
}

/* Of scenarios that all have one model file. */
static double estimate_with(struct run_options *options, int n_scenarios, struct tabulated_data *model)
{
    int reader = 0;
    struct scenario_options first;
    struct scenarios scenarios = {.n = 1, .of = &first, .readers = &reader, .n_readers = 1};
    options->models.tabulated.data = model;
    options->models.tabulated.model = tabulated_model(model);
    first.models = options->models;
    options->scenarios_loaded = &scenarios;
    return estimate_of(options, n_scenarios);
}

static const struct shape shapes[] = {
    {{"-n", "1", "-T", "1"}, .households = 1, .periods = 1},
    {{"-n", "4000000", "-T", "1"}, .households = 4000000, .periods = 1},
    {{"-n", "2000000", "-T", "1", "--coalescence", "2"}, .households = 2000000, .periods = 1,
        .is_coupled = true},
    {{"-n", "400000", "-T", "1", "--rng", "lcg64"}, .households = 400000, .periods = 1, .has_lcg64 = true},
    {{"-n", "4000000", "-T", "1", "--checkpoint", "ck"}, .households = 4000000, .periods = 1,
        .has_checkpoint = true},
    {{"-n", "4000000", "-T", "1", "--outcomes", "all"}, .households = 4000000, .periods = 1,
        .has_outcomes = true},
    {{"-n", "1", "-T", "10000", "--record-every", "1", "--outcomes", "all"}, .households = 1,
        .periods = 10000, .every = 1, .has_outcomes = true},
    {{"-n", "1000000", "-T", "1", "--compress", "1"}, .households = 1000000, .periods = 1, .compress = 1},
    {{"-n", "1", "-T", "20000", "--record-every", "1"}, .households = 1, .periods = 20000, .every = 1},
    {{"-n", "1", "-T", "40000", "--record-every", "1", "--quantiles", "0.5"}, .households = 1,
        .periods = 40000, .every = 1, .n_quantiles = 1},
    {{"-n", "1", "-T", "1500000", "--paths", "1"}, .households = 1, .periods = 1500000, .paths = 1},
    {{"-n", "1000", "-T", "8000", "--paths", "1000"}, .households = 1000, .periods = 8000, .paths = 1000},
    {{"-n", "1000", "-T", "8000", "--paths", "1000", "--checkpoint", "ck"}, .households = 1000,
        .periods = 8000, .paths = 1000, .has_checkpoint = true},
    {{"-n", "500000", "-T", "1", "--no-theory", "--scenarios", "table.txt"}, .households = 500000,
        .periods = 1, .n_scenarios = 8},
    {{"-n", "100000", "-T", "1", "--no-theory", "--coalescence", "2", "--checkpoint", "ck", "--scenarios",
         "table.txt"},
        .households = 100000, .periods = 1, .is_coupled = true, .has_checkpoint = true, .n_scenarios = 20},
    {{"-n", "4000000", "-T", "1", "--mobility", "1"}, .households = 4000000, .periods = 1, .lag = 1},
    {{"-n", "2000000", "-T", "1", "--mobility", "1", "--checkpoint", "ck"}, .households = 2000000,
        .periods = 1, .lag = 1, .has_checkpoint = true},
    {{"-n", "1", "-T", "20000", "--record-every", "1", "--mobility", "1"}, .households = 1, .periods = 20000,
        .every = 1, .lag = 1},
    {{"-n", "1", "-T", "1", "--no-theory", "--scenarios", "table.txt"}, .households = 1, .periods = 1,
        .n_scenarios = 10000},
    {{"-n", "1", "-T", "8", "--record-every", "1", "--average-from", "0", "--no-theory", "--scenarios",
         "table.txt"},
        .households = 1, .periods = 8, .every = 1, .has_averages = true, .n_scenarios = 5000},
    {{"-n", "1", "-T", "1", "--scenarios", "table.txt"}, .households = 1, .periods = 1, .n_scenarios = 500,
        .states = 300},
    {{"-n", "1", "-T", "1", "--scenarios", "table.txt"}, .households = 1, .periods = 1, .n_scenarios = 2,
        .states = 1500},
    {{"-n", "3000000", "-T", "1", "--no-theory", "--model", "model.h5"}, .households = 3000000, .periods = 1,
        .states = 20, .has_groups = true},
};

/* Besides the estimate there are the libraries, whose pages all processes of a host share: as many as a start takes that
 * computes next to nothing. */
static void test_against_the_kernel(void **state)
{
    static const char *const least[WORDS] = {"gridmax", "--points", "1"};
    const double slack = 20e6; /* 17.8 MB are for the process itself and for theory, needed or not */
    const int many = 1000;     /* scenarios, of whose own memory the estimate is to be near */
    (void)state;
    if (getenv("WEALTHSIM_TEST_SLOW"))
        skip(); /* sanitizers and Valgrind take memory of their own */
    const double libraries = peak_of(least, 1, NULL);
    print_message("%8s    of %8.1f libraries\n", "", libraries * 1e-6);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (shapes[i].has_lcg64 && !sprng_has(RNG_LCG64))
            continue;
        struct run_options options = options_of(&shapes[i]);
        const int n = shapes[i].n_scenarios > 0 ? shapes[i].n_scenarios : 1;
        const bool has_model = shapes[i].states > 0;
        struct tabulated_data model =
            has_model ? model_of(shapes[i].states, shapes[i].has_groups) : (struct tabulated_data){0};
        const double peak = peak_of(shapes[i].words, n, has_model ? &model : NULL);
        const double estimate = has_model ? estimate_with(&options, n, &model) : estimate_of(&options, n);
        tabulated_data_free(&model);
        print_message("%8.1f MB of %8.1f", estimate * 1e-6, peak * 1e-6);
        for (int j = 0; shapes[i].words[j]; j++)
            print_message(" %s", shapes[i].words[j]);
        print_message("\n");
        assert_true(estimate + libraries >= peak);
        assert_true(estimate <= (n < many ? 1.2 : 1.08) * (peak - libraries) + slack);
    }
}

/* The largest values: no overflow, and more than any host has. */
static void test_largest(void **state)
{
    const int64_t most = (int64_t)1 << 38;
    (void)state;
    for (unsigned of = 0; of < 16; of++) {
        const struct shape shape = {.households = most,
            .periods = INT32_MAX,
            .every = of & 1,
            .lag = of & 1,
            .paths = of & 2 ? most : 0,
            .n_quantiles = OPTION_LIST,
            .is_coupled = of & 4,
            .has_checkpoint = of & 8};
        const struct run_options options = options_of(&shape);
        assert_true(estimate_of(&options, 1) >= 10.0 * (double)most);
        assert_true(!(of & 2) || estimate_of(&options, 1) == (double)INT64_MAX);
    }
}

/* Each outcome adds its values and a table over the pieces of the rule: at most twice that, where bisections are long. */
static void test_outcomes(void **state)
{
    struct run_options options = options_of(&(struct shape){.households = 1, .periods = 1});
    struct tabulated_data model = model_of(100, false);
    const double none = estimate_with(&options, 1, &model);
    const double values = 8 * 100 * 100, table = 2 * 8 * 100 * 101;
    (void)state;
    for (int i = 0; i < TABULATED_OUTCOMES; i++) {
        snprintf(model.outcomes[model.n_outcomes++], TABULATED_NAME, "o%d", i);
        fill(&model, (enum tabulated_variable)(TABULATED_VARIABLES + i), false, 0, 1);
        const double more = estimate_with(&options, 1, &model) - none;
        assert_true(more >= (i + 1) * (values + table) && more <= 2.01 * (i + 1) * (values + table));
    }
    tabulated_data_free(&model);
}

/* Many scenarios' numbers are made 32 periods ahead, two of a household's, by each thread. */
static void test_threads(void **state)
{
    const struct shape shape = {.households = 1000, .periods = 1};
    const struct run_options options = options_of(&shape);
    const struct comm alone = {.rank = 0, .size = 1, .host_size = 1, .n_hosts = 1};
    const int64_t one = run_memory_bytes(&options, 1000, &alone, 1);
    (void)state;
    assert_true(run_memory_bytes(&options, 1000, &alone, 101) - one >= 100 * 32 * 2 * 256 * 8);
}

/* Parts of a population add up to the whole, but for what each process takes. */
static void test_ranks(void **state)
{
    (void)state;
    const struct shape shape = {.households = 100000000, .periods = 10};
    const struct run_options options = options_of(&shape);
    struct comm comm = {.size = 10, .host_size = 10, .n_hosts = 1};
    double sum = 0;
    for (comm.rank = 0; comm.rank < comm.size; comm.rank++)
        sum += (double)run_memory_bytes(&options, 1, &comm, 1);
    assert_true(fabs(sum / estimate_of(&options, 1) - 1) < 0.2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_the_kernel),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
