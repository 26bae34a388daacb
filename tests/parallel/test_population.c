/* The model seam: a population advances whatever stands behind it. A toy model, known here alone, goes through population,
 * paths and checkpoints; scenarios are what each is alone. On any number of ranks. */
#include "files/checkpoint.h"
#include "models/kesten.h"
#include "population/coalescence.h"
#include "population/life.h"
#include "population/paths.h"
#include "populations.h"
#include "random/normals.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HOUSEHOLDS = 3000, PERIODS = 9 };

/* ---- the toy model: wealth, and a state of three, from one normal and one uniform ------------------------------- */

struct toy {
    double keep, chance; /* of what one has; of moving to the next state */
};

static int laws_alive;

static enum status toy_init(void *law, const void *parameters)
{
    memcpy(law, parameters, sizeof(struct toy));
    laws_alive++;
    return WS_OK;
}

static void toy_destroy(void *law)
{
    (void)law;
    laws_alive--;
}

static void toy_start(const void *law, int64_t household, int64_t population, void *const *state)
{
    double *wealth = state[0];
    int32_t *place = state[1];
    (void)law;
    (void)population;
    for (int i = 0; i < BLOCK_SIZE; i++) {
        wealth[i] = (double)(household + i);
        place[i] = (int32_t)((household + i) % 3);
    }
}

/* One household's period; the test follows households by it as well. */
static void toy_live(
    const struct toy *toy, int64_t period, double normal, double uniform, double *wealth, int32_t *place)
{
    *place = uniform < toy->chance ? (*place + 1) % 3 : *place;
    *wealth = toy->keep * *wealth + normal * (double)(*place + 1) + (double)period;
}

static int toy_step(const void *law, const struct shocks *shocks, void *const *state)
{
    double *wealth = state[0];
    int32_t *place = state[1];
    for (int i = 0; i < BLOCK_SIZE; i++)
        toy_live(law, shocks->period, shocks->normals[i], shocks->uniforms[i], &wealth[i], &place[i]);
    return BLOCK_SIZE;
}

static int64_t toy_find_invalid(const void *law, int array, const void *values, int64_t n)
{
    int64_t i = 0;
    (void)law;
    if (array == 0)
        while (i < n && isfinite(((const double *)values)[i]))
            i++;
    else
        while (i < n && ((const int32_t *)values)[i] >= 0 && ((const int32_t *)values)[i] < 3)
            i++;
    return i;
}

static const struct model toy_model = {.name = "toy",
    .normals = 1,
    .uniforms = 1,
    .n_arrays = 2,
    .arrays = {{.name = "wealth", .long_name = "wealth", .type = ARRAY_REAL},
        {.name = "place", .long_name = "place", .type = ARRAY_INT}},
    .law_bytes = sizeof(struct toy),
    .init = toy_init,
    .destroy = toy_destroy,
    .start = toy_start,
    .step = toy_step,
    .find_invalid = toy_find_invalid};

static const struct toy toys[] = {{0.9, 0.25}, {0.5, 0.75}, {1.1, 0}};

static const struct kesten_parameters kestens[] = {{.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1},
    {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 50}, {.r = 0.02, .s = 0.9, .v1 = 0.3, .v2 = 60, .w0 = 2}};

/* ---- what the tests do with populations ------------------------------------------------------------------------- */

/* All arrays of a scenario, households alone, against those of another population's. */
static void assert_same(const struct population *a, int of_a, const struct population *b, int of_b)
{
    for (int array = 0; array < a->model->n_arrays; array++)
        assert_memory_equal(population_array(a, of_a, array), population_array(b, of_b, array),
            (size_t)a->part.n_local * model_array_bytes(a->model, array));
    assert_true(population_hash(comm.world, a, of_a) == population_hash(comm.world, b, of_b));
}

/* ---- cases ------------------------------------------------------------------------------------------------------ */

