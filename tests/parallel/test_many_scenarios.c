/* Many scenarios in one population: each is what it is alone, to the last bit, whatever the others are, however many there
 * are, in however many pieces they are advanced, and whoever watches. On any number of ranks. */
#include "models/kesten.h"
#include "population/coalescence.h"
#include "population/paths.h"
#include "populations.h"
#include <limits.h>
#include <math.h>
#include <string.h>

enum { HOUSEHOLDS = 1500, PERIODS = 75, COUNT = 75, MOST = 2 * COUNT };

/* ---- models ----------------------------------------------------------------------------------------------------- */

/* The lecture's law, one by one, with a uniform besides. */
static int step_with_uniform(const void *law, const struct shocks *shocks, void *const *state)
{
    double *w = state[0];
    kesten_step(law, shocks->normals, w);
    for (int i = 0; i < BLOCK_SIZE; i++)
        w[i] += shocks->uniforms[i] + (double)(shocks->period % 3);
    return BLOCK_SIZE;
}

/* The lecture's law, which forbids to be as rich as that. */
static const double highest = 60;

static int step_forbidding(const void *law, const struct shocks *shocks, void *const *state)
{
    const double *w = state[0];
    for (int i = 0; i < shocks->households; i++)
        if (w[i] > highest)
            return i;
    kesten_step(law, shocks->normals, state[0]);
    return BLOCK_SIZE;
}

/* The lecture's law in single precision, which takes no volatilities as large as one among those below. */
static enum status init_single(void *law, const void *parameters)
{
    struct kesten_parameters within = *(const struct kesten_parameters *)parameters;
    within.v1 = within.v1 < 2 ? within.v1 : 2;
    return model_kesten_single.init(law, &within);
}

/* The same, one by one, with a uniform besides, whose words come after those that are taken as they are. */
static int step_single_with_uniform(const void *law, const struct shocks *shocks, void *const *state)
{
    double *w = state[0];
    model_kesten_single.step(law, shocks, state);
    for (int i = 0; i < BLOCK_SIZE; i++)
        w[i] += shocks->uniforms[i];
    return BLOCK_SIZE;
}

static struct model with_uniform, forbidding, of_words, of_words_with_uniform;

static int set_up(void **state)
{
    (void)state;
    with_uniform = forbidding = model_kesten;
    with_uniform.step_together = forbidding.step_together = NULL;
    with_uniform.uniforms = 1;
    with_uniform.step = step_with_uniform;
    forbidding.forbids = true;
    forbidding.step = step_forbidding;
    of_words = of_words_with_uniform = model_kesten_single;
    of_words.init = of_words_with_uniform.init = init_single;
    of_words_with_uniform.step_together = NULL;
    of_words_with_uniform.uniforms = 1;
    of_words_with_uniform.step = step_single_with_uniform;
    return 0;
}

/* Laws of all kinds, in no order: many share v2, v1, the gain or all; every eleventh is guarded. */
static struct kesten_parameters scenario(int i)
{
    return (struct kesten_parameters){.r = 0.1,
        .s = 0.2 + 0.1 * (i * 7 % 5),
        .v1 = i % 11 == 10 ? 60 : 0.1 * (i * 5 % 4),
        .v2 = i % 3 == 2 ? 0.4 : 1,
        .w0 = i % 13};
}

static void create_laws(struct population *population, const struct model *model,
    const struct kesten_parameters *parameters, int n, int threads)
{
    const void *of[MOST];
    for (int i = 0; i < n; i++)
        of[i] = &parameters[i];
    create(population, HOUSEHOLDS, model, of, n, threads);
}

/* All periods: pieces of one, of fewer and of more than numbers are made ahead for. */
static void live(struct population *population)
{
    static const int pieces[] = {1, 30, 0, 40, PERIODS - 71};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        advance(population, pieces[i]);
}

/* ---- cases ------------------------------------------------------------------------------------------------------ */

/* Each scenario alone: its wealth on this rank, and its hash. */
static struct single {
    double wealth[HOUSEHOLDS];
    uint64_t hash;
} singles[COUNT];

static void live_alone(const struct model *model, int n)
{
    for (int i = 0; i < n; i++) {
        const struct kesten_parameters parameters = scenario(i);
        struct population population;
        create_laws(&population, model, &parameters, 1, 1);
        start(&population);
        advance(&population, PERIODS);
        memcpy(singles[i].wealth, population_wealth(&population, 0),
            (size_t)population.part.n_local * sizeof(double));
        singles[i].hash = population_hash(comm.world, &population, 0);
        population_destroy(&population);
    }
}

