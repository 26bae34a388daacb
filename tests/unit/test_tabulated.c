/* The household of a model file against the law written out plainly: linear searches, exp of the C library. */
#include "made_up_models.h"
#include "models/tabulated.h"
#include "models/tabulated_common.h"
#include "simd/simd.h"
#include <string.h>

enum { POPULATION = 1000 };

/* ---- the law, plainly ------------------------------------------------------------------------------------------- */

struct one {
    double w, p;
    int64_t z;
};

static double at(const struct tabulated_data *data, int64_t aggregate, enum tabulated_variable variable,
    int64_t i, double none)
{
    const double *values = tabulated_values(data, variable, aggregate);
    return values ? values[i] : none;
}

/* A function of wealth on a policy's knots: where it has a jump the last value at it holds. */
static double interpolate(const double *x, const double *y, int64_t n, double w, bool is_linear)
{
    int64_t j = -1;
    while (j + 1 < n && x[j + 1] <= w)
        j++;
    int64_t left = j, right = j + 1;
    if (j < 0 || j == n - 1) {
        const int64_t edge = j < 0 ? 0 : n - 1;
        int64_t from = j < 0 ? 0 : n - 2;
        while (j < 0 && from + 2 < n && x[from + 1] == x[from])
            from++;
        while (j >= 0 && from > 0 && x[from] == x[n - 1])
            from--;
        if (!is_linear || n < 2 || x[from + 1] == x[from])
            return y[edge];
        return y[edge] + (y[from + 1] - y[from]) / (x[from + 1] - x[from]) * (w - x[edge]);
    }
    return y[left] + (y[right] - y[left]) / (x[right] - x[left]) * (w - x[left]);
}

static int64_t next_state(
    const struct tabulated_data *data, int64_t aggregate, int64_t z, double u, double *left)
{
    const struct tabulated_moves moves = tabulated_moves_from(data, aggregate, z);
    double sum = 0;
    int64_t last = -1;
    for (int64_t j = 0; j < moves.n; j++)
        last = moves.probability[j] > 0 ? j : last;
    for (int64_t j = 0; j < moves.n; j++) {
        const double before = sum;
        sum += moves.probability[j];
        if (moves.probability[j] > 0 && (u < sum || j == last)) {
            *left = (u - before) / ((j == last ? 1 : sum) - before);
            return tabulated_move_to(&moves, j);
        }
    }
    return -1;
}

static struct one born(const struct tabulated_data *data, double v, double w0)
{
    const double *weight = data->values[INITIAL_WEIGHT];
    const int64_t n = data->length[TABULATED_SAMPLE];
    double total = 0, sum = 0;
    int64_t i = 0;
    if (n == 0)
        return (struct one){w0, 1, 0};
    for (int64_t j = 0; j < n; j++)
        total += weight[j];
    for (sum = weight[0]; i < n - 1 && sum <= v * total; sum += weight[++i])
        ;
    return (struct one){data->values[INITIAL_WEALTH][i], at(data, 0, INITIAL_LEVEL, i, 1),
        (int64_t)data->values[INITIAL_STATE][i]};
}

static int64_t aggregate_in(const struct tabulated_data *data, int64_t period)
{
    const double *path = data->values[AGGREGATE_PATH];
    return path ? (int64_t)path[period - 1] : 0;
}