/* A block of the toy's, from the words of its stream as models/model.h says that they are taken. */
static void follow(const struct toy *toy, int64_t block, double *wealth, int32_t *place)
{
    struct streams *streams = NULL;
    uint64_t words[3 * BLOCK_SIZE];
    double normals[NORMALS];
    assert_int_equal(streams_create(&streams, RNG_MLFG, SEED, block, 1, 1), WS_OK);
    toy_start(toy, block * BLOCK_SIZE, HOUSEHOLDS, (void *[]){wealth, place});
    for (int64_t period = 1; period <= PERIODS; period++) {
        streams_fill(streams, 0, 3 * BLOCK_SIZE, words);
        normals_of(words, normals);
        for (int i = 0; i < BLOCK_SIZE; i++)
            toy_live(toy, period, normals[i], (double)(words[2 * BLOCK_SIZE + i] >> 12) * 0x1p-52, &wealth[i],
                &place[i]);
    }
    streams_destroy(streams);
}

static void test_toy_model(void **state)
{
    struct population population;
    (void)state;
    create(&population, HOUSEHOLDS, &toy_model, (const void *[]){&toys[0]}, 1, 2);
    start(&population);
    advance(&population, 4);
    advance(&population, PERIODS - 4);
    for (int64_t b = 0; b < population.part.n_blocks_local; b++) {
        double wealth[BLOCK_SIZE];
        int32_t place[BLOCK_SIZE];
        const size_t n = (size_t)population_households_in(&population, b);
        follow(&toys[0], population.part.first_block + b, wealth, place);
        assert_memory_equal(population_wealth(&population, 0) + b * BLOCK_SIZE, wealth, n * sizeof *wealth);
        assert_memory_equal(
            (int32_t *)population_array(&population, 0, 1) + b * BLOCK_SIZE, place, n * sizeof *place);
    }
    population_destroy(&population);
    assert_int_equal(laws_alive, 0);
}

static void check_scenarios(const struct model *model, const void *const *parameters, int threads)
{
    enum { SCENARIOS = 3 };
    struct population together, alone;
    create(&together, HOUSEHOLDS, model, parameters, SCENARIOS, threads);
    start(&together);
    advance(&together, 2);
    advance(&together, PERIODS - 2);
    for (int i = 0; i < SCENARIOS; i++) {
        create(&alone, HOUSEHOLDS, model, &parameters[i], 1, 1);
        start(&alone);
        advance(&alone, PERIODS);
        assert_same(&together, i, &alone, 0);
        population_destroy(&alone);
    }
    assert_true(population_hash(comm.world, &together, 0) != population_hash(comm.world, &together, 1));
    population_destroy(&together);
}

static void test_scenarios_are_what_each_is_alone(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        check_scenarios(&toy_model, (const void *[]){&toys[0], &toys[1], &toys[2]}, threads);
        check_scenarios(&toy_model, (const void *[]){&toys[2], &toys[0], &toys[1]}, threads);
        check_scenarios(&model_kesten, (const void *[]){&kestens[0], &kestens[1], &kestens[2]}, threads);
    }
}

/* One rank with one thread has the hash that all have together. */
static void test_hash_of_any_layout(void **state)
{
    struct population population;
    struct comm first;
    uint64_t expected = 0;
    (void)state;
    comm_first(&comm, 1, &first);
    if (first.size > 0) {
        const void *parameters[] = {&toys[0], &toys[1]};
        assert_int_equal(
            population_create(&population, decomposition_of(HOUSEHOLDS, 0, 1), &toy_model, parameters, 2, 1),
            WS_OK);
        start(&population);
        advance(&population, PERIODS);
        expected = population_hash(first.world, &population, 1);
        population_destroy(&population);
        comm_free(&first);
    }
    MPI_Bcast(&expected, 1, MPI_UINT64_T, 0, comm.world);
    create(&population, HOUSEHOLDS, &toy_model, (const void *[]){&toys[0], &toys[1]}, 2, 2);
    start(&population);
    advance(&population, PERIODS);
    assert_true(population_hash(comm.world, &population, 1) == expected);
    population_destroy(&population);
}