static void check_each(const struct model *model, int n, int threads)
{
    struct kesten_parameters parameters[MOST];
    struct population together;
    for (int i = 0; i < n; i++)
        parameters[i] = scenario(i);
    create_laws(&together, model, parameters, n, threads);
    start(&together);
    live(&together);
    for (int i = 0; i < n; i++) {
        if (memcmp(population_wealth(&together, i), singles[i].wealth,
                (size_t)together.part.n_local * sizeof(double)) != 0)
            fail_msg("scenario %d of %d is another than alone", i, n);
        assert_true(population_hash(comm.world, &together, i) == singles[i].hash);
    }
    population_destroy(&together);
}

static void test_each_is_what_it_is_alone(void **state)
{
    static const int counts[] = {1, 2, 5, 32, 33, 65, COUNT};
    (void)state;
    live_alone(&model_kesten, COUNT);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        check_each(&model_kesten, counts[i], 1 + (int)i % 3);
    live_alone(&with_uniform, 70);
    check_each(&with_uniform, 3, 1);
    check_each(&with_uniform, 70, 2);
    live_alone(&of_words, COUNT);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        check_each(&of_words, counts[i], 1 + (int)i % 3);
    live_alone(&of_words_with_uniform, 70);
    check_each(&of_words_with_uniform, 3, 1);
    check_each(&of_words_with_uniform, 70, 2);
}

/* Pairs, with one law for all perhaps, against those of populations of one pair, with paths of some households. */
static void check_pairs(int n, bool has_one_law, int threads)
{
    enum { FIRST = 200, PATHS = 300 };
    struct kesten_parameters parameters[MOST];
    struct population together, pair;
    struct coalescence of_all, of_pair;
    struct paths paths, paths_of_pair;
    for (int i = 0; i < n; i++) {
        parameters[i] = scenario(has_one_law ? 1 : i);
        parameters[i].w0 = i % 13;
        parameters[n + i] = parameters[i];
        parameters[n + i].w0 = 50;
    }
    create_laws(&together, &model_kesten, parameters, 2 * n, threads);
    assert_int_equal(coalescence_create(&of_all, &together), WS_OK);
    assert_int_equal(paths_create(&paths, &together, n, FIRST, PATHS, PERIODS), WS_OK);
    start(&together);
    live(&together);
    int n_joined = 0;
    for (int i = 0; i < n; i++) {
        create_laws(
            &pair, &model_kesten, (const struct kesten_parameters[]){parameters[i], parameters[n + i]}, 2, 1);
        assert_int_equal(coalescence_create(&of_pair, &pair), WS_OK);
        assert_int_equal(paths_create(&paths_of_pair, &pair, 1, FIRST, PATHS, PERIODS), WS_OK);
        start(&pair);
        for (int t = 0; t < PERIODS; t++)
            advance(&pair, 1);
        const int64_t period = coalescence_period(comm.world, &of_pair, 0);
        n_joined += period > 0;
        assert_int_equal(coalescence_period(comm.world, &of_all, i), period);
        assert_memory_equal(of_all.periods + i * of_all.n_blocks_local, of_pair.periods,
            (size_t)of_pair.n_blocks_local * sizeof *of_pair.periods);
        const size_t steps = (size_t)(paths.n_local * paths.steps);
        assert_memory_equal(paths.wealth + (size_t)i * steps, paths_of_pair.wealth, steps * sizeof(double));
        for (int of = 0; of < 2; of++)
            assert_true(
                population_hash(comm.world, &together, of * n + i) == population_hash(comm.world, &pair, of));
        population_destroy(&pair);
        coalescence_destroy(&of_pair);
        paths_destroy(&paths_of_pair);
    }
    assert_true(n_joined > 0 && (has_one_law || n < 20 || n_joined < n));
    population_destroy(&together);
    coalescence_destroy(&of_all);
    paths_destroy(&paths);
}

static void test_pairs(void **state)
{
    (void)state;
    check_pairs(3, false, 1);
    check_pairs(17, false, 2);
    check_pairs(COUNT, false, 3);
    check_pairs(70, true, 2);
}

