/* Records of a model with several quantities and with knots, against what plain loops over all households give; into files
 * and back. A toy model, known here alone, whose households go on by a formula. On any number of ranks. */
#include "core/comm.h"
#include "files/checkpoint.h"
#include "files/h5.h"
#include "files/records.h"
#include "simulation/record.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { HOUSEHOLDS = 3000, PERIODS = 4, SEED = 5, QUANTITIES = 3 };

static struct comm comm;

/* ---- the toy: all of it by formula ------------------------------------------------------------------------------ */

/* Eighths, also negative ones: their sums are exact in any order. */
static double wealth_of(int64_t household, int64_t period)
{
    return (double)(household * 7 % 400 - 100) / 8 + (double)(period * (household % 3)) / 4;
}
static double level_of(int64_t household, int64_t period)
{
    return 1 + (double)(household * 11 % 17) / 3 + (double)period;
}

/* The grid moves with the period. */
static const double lowest = -10, highest = 30;
static int side_of(int64_t household, int64_t period)
{
    const double wealth = wealth_of(household, period);
    return wealth < lowest + (double)period ? -1 : wealth > highest + (double)period ? 1 : 0;
}

static enum status toy_init(void *law, const void *parameters)
{
    (void)parameters;
    memset(law, 0, sizeof(double));
    return WS_OK;
}

static void toy_start(const void *law, int64_t household, int64_t population, void *const *state)
{
    (void)law;
    (void)population;
    for (int i = 0; i < BLOCK_SIZE; i++) {
        ((double *)state[0])[i] = wealth_of(household + i, 0);
        ((int32_t *)state[1])[i] = (int32_t)(household + i);
        ((double *)state[2])[i] = level_of(household + i, 0);
        ((uint8_t *)state[3])[i] = (uint8_t)((household + i) % 3);
    }
}

static int toy_step(const void *law, const struct shocks *shocks, void *const *state)
{
    (void)law;
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const int32_t household = ((const int32_t *)state[1])[i];
        ((double *)state[0])[i] = wealth_of(household, shocks->period);
        ((double *)state[2])[i] = level_of(household, shocks->period);
    }
    return BLOCK_SIZE;
}

static int64_t toy_find_invalid(const void *law, int array, const void *values, int64_t n)
{
    int64_t i = 0;
    (void)law;
    while (i < n && (array != 3 || ((const uint8_t *)values)[i] < 3))
        i++;
    return i;
}

static void toy_evaluate(
    const void *law, int number, int64_t period, const double *normals, void *const *state, double *values)
{
    (void)law;
    (void)period;
    assert_null(normals);
    assert_int_equal(number, 5);
    for (int i = 0; i < BLOCK_SIZE; i++)
        values[i] = ((const double *)state[0])[i] * ((const double *)state[2])[i];
}

static void toy_beyond(const void *law, int64_t period, void *const *state, int8_t *side)
{
    (void)law;
    for (int i = 0; i < BLOCK_SIZE; i++)
        side[i] = (int8_t)side_of(((const int32_t *)state[1])[i], period);
}

static const struct model toy_model = {.name = "toy",
    .normals = 1,
    .n_arrays = 4,
    .arrays = {{.name = "wealth", .long_name = "wealth", .type = ARRAY_REAL},
        {.name = "number", .long_name = "number", .type = ARRAY_INT},
        {.name = "level", .long_name = "level", .type = ARRAY_REAL},
        {.name = "kind", .long_name = "kind", .type = ARRAY_UINT8}},
    .law_bytes = sizeof(double),
    .init = toy_init,
    .start = toy_start,
    .step = toy_step,
    .find_invalid = toy_find_invalid,
    .n_quantities = 2,
    .quantities = {{.name = "level", .long_name = "level", .array = 2},
        {.name = "wealth_in_levels", .long_name = "wealth times level", .number = 5}},
    .evaluate = toy_evaluate,
    .beyond = toy_beyond};

static const struct recording recording = {
    .periods = PERIODS, .every = 1, .n_quantiles = 3, .quantiles = {0.1, 0.5, 0.95}};

/* ---- runs of it ------------------------------------------------------------------------------------------------- */

struct run {
    struct population population;
    struct records records;
};

static void create(struct run *run, int threads)
{
    const struct decomposition part = decomposition_of(HOUSEHOLDS, comm.rank, comm.size);
    static const double parameters[1];
    *run = (struct run){.records = {.n = 0}};
    assert_int_equal(records_create(&run->records, &toy_model, &recording, 1, HOUSEHOLDS), WS_OK);
    assert_int_equal(
        population_create(&run->population, part, &toy_model, (const void *[]){parameters}, 1, threads),
        WS_OK);
}

static void take(struct run *run)
{
    struct record_parts parts;
    assert_int_equal(record_parts_create(&parts, run->population.model, &recording, 1), WS_OK);
    assert_int_equal(record_take(comm.world, &run->population, 0, &recording, &parts,
                         records_prepare(&run->records, 0, run->records.n++)),
        WS_OK);
    record_parts_destroy(&parts);
}