/* The coupled run against one that nobody watches, period by period. */
static void test_coalescence(void **state)
{
    enum { MOST = 200 };
    struct population watched, plain;
    struct coalescence coalescence;
    int64_t expected = -1;
    (void)state;
    create(&watched, HOUSEHOLDS, &model_kesten, (const void *[]){&kestens[0], &kestens[1]}, 2, 2);
    create(&plain, HOUSEHOLDS, &model_kesten, (const void *[]){&kestens[0], &kestens[1]}, 2, 1);
    assert_int_equal(coalescence_create(&coalescence, &watched), WS_OK);
    start(&watched);
    start(&plain);
    for (int64_t period = 1; period <= MOST; period++) {
        advance(&watched, 1);
        advance(&plain, 1);
        const bool agree = population_hash(comm.world, &plain, 0) == population_hash(comm.world, &plain, 1);
        expected = agree && expected < 0 ? period : expected;
        assert_int_equal(coalescence_period(comm.world, &coalescence, 0), agree ? expected : -1);
        assert_same(&watched, 0, &plain, 0);
        assert_true(population_hash(comm.world, &watched, 1) == population_hash(comm.world, &plain, 1));
    }
    assert_true(expected > 10);
    population_destroy(&watched);
    population_destroy(&plain);
    coalescence_destroy(&coalescence);
}

/* Of households 200 … 999 at each period. */
static void test_paths(void **state)
{
    enum { FIRST = 200, N = 800 };
    struct population population, steps;
    struct paths paths;
    int64_t n = 0, all = 0;
    (void)state;
    create(&population, HOUSEHOLDS, &toy_model, (const void *[]){&toys[1]}, 1, 2);
    create(&steps, HOUSEHOLDS, &toy_model, (const void *[]){&toys[1]}, 1, 1);
    assert_int_equal(paths_create(&paths, &population, 1, FIRST, N, PERIODS), WS_OK);
    start(&population);
    start(&steps);
    advance(&population, PERIODS);
    for (int64_t period = 0; period <= PERIODS; period++) {
        n = 0;
        for (int64_t i = 0; i < steps.part.n_local; i++) {
            const int64_t household = steps.part.first_household + i;
            if (household < FIRST || household >= FIRST + N)
                continue;
            assert_true(paths.first + n == i);
            assert_true(paths.wealth[n * paths.steps + period] == population_wealth(&steps, 0)[i]);
            n++;
        }
        assert_int_equal(paths.n_local, n);
        advance(&steps, 1);
    }
    MPI_Allreduce(&n, &all, 1, MPI_INT64_T, MPI_SUM, comm.world);
    assert_int_equal(all, N);
    population_destroy(&population);
    population_destroy(&steps);
    paths_destroy(&paths);
}