/* The periods that a block's scenarios have been seen at. */
static int64_t seen[MOST];

static void look(void *self, const struct population *population, int i, int64_t block, int64_t period,
    const struct shocks *shocks)
{
    const struct scenario *scenario = &population->scenarios[i];
    (void)self;
    if (block > 0)
        return;
    assert_int_equal(period, seen[i] + 1);
    assert_true(period == 0 ? !shocks : shocks->period == period);
    seen[i] = period;
    if (scenario->joined)
        assert_int_equal(seen[scenario->follows], period);
}

/* Some follow others and some nobody, so that tiles end anywhere: those who do are seen after them. */
static void test_watchers_see_who_follows_whom(void **state)
{
    static const int64_t never[HOUSEHOLDS / BLOCK_SIZE + 1] = {-1, -1, -1, -1, -1, -1};
    struct kesten_parameters parameters[MOST];
    struct population population;
    (void)state;
    for (int followers = 1; followers < 70; followers += 17) {
        const int n = 70 + followers;
        for (int i = 0; i < n; i++) {
            parameters[i] = scenario(i % 70);
            seen[i] = -1;
        }
        create_laws(&population, &model_kesten, parameters, n, 1);
        for (int i = 70; i < n; i++) {
            population.scenarios[i].follows = i - 70;
            population.scenarios[i].joined = never;
        }
        population_arrange(&population);
        population_watch(&population, (struct watcher){.look = look});
        start(&population);
        live(&population);
        for (int i = 0; i < n && population.part.n_blocks_local > 0; i++)
            assert_int_equal(seen[i], PERIODS);
        population_destroy(&population);
    }
}

/* Whether a law is that of a scenario before it, whose departure then comes first. */
static bool has_been(const struct kesten_parameters *parameters, int i)
{
    for (int before = 0; before < i; before++)
        if (parameters[before].v2 == parameters[i].v2) /* all else is the same */
            return true;
    return false;
}

/* The first departure of each scenario alone, period by period: the least period, then household, then scenario. */
static struct departure first_departure(const struct kesten_parameters *parameters, int n)
{
    struct departure first = {.period = INT64_MAX};
    struct population alone;
    for (int i = 0; i < n; i++) {
        if (has_been(parameters, i))
            continue;
        create_laws(&alone, &forbidding, &parameters[i], 1, 1);
        start(&alone);
        struct departure found = {.period = INT64_MAX};
        for (int t = 0; t < PERIODS && found.period == INT64_MAX; t++) {
            advance(&alone, 1);
            found = population_departure(comm.world, &alone);
        }
        if (found.period < first.period ||
            (found.period == first.period && found.household < first.household)) {
            first = found;
            first.scenario = i;
        }
        population_destroy(&alone);
    }
    return first;
}

/* @param later  scenarios from it on have a law under which somebody gets too rich some time */
static void check_departure(int n, int later, int threads)
{
    struct kesten_parameters parameters[MOST];
    struct population together;
    for (int i = 0; i < n; i++) {
        parameters[i] = (struct kesten_parameters){.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 0.5, .w0 = 1};
        if (i >= later)
            parameters[i].v2 = 1.02 + 0.001 * (i % 7);
    }
    const struct departure expected = first_departure(parameters, n);
    assert_true((expected.period == INT64_MAX) == (later >= n));
    create_laws(&together, &forbidding, parameters, n, threads);
    start(&together);
    struct departure found = {.period = INT64_MAX};
    while (together.period < PERIODS && found.period == INT64_MAX) {
        advance(&together, together.period < 3 ? 1 : 24);
        found = population_departure(comm.world, &together);
    }
    assert_true(found.period == expected.period && found.household == expected.household);
    assert_true(found.scenario == expected.scenario && found.wealth == expected.wealth);
    population_destroy(&together);
}

static void test_departures(void **state)
{
    (void)state;
    check_departure(1, 0, 1);
    check_departure(5, 5, 2);
    check_departure(9, 3, 2);
    check_departure(70, 60, 1);
    check_departure(70, 1, 3);
    check_departure(140, 40, 2);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_what_it_is_alone),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_watchers_see_who_follows_whom),
        cmocka_unit_test(test_departures),
    };
    comm_start(&comm, &argc, &argv);
    const int failed = cmocka_run_group_tests(tests, set_up, NULL);
    return comm_end(&comm, failed != 0);
}