/* Through some periods, the first included, a record of each. */
static void start(struct run *run, int threads, int periods)
{
    struct timers timers;
    create(run, threads);
    assert_int_equal(population_start(&run->population, RNG_MLFG, SEED), WS_OK);
    assert_int_equal(timers_create(&timers, threads), WS_OK);
    take(run);
    for (int period = 1; period <= periods; period++) {
        population_advance(&run->population, 1, &timers);
        take(run);
    }
    timers_destroy(&timers);
}

static void destroy(struct run *run)
{
    records_destroy(&run->records);
    population_destroy(&run->population);
}

/* ---- the same by plain loops ------------------------------------------------------------------------------------ */

static double quantity_of(int quantity, int64_t household, int64_t period)
{
    const double wealth = wealth_of(household, period), level = level_of(household, period);
    return quantity == 0 ? wealth : quantity == 1 ? level : wealth * level;
}

static void assert_same_numbers(const double *a, const double *b, size_t n)
{
    assert_memory_equal(a, b, n * sizeof *a);
}

static void assert_same_summary(const struct summary *a, const struct summary *b)
{
    const double numbers[][2] = {{a->mean, b->mean}, {a->variance, b->variance}, {a->minimum, b->minimum},
        {a->maximum, b->maximum}, {a->gini, b->gini}, {a->gini_error, b->gini_error},
        {a->mean_error, b->mean_error}, {a->median.value, b->median.value}, {a->median.low, b->median.low}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_same_numbers(&numbers[i][0], &numbers[i][1], 1);
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->n_quantiles, b->n_quantiles);
    assert_same_numbers(a->share, b->share, SUMMARY_SHARES);
    assert_same_numbers(a->lorenz, b->lorenz, (size_t)a->n_quantiles);
    assert_same_numbers(a->share_top, b->share_top, (size_t)a->n_quantiles);
    for (int i = 0; i < a->n_quantiles; i++)
        assert_memory_equal(&a->quantiles[i], &b->quantiles[i], sizeof a->quantiles[i]);
    for (int i = 0; i < HILL_SIZES; i++)
        assert_same_numbers(&a->hill[i].index, &b->hill[i].index, 1);
}

static void assert_right(const struct record *record, int64_t period)
{
    static double values[HOUSEHOLDS];
    struct beyond beyond = {.households = {0}};
    assert_int_equal(record->period, period);
    assert_int_equal(record->n_summaries, QUANTITIES);
    for (int quantity = 0; quantity < QUANTITIES; quantity++) {
        struct summary *summary =
            summaries_create(1, HOUSEHOLDS, recording.quantiles, (int)recording.n_quantiles);
        assert_non_null(summary);
        for (int64_t i = 0; i < HOUSEHOLDS; i++)
            values[i] = quantity_of(quantity, i, period);
        assert_int_equal(summary_compute(MPI_COMM_SELF, 1, values, HOUSEHOLDS, HOUSEHOLDS,
                             &(struct summary_asked){.probability = recording.quantiles,
                                 .n_probability = (int)recording.n_quantiles},
                             summary),
            WS_OK);
        assert_same_summary(&record->summaries[quantity], summary);
        free(summary);
    }
    for (int64_t i = 0; i < HOUSEHOLDS; i++)
        if (side_of(i, period) != 0) {
            const enum beyond_side side = side_of(i, period) < 0 ? BEYOND_BELOW : BEYOND_ABOVE;
            beyond.households[side]++;
            beyond.wealth[side] += wealth_of(i, period);
        }
    assert_true(beyond.households[BEYOND_BELOW] > 0 && beyond.households[BEYOND_ABOVE] > 0);
    assert_memory_equal(&record->beyond, &beyond, sizeof beyond);
}

/* ---- cases ------------------------------------------------------------------------------------------------------ */

static void test_records(void **state)
{
    struct run run;
    (void)state;
    for (int threads = 1; threads <= 3; threads += 2) {
        start(&run, threads, PERIODS);
        for (int64_t period = 0; period <= PERIODS; period++)
            assert_right(records_at(&run.records, 0, period), period);
        destroy(&run);
    }
}

static void name_file(char *path, size_t bytes)
{
    const char *folder = getenv("TMPDIR");
    if (comm.rank == 0)
        snprintf(path, bytes, "%s/wealthsim-record-%ld", folder ? folder : "/tmp", (long)getpid());
    MPI_Bcast(path, (int)bytes, MPI_CHAR, 0, comm.world);
}

static const struct fields identity = {.n = 0};

static struct checkpoint_state state_of(struct run *run)
{
    return (struct checkpoint_state){.identity = &identity,
        .recording = &recording,
        .family = RNG_MLFG,
        .population = &run->population,
        .records = &run->records};
}