static void live(const struct tabulated_data *data, int64_t period, double zeta, double xi, double u,
    double w0, struct one *one)
{
    const int64_t now = aggregate_in(data, period), n = data->length[TABULATED_POINT];
    const int64_t policy = tabulated_policy_of(data, now, one->z);
    const double *x = tabulated_values(data, POLICY_WEALTH, now) + policy * n;
    const double *share = tabulated_values(data, POLICY_SHARE, now);
    const double a = interpolate(x, tabulated_values(data, POLICY_SAVINGS, now) + policy * n, n, one->w,
        data->extrapolation == EXTRAPOLATION_LINEAR);
    const double risky = share ? interpolate(x, share + policy * n, n, one->w, false) : 1;
    double left = 0;
    const int64_t z = one->z = next_state(data, now, one->z, u, &left);
    const double gross =
        at(data, now, RETURN_CONSTANT, z, 0) +
        risky * (at(data, now, RISKY_CONSTANT, z, 0) +
                    exp(at(data, now, RETURN_LOG_MEAN, z, 0) + at(data, now, RETURN_LOG_SD, z, 0) * zeta));
    const double income = at(data, now, INCOME_CONSTANT, z, 0) +
                          exp(at(data, now, INCOME_LOG_MEAN, z, 0) + at(data, now, INCOME_LOG_SD, z, 0) * xi);
    one->w = fmin(fmax(gross * a + income, data->lower_bound), data->upper_bound);
    one->p *= at(data, now, LEVEL_GROWTH, z, 1) * exp(at(data, now, LEVEL_LOADING, z, 0) * zeta);
    if (at(data, now, NEWBORN, z, 0) != 0)
        *one = born(data, left, w0);
}

/* ---- cases ------------------------------------------------------------------------------------------------------ */

static const struct kind kinds[] = {
    {"one state", 1, 1, 5, 1, 0, .nearness = 1, .lower_bound = -TABULATED_BOUND},
    {"one knot", 2, 2, 1, 1, 0, .nearness = 1, .extrapolation = EXTRAPOLATION_FLAT,
        .lower_bound = -TABULATED_BOUND},
    {"two states, many knots", 2, 2, 200, 1, 0, .nearness = 1, .lower_bound = -TABULATED_BOUND},
    {"knots that crowd at the limit", 5, 5, 300, 1, 0, .nearness = 6, .lower_bound = -TABULATED_BOUND},
    {"knots that crowd far out", 3, 3, 100, 1, 10, .nearness = 0.02, .lower_bound = -TABULATED_BOUND},
    {"jumps, flat beyond", 9, 3, 20, 1, 7, .has_jumps = true, .nearness = 2,
        .extrapolation = EXTRAPOLATION_FLAT, .lower_bound = -TABULATED_BOUND},
    {"share, level, newborns, bound", 4, 4, 30, 1, 50, .has_share = true, .has_level = true,
        .has_newborns = true, .nearness = 2, .lower_bound = -1},
    {"aggregate states", 6, 2, 40, 3, 12, .has_level = true, .has_newborns = true, .has_jumps = true,
        .nearness = 3, .lower_bound = -TABULATED_BOUND},
    {"states of two bytes, sparse", 300, 4, 25, 2, 90, .is_sparse = true, .nearness = 2,
        .lower_bound = -TABULATED_BOUND},
    {"states of four bytes, sparse", 70002, 1, 25, 1, 0, .is_sparse = true, .nearness = 2,
        .lower_bound = -TABULATED_BOUND}};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

struct block {
    double w[BLOCK_SIZE], p[BLOCK_SIZE];
    int32_t z[BLOCK_SIZE]; /* room for the widest */
};

static int64_t state_at(const struct model *model, const struct block *block, int i)
{
    const void *z = block->z;
    return model->arrays[1].type == ARRAY_UINT8    ? ((const uint8_t *)z)[i]
           : model->arrays[1].type == ARRAY_UINT16 ? ((const uint16_t *)z)[i]
                                                   : ((const int32_t *)z)[i];
}

static void assert_near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-12 * (1 + fabs(b))))
        fail_msg("%.17g is not %.17g", a, b);
}

/* Wealth exactly at a knot, where pieces meet and jumps are. */
static double some_knot(const struct tabulated_data *data)
{
    const double n = (double)tabulated_total(data, POLICY_WEALTH);
    return data->values[POLICY_WEALTH][(int64_t)(uniform() * n)];
}