/* One household by itself, of a model whose last pair of normals is not all its own. */
static void test_life(void **state)
{
    const int64_t block = comm.rank % (HOUSEHOLDS / BLOCK_SIZE);
    const struct decomposition part = {.n_global = HOUSEHOLDS,
        .n_blocks_global = HOUSEHOLDS / BLOCK_SIZE + 1,
        .first_block = block,
        .n_blocks_local = 1,
        .first_household = block * BLOCK_SIZE,
        .n_local = BLOCK_SIZE};
    double wealth[BLOCK_SIZE];
    int32_t place[BLOCK_SIZE];
    (void)state;
    follow(&toys[0], block, wealth, place);
    for (int i = 0; i < BLOCK_SIZE; i += BLOCK_SIZE - 1) {
        struct population population;
        struct timers timers;
        assert_int_equal(
            population_create(&population, part, &toy_model, (const void *[]){&toys[0]}, 1, 1), WS_OK);
        start(&population);
        assert_int_equal(timers_create(&timers, 1), WS_OK);
        life_advance(&population, i, 4, &timers);
        life_advance(&population, i, PERIODS - 4, &timers);
        assert_true(population_wealth(&population, 0)[i] == wealth[i]);
        assert_int_equal(((const int32_t *)population_array(&population, 0, 1))[i], place[i]);
        timers_destroy(&timers);
        population_destroy(&population);
    }
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------ */

static const struct recording recording = {.periods = PERIODS};
static const struct fields identity = {.n = 0};

static struct checkpoint_state state_of(struct population *population)
{
    static struct record nothing;
    static struct records none = {
        .model = &toy_model, .recording = &recording, .n_scenarios = 1, .most = 1, .of = &nothing};
    return (struct checkpoint_state){.identity = &identity,
        .recording = &recording,
        .family = RNG_MLFG,
        .population = population,
        .records = &none};
}

static void name_file(char *path, size_t bytes)
{
    const char *folder = getenv("TMPDIR");
    if (comm.rank == 0)
        snprintf(path, bytes, "%s/wealthsim-population-%ld", folder ? folder : "/tmp", (long)getpid());
    MPI_Bcast(path, (int)bytes, MPI_CHAR, 0, comm.world);
}

static void write_toy(const char *path, bool is_valid)
{
    struct population population;
    create(&population, HOUSEHOLDS, &toy_model, (const void *[]){&toys[0], &toys[1]}, 2, 1);
    start(&population);
    advance(&population, 4);
    if (!is_valid && comm.rank == 0)
        ((int32_t *)population_array(&population, 1, 1))[3] = 7;
    const struct checkpoint_state state = state_of(&population);
    assert_int_equal(checkpoint_write(&comm, path, 1, &state), WS_OK);
    population_destroy(&population);
}

/* Both arrays of both scenarios come back, on other threads, and go on to the same bytes. */
static void test_checkpoint_of_a_toy(void **state)
{
    struct population straight, resumed;
    enum checkpoint_fault fault;
    char path[4096];
    (void)state;
    name_file(path, sizeof path);
    write_toy(path, true);
    create(&resumed, HOUSEHOLDS, &toy_model, (const void *[]){&toys[0], &toys[1]}, 2, 3);
    struct checkpoint_state of_resumed = state_of(&resumed);
    assert_int_equal(checkpoint_read(&comm, path, &of_resumed, &fault), WS_OK);
    assert_int_equal(resumed.period, 4);
    create(&straight, HOUSEHOLDS, &toy_model, (const void *[]){&toys[0], &toys[1]}, 2, 1);
    start(&straight);
    advance(&straight, 4);
    for (int i = 0; i < 2; i++)
        assert_same(&resumed, i, &straight, i);
    advance(&straight, PERIODS - 4);
    advance(&resumed, PERIODS - 4);
    for (int i = 0; i < 2; i++)
        assert_same(&resumed, i, &straight, i);
    population_destroy(&straight);
    population_destroy(&resumed);
    if (comm.rank == 0)
        unlink(path);
}

/* A value that no household can have; another number of scenarios; another model. */
static void test_checkpoints_refused(void **state)
{
    static const struct {
        bool is_valid, is_toy;
        int n_scenarios;
        enum status status;
        const char *said;
    } cases[] = {{false, true, 2, WS_FAILED, "it has 7 in 'place'"},
        {true, true, 1, WS_FAILED, "it does not have the arrays of its run"},
        {true, false, 2, WS_USAGE, "the checkpoint's model is 'toy', this run's 'kesten'"}};
    char path[4096];
    (void)state;
    name_file(path, sizeof path);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct population population;
        enum checkpoint_fault fault;
        write_toy(path, cases[i].is_valid);
        if (cases[i].is_toy)
            create(&population, HOUSEHOLDS, &toy_model, (const void *[]){&toys[0], &toys[1]},
                cases[i].n_scenarios, 1);
        else
            create(&population, HOUSEHOLDS, &model_kesten, (const void *[]){&kestens[0], &kestens[1]}, 2, 1);
        struct checkpoint_state of_population = state_of(&population);
        assert_int_equal(checkpoint_read(&comm, path, &of_population, &fault), cases[i].status);
        assert_true((fault == CHECKPOINT_DAMAGED) == (cases[i].status == WS_FAILED));
        assert_true(comm.rank > 0 || strstr(error_message(), cases[i].said));
        error_clear();
        population_destroy(&population);
        if (comm.rank == 0)
            unlink(path);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_toy_model),
        cmocka_unit_test(test_scenarios_are_what_each_is_alone),
        cmocka_unit_test(test_hash_of_any_layout),
        cmocka_unit_test(test_coalescence),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_checkpoint_of_a_toy),
        cmocka_unit_test(test_checkpoints_refused),
    };
    comm_start(&comm, &argc, &argv);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return comm_end(&comm, failed != 0);
}