static void test_checkpoint(void **state)
{
    struct run run, resumed;
    enum checkpoint_fault fault;
    char path[4096];
    (void)state;
    name_file(path, sizeof path);
    start(&run, 2, PERIODS - 1);
    const struct checkpoint_state of_run = state_of(&run);
    assert_int_equal(checkpoint_write(&comm, path, 1, &of_run), WS_OK);
    create(&resumed, 1);
    struct checkpoint_state of_resumed = state_of(&resumed);
    assert_int_equal(checkpoint_read(&comm, path, &of_resumed, &fault), WS_OK);
    assert_int_equal(resumed.records.n, PERIODS);
    for (int64_t period = 0; period < PERIODS; period++)
        assert_right(records_at(&resumed.records, 0, period), period);
    destroy(&run);
    destroy(&resumed);
    if (comm.rank == 0)
        unlink(path);
}

/* The last household of all is of a kind that there is not. */
static void test_invalid_byte(void **state)
{
    struct run run, resumed;
    enum checkpoint_fault fault;
    char path[4096];
    (void)state;
    name_file(path, sizeof path);
    start(&run, 1, 1);
    const struct decomposition *part = &run.population.part;
    const bool has_last = part->n_local > 0 && part->first_household + part->n_local == part->n_global;
    if (has_last)
        ((uint8_t *)population_array(&run.population, 0, 3))[part->n_local - 1] = 7;
    const struct checkpoint_state of_run = state_of(&run);
    assert_int_equal(checkpoint_write(&comm, path, 1, &of_run), WS_OK);
    create(&resumed, 1);
    struct checkpoint_state of_resumed = state_of(&resumed);
    assert_int_equal(checkpoint_read(&comm, path, &of_resumed, &fault), WS_FAILED);
    assert_int_equal(fault, CHECKPOINT_DAMAGED);
    assert_true(!has_last || strstr(error_message(), "it has 7 in 'kind'")); /* who saw it */
    error_clear();
    destroy(&run);
    destroy(&resumed);
    if (comm.rank == 0)
        unlink(path);
}

static void read_reals(hid_t file, const char *name, int dimensions, double *values)
{
    const hid_t data = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(data);
    assert_int_equal(H5Sget_simple_extent_ndims(space), dimensions);
    assert_true(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(data);
}

static void check_file(hid_t file, const struct run *run)
{
    double means[QUANTITIES * (PERIODS + 1)], quantiles[QUANTITIES * (PERIODS + 1) * 3], number[PERIODS + 1];
    char *names = NULL;
    read_reals(file, "mean", 2, means);
    read_reals(file, "quantile", 3, quantiles);
    for (int q = 0; q < QUANTITIES; q++)
        for (int i = 0; i <= PERIODS; i++) {
            const struct summary *summary = &records_at(&run->records, 0, i)->summaries[q];
            assert_true(means[q * (PERIODS + 1) + i] == summary->mean);
            assert_true(quantiles[(q * (PERIODS + 1) + i) * 3 + 2] == summary->quantiles[2].value);
        }
    read_reals(file, "households_above", 1, number);
    for (int i = 0; i <= PERIODS; i++)
        assert_true(number[i] == (double)records_at(&run->records, 0, i)->beyond.households[BEYOND_ABOVE]);
    read_reals(file, "wealth_below", 1, number);
    for (int i = 0; i <= PERIODS; i++)
        assert_true(number[i] == records_at(&run->records, 0, i)->beyond.wealth[BEYOND_BELOW]);
    read_reals(file, "quantity", 1, number);
    assert_true(number[0] == 0 && number[1] == 1 && number[2] == 2);

    const hid_t attribute = H5Aopen_by_name(file, "quantity", "flag_meanings", H5P_DEFAULT, H5P_DEFAULT),
                type = H5Aget_type(attribute);
    assert_true(H5Aread(attribute, type, &names) >= 0);
    assert_string_equal(names, "wealth level wealth_in_levels");
    H5free_memory(names);
    H5Tclose(type);
    H5Aclose(attribute);
}

static void test_result_file(void **state)
{
    struct run run;
    struct record_variables variables;
    char path[4096];
    (void)state;
    name_file(path, sizeof path);
    start(&run, 1, PERIODS);
    if (comm.rank == 0) {
        assert_int_equal(records_variables(&variables, &run.records, NULL), WS_OK);
        assert_string_equal(variables.of[0].long_name, "median of the quantity");
        h5_begin();
        const hid_t file = h5_create_file();
        assert_int_equal(variables_write(file, variables.of, variables.n_of), WS_OK);
        assert_int_equal(h5_save(file, path, 0), WS_OK);
        const hid_t again = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
        check_file(again, &run);
        H5Fclose(again);
        records_variables_free(&variables);
        unlink(path);
    }
    destroy(&run);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_checkpoint),
        cmocka_unit_test(test_invalid_byte),
        cmocka_unit_test(test_result_file),
    };
    comm_start(&comm, &argc, &argv);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return comm_end(&comm, failed != 0);
}