/* Household by household, each from where the law has it, so that errors do not add up over a steep rule. */
static void follow(const struct kind *kind)
{
    struct tabulated_data data = make(kind);
    const struct tabulated_parameters parameters = {.w0 = 2, .data = &data, .model = tabulated_model(&data)};
    const struct model model = tabulated_model(&data);
    void *law = malloc(model.law_bytes);
    struct block block;
    void *const state[] = {block.w, block.z, block.p};
    double normals[2 * BLOCK_SIZE], uniforms[BLOCK_SIZE];
    assert_int_equal(model.init(law, &parameters), WS_OK);
    model.start(law, 256, POPULATION, state);
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const struct one begins = born(&data, (256 + i + 0.5) / POPULATION, 2);
        assert_true(block.w[i] == begins.w && state_at(&model, &block, i) == begins.z);
        assert_true(!kind->has_level || block.p[i] == begins.p);
    }
    for (int64_t period = 1; period <= PERIODS; period++) {
        for (int i = 0; i < BLOCK_SIZE; i += 2)
            block.w[i] = some_knot(&data);
        struct block before = block;
        for (int i = 0; i < BLOCK_SIZE; i++) {
            const struct tabulated_moves moves =
                tabulated_moves_from(&data, aggregate_in(&data, period), state_at(&model, &block, i));
            uniforms[i] = i == 0                                                  ? 0
                          : i == 1                                                ? 1 - 0x1p-52
                          : i % 3 == 0 && moves.n > 1 && moves.probability[0] < 1 ? moves.probability[0]
                                                                                  : uniform();
            normals[i] = 4 * between(-1, 1);
            normals[BLOCK_SIZE + i] = 4 * between(-1, 1);
        }
        const struct shocks shocks = {
            .period = period, .households = BLOCK_SIZE, .normals = normals, .uniforms = uniforms};
        assert_int_equal(model.step(law, &shocks, state), BLOCK_SIZE);
        for (int i = 0; i < BLOCK_SIZE; i++) {
            struct one one = {before.w[i], kind->has_level ? before.p[i] : 1, state_at(&model, &before, i)};
            live(&data, period, normals[i], normals[BLOCK_SIZE + i], uniforms[i], 2, &one);
            assert_int_equal(state_at(&model, &block, i), one.z);
            assert_near(block.w[i], one.w);
            if (kind->has_level)
                assert_near(block.p[i], one.p);
        }
    }
    model.destroy(law);
    free(law);
    tabulated_data_free(&data);
}

static void test_households_follow_the_law(void **state)
{
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        print_message("%s\n", kinds[i].name);
        follow(&kinds[i]);
    }
}

/* A block's bytes after all periods. */
static void run(const struct kind *kind, struct block *block)
{
    struct tabulated_data data = make(kind);
    const struct tabulated_parameters parameters = {.w0 = 2, .data = &data, .model = tabulated_model(&data)};
    const struct model model = tabulated_model(&data);
    void *law = malloc(model.law_bytes);
    void *const state[] = {block->w, block->z, block->p};
    double normals[2 * BLOCK_SIZE], uniforms[BLOCK_SIZE];
    memset(block, 0, sizeof *block);
    assert_int_equal(model.init(law, &parameters), WS_OK);
    model.start(law, 0, POPULATION, state);
    for (int64_t period = 1; period <= PERIODS; period++) {
        for (int i = 0; i < BLOCK_SIZE; i++) {
            uniforms[i] = uniform();
            normals[i] = 8 * between(-1, 1);
            normals[BLOCK_SIZE + i] = 8 * between(-1, 1);
        }
        const struct shocks shocks = {
            .period = period, .households = BLOCK_SIZE, .normals = normals, .uniforms = uniforms};
        model.step(law, &shocks, state);
    }
    model.destroy(law);
    free(law);
    tabulated_data_free(&data);
}

static void test_all_levels_give_the_same_bits(void **state)
{
    static struct block plain, here;
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        const int best = simd_level();
        simd_use(0);
        run(&kinds[i], &plain);
        simd_use(best);
        for (struct simd_tour tour = simd_tour(); simd_next(&tour);) {
            run(&kinds[i], &here);
            assert_memory_equal(&plain, &here, sizeof here);
        }
    }
}

/* Nothing is allowed to become infinite or NaN, however wild the numbers of a file are. */
static void test_bounds_hold(void **state)
{
    static struct block block;
    struct kind kind = kinds[2];
    (void)state;
    kind.states = 7;
    kind.policies = 7;
    seed = 5;
    struct tabulated_data data = make(&kind);
    for (int z = 0; z < 7; z++) {
        data.values[RETURN_LOG_MEAN][z] = 500;
        data.values[INCOME_CONSTANT][z] = z % 2 ? TABULATED_LARGEST : -TABULATED_LARGEST;
        data.values[RETURN_CONSTANT][z] = z % 3 ? TABULATED_LARGEST : -TABULATED_LARGEST;
    }
    assert_int_equal(tabulated_check(&data, "wild"), WS_OK);
    const struct tabulated_parameters parameters = {.w0 = 2, .data = &data, .model = tabulated_model(&data)};
    const struct model model = tabulated_model(&data);
    void *law = malloc(model.law_bytes);
    void *const arrays[] = {block.w, block.z, block.p};
    double normals[2 * BLOCK_SIZE], uniforms[BLOCK_SIZE];
    assert_int_equal(model.init(law, &parameters), WS_OK);
    model.start(law, 0, POPULATION, arrays);
    for (int64_t period = 1; period <= PERIODS; period++) {
        for (int i = 0; i < BLOCK_SIZE; i++) {
            uniforms[i] = uniform();
            normals[i] = normals[BLOCK_SIZE + i] = 8.5 * between(-1, 1);
        }
        const struct shocks shocks = {
            .period = period, .households = BLOCK_SIZE, .normals = normals, .uniforms = uniforms};
        model.step(law, &shocks, arrays);
        assert_int_equal(model.find_invalid(law, 0, block.w, BLOCK_SIZE), BLOCK_SIZE);
    }
    model.destroy(law);
    free(law);
    tabulated_data_free(&data);
}

/* However many laws of a file there are, its tables are made once, and are there until the last has gone. */
static void test_laws_of_a_file_share_its_tables(void **state)
{
    enum { LAWS = 5 };
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        struct tabulated_data data = make(&kinds[i]);
        const struct model model = tabulated_model(&data);
        void *laws[LAWS];
        assert_null(data.common);
        for (int law = 0; law < LAWS; law++) {
            const struct tabulated_parameters parameters = {.w0 = law, .data = &data, .model = model};
            const struct tabulated_common *before = data.common;
            laws[law] = malloc(model.law_bytes);
            assert_int_equal(model.init(laws[law], &parameters), WS_OK);
            assert_true(law == 0 || data.common == before);
            const double index = model.theory(laws[law]).tail_index;
            assert_true(isnan(index) || index == data.common->theory.tail_index);
        }
        for (int law = 0; law < LAWS; law++) {
            assert_non_null(data.common);
            model.destroy(laws[law]);
            free(laws[law]);
        }
        assert_null(data.common);
        tabulated_data_free(&data);
    }
}

static void test_leaving_the_knots_is_told(void **state)
{
    static struct block block;
    struct kind kind = kinds[2];
    (void)state;
    kind.extrapolation = EXTRAPOLATION_ERROR;
    struct tabulated_data data = make(&kind);
    const struct tabulated_parameters parameters = {.w0 = 2, .data = &data, .model = tabulated_model(&data)};
    const struct model model = tabulated_model(&data);
    void *law = malloc(model.law_bytes);
    void *const arrays[] = {block.w, block.z, block.p};
    const double none[2 * BLOCK_SIZE] = {0};
    struct shocks shocks = {.period = 1, .households = 100, .normals = none, .uniforms = none};
    assert_true(model.forbids);
    assert_int_equal(model.init(law, &parameters), WS_OK);
    model.start(law, 0, POPULATION, arrays);
    block.w[100] = 1e6; /* nobody */
    assert_int_equal(model.step(law, &shocks, arrays), BLOCK_SIZE);
    model.start(law, 0, POPULATION, arrays);
    block.w[99] = 1e6;
    block.w[70] = -1e6;
    assert_int_equal(model.step(law, &shocks, arrays), 70);
    assert_true(block.w[0] == 2 && block.w[70] == -1e6);
    model.destroy(law);
    free(law);
    tabulated_data_free(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_households_follow_the_law),
        cmocka_unit_test(test_all_levels_give_the_same_bits),
        cmocka_unit_test(test_bounds_hold),
        cmocka_unit_test(test_laws_of_a_file_share_its_tables),
        cmocka_unit_test(test_leaving_the_knots_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
