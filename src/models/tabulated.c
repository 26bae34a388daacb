#include "models/tabulated.h"
#include "models/tabulated_common.h"
#include "models/tabulated_groups.h"
#include <math.h>
#include <string.h>

enum { WEALTH, STATE, LEVEL };

/* Numbers of quantities. */
enum { WEALTH_IN_LEVELS, FIRST_OUTCOME };

/* The law: what the file says, its tables, and a start of its own. */
struct law {
    struct tabulated_data *data;
    const struct tabulated_common *common; /* with the other laws of the file */
    struct model own;                      /* that the law would have alone */
    bool has_level;                        /* in the state, though the law may leave it where it is */
    enum array_type state_type;
    double w0;
    bool is_w0_for_all;
    int outcomes
        [TABULATED_OUTCOMES]; /* the file's numbers of the model's outcomes, -1 for what it does not have */
};

/* ---- beginning and end ---------------------------------------------------------------------------------------------- */

static void destroy(void *law)
{
    tabulated_common_leave(((struct law *)law)->data);
}

static enum array_type type_for(int64_t n_states)
{
    return n_states <= UINT8_MAX + 1 ? ARRAY_UINT8 : n_states <= UINT16_MAX + 1 ? ARRAY_UINT16 : ARRAY_INT;
}

/* Outcomes by their names: another file may have others before them. */
static void find_outcomes(struct law *law, const struct model *model)
{
    for (int i = 0; i < model->n_available; i++)
        if (model->quantities[i].number >= FIRST_OUTCOME)
            law->outcomes[model->quantities[i].number - FIRST_OUTCOME] =
                tabulated_find_outcome(law->data, model->quantities[i].name);
}

static enum status init(void *law, const void *parameters)
{
    const struct tabulated_parameters *given = parameters;
    struct law *own = law;
    *own = (struct law){.data = given->data,
        .common = tabulated_common_join(given->data),
        .own = tabulated_model(given->data),
        .has_level = given->model.n_arrays > LEVEL,
        .state_type = given->model.arrays[STATE].type,
        .w0 = given->w0,
        .is_w0_for_all = given->is_w0_for_all};
    find_outcomes(own, &given->model);
    return own->common ? WS_OK : WS_FAILED;
}

static double shared_bytes(const void *parameters)
{
    const struct tabulated_data *data = ((const struct tabulated_parameters *)parameters)->data;
    return data ? tabulated_common_bytes(data) : 0;
}

static void range(const void *parameters, double *low, double *high)
{
    const struct tabulated_data *data = ((const struct tabulated_parameters *)parameters)->data;
    if (!data) /* it could not be read */
        return;
    *low = data->lower_bound;
    *high = data->upper_bound;
}

static void couple(void *parameters, double wealth)
{
    struct tabulated_parameters *given = parameters;
    given->w0 = wealth;
    given->is_w0_for_all = true;
}

static const struct model *chosen(const void *parameters)
{
    const struct tabulated_parameters *given = parameters;
    return given->data ? &given->model : given->file[0] ? &model_tabulated : NULL;
}

static struct tabulated_parameters *parameters_at(void *first, size_t stride, int i)
{
    return (void *)((char *)first + (size_t)i * stride);
}

/* What records are of: of a level and wealth times level, where there is one, and outcomes. */
static void list_quantities(struct model *model, const struct tabulated_data *data)
{
    int n = 0;
    if (model->n_arrays > LEVEL) {
        model->quantities[n++] =
            (struct model_quantity){.name = "level", .long_name = "level", .array = LEVEL};
        model->quantities[n++] = (struct model_quantity){
            .name = "wealth_in_levels", .long_name = "wealth times level", .number = WEALTH_IN_LEVELS};
    }
    for (int i = 0; i < data->n_outcomes; i++)
        model->quantities[n++] = (struct model_quantity){
            .name = data->outcomes[i], .long_name = data->outcomes[i], .number = FIRST_OUTCOME + i};
    model->n_available = model->n_quantities = n;
}

static void set_groups(struct model *model, const struct tabulated_groups *groups)
{
    model->n_groups = groups->n;
    model->group_labels = groups->labels;
}

/* All files' labels, in each of the files. The model's stand in the first. */
static enum status unite_groups(void *first, size_t stride, int n, struct model *all)
{
    struct tabulated_data *of_first = parameters_at(first, stride, 0)->data, *last = of_first;
    for (int i = 1; i < n; last = parameters_at(first, stride, i)->data, i++) {
        const struct tabulated_data *data = parameters_at(first, stride, i)->data;
        if (data != last && !tabulated_groups_add(&of_first->all_groups, &data->groups))
            return error_add(WS_USAGE,
                "--scenarios: the model files have more than %d different labels of group together: take "
                "them in "
                "several tables",
                (int)MODEL_GROUPS);
    }
    for (int i = 1; i < n; i++)
        if (parameters_at(first, stride, i)->data != of_first)
            parameters_at(first, stride, i)->data->all_groups = of_first->all_groups;
    set_groups(all, &of_first->all_groups);
    return WS_OK;
}

/* Each has all arrays that one has, in the widest of their types; where a law has no level, it stays what it was. Outcomes are
 * the first's. */
static enum status unite(void *first, size_t stride, int n)
{
    struct model all = model_tabulated;
    for (int i = 0; i < n; i++) {
        const struct model *model = &parameters_at(first, stride, i)->model;
        const enum array_type type = model->arrays[STATE].type;
        all.n_arrays = model->n_arrays > all.n_arrays ? model->n_arrays : all.n_arrays;
        all.arrays[STATE].type = type > all.arrays[STATE].type ? type : all.arrays[STATE].type;
        all.forbids = all.forbids || model->forbids;
    }
    list_quantities(&all, ((const struct tabulated_parameters *)first)->data);
    const enum status status = unite_groups(first, stride, n, &all);
    for (int i = 0; i < n; i++)
        parameters_at(first, stride, i)->model = all;
    return status;
}

static const struct model *model_alone(const void *law)
{
    return &((const struct law *)law)->own;
}

/* ---- the initial sample --------------------------------------------------------------------------------------------- */

/* The first point whose cumulated weight is above a share of all. */
static int64_t point_above(const double *cumulated, int64_t n, double target)
{
    int64_t low = 0, high = n - 1;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (cumulated[middle] > target)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

int64_t tabulated_sample_point(const void *law, double v)
{
    const struct law *own = law;
    const double *cumulated = own->common->cumulated;
    const int64_t n = own->data->length[TABULATED_SAMPLE];
    if (n == 0)
        return -1;
    if (cumulated)
        return point_above(cumulated, n, v * cumulated[n - 1]);
    const int64_t point = (int64_t)(v * (double)n);
    return point < n ? point : n - 1;
}

/* Household i of N has the point at (i + 1/2) / N of the weights: exactly, where these are all the same. */
static int64_t point_of(const struct law *law, int64_t household, int64_t population)
{
    const int64_t n = law->data->length[TABULATED_SAMPLE];
    if (n > 0 && !law->common->cumulated && household < population)
        return (int64_t)((2 * (__int128)household + 1) * n / (2 * (__int128)population));
    return tabulated_sample_point(law, fmin(1, ((double)household + 0.5) / (double)population));
}

/* A household at a point of the sample, or where households begin without one. */
struct household {
    double wealth, level;
    int32_t state;
};

static double value_at(
    const struct law *law, enum tabulated_variable variable, int64_t point, double fallback)
{
    const double *values = law->data->values[variable];
    return values && point >= 0 ? values[point] : fallback;
}

static struct household household_at(const struct law *law, int64_t point)
{
    return (struct household){.wealth = value_at(law, INITIAL_WEALTH, point, law->w0),
        .level = value_at(law, INITIAL_LEVEL, point, 1),
        .state = (int32_t)value_at(law, INITIAL_STATE, point, 0)};
}

/* ---- states in the smallest type that holds them -------------------------------------------------------------------- */

static void load_states(enum array_type type, const void *from, int32_t *z)
{
    if (type == ARRAY_UINT8)
        for (int i = 0; i < BLOCK_SIZE; i++)
            z[i] = ((const uint8_t *)from)[i];
    else if (type == ARRAY_UINT16)
        for (int i = 0; i < BLOCK_SIZE; i++)
            z[i] = ((const uint16_t *)from)[i];
    else
        memcpy(z, from, BLOCK_SIZE * sizeof *z);
}

static void store_states(enum array_type type, const int32_t *z, void *to)
{
    if (type == ARRAY_UINT8)
        for (int i = 0; i < BLOCK_SIZE; i++)
            ((uint8_t *)to)[i] = (uint8_t)z[i];
    else if (type == ARRAY_UINT16)
        for (int i = 0; i < BLOCK_SIZE; i++)
            ((uint16_t *)to)[i] = (uint16_t)z[i];
    else
        memcpy(to, z, BLOCK_SIZE * sizeof *z);
}

/* ---- life ----------------------------------------------------------------------------------------------------------- */

static void start(const void *law, int64_t household, int64_t population, void *const *state)
{
    const struct law *own = law;
    double *w = state[WEALTH], *p = own->has_level ? state[LEVEL] : NULL;
    int32_t z[BLOCK_SIZE];
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const struct household begins = household_at(own, point_of(own, household + i, population));
        w[i] = own->is_w0_for_all ? own->w0 : begins.wealth;
        z[i] = begins.state;
        if (p)
            p[i] = begins.level;
    }
    store_states(own->state_type, z, state[STATE]);
}

/* The tables of a period, 1, 2, …; behind the end of the path those of its last one. */
static const struct tabulated_tables *tables_of(const struct law *law, int64_t period)
{
    const double *path = law->data->values[AGGREGATE_PATH];
    const int64_t n = law->data->length[TABULATED_PERIOD];
    return &law->common->tables[path ? (int64_t)path[period < n ? period - 1 : n - 1] : 0];
}

/* Which side of its rule's knots a household is on. */
static int side_of(const struct tabulated_tables *tables, double w, int32_t z)
{
    return (w > tables->highest[z]) - (w < tables->lowest[z]);
}

/* The first household beyond its rule's knots, BLOCK_SIZE where there is none. */
static int first_beyond(const struct tabulated_tables *tables, const double *w, const int32_t *z, int n)
{
    for (int i = 0; i < n; i++)
        if (side_of(tables, w[i], z[i]) != 0)
            return i;
    return BLOCK_SIZE;
}

/* Those who came to a state of newborns are of the sample instead: of the point at v, what is left of their uniform in the
 * interval of its entry. */
static void bear(const struct law *law, const struct tabulated_tables *tables, int households,
    const double *uniforms, const uint32_t *entry, double *w, double *p, int32_t *z)
{
    for (int i = 0; i < households; i++) {
        if (!tables->newborn[z[i]])
            continue;
        const double before = tables->before[entry[i]], end = fmin(1, tables->cumulated[entry[i]]);
        const double v = (uniforms[i] - before) / (end - before);
        const struct household born = household_at(law, tabulated_sample_point(law, v));
        w[i] = born.wealth;
        z[i] = born.state;
        if (tables->has_level)
            p[i] = born.level;
    }
}

static int step(const void *law, const struct shocks *shocks, void *const *state)
{
    const struct law *own = law;
    const struct tabulated_tables *tables = tables_of(own, shocks->period);
    const int households =
        (shocks->households + TABULATED_TOGETHER - 1) / TABULATED_TOGETHER * TABULATED_TOGETHER;
    double *w = state[WEALTH], *p = tables->has_level ? state[LEVEL] : NULL;
    int32_t z[BLOCK_SIZE];
    uint32_t entry[BLOCK_SIZE];
    load_states(own->state_type, state[STATE], z);
    if (own->data->extrapolation == EXTRAPOLATION_ERROR) {
        const int forbidden = first_beyond(tables, w, z, shocks->households);
        if (forbidden < BLOCK_SIZE)
            return forbidden;
    }
    tabulated_live(tables, households, shocks->normals, shocks->uniforms, w, p, z, entry);
    if (tables->newborn)
        bear(own, tables, households, shocks->uniforms, entry, w, p, z);
    store_states(own->state_type, z, state[STATE]);
    return BLOCK_SIZE;
}

/* ---- what records are of -------------------------------------------------------------------------------------------- */

/* Outcomes are of the rule that the household goes on with, as who is beyond its knots. */
static void evaluate(
    const void *law, int number, int64_t period, const double *normals, void *const *state, double *values)
{
    const struct law *own = law;
    const double *w = state[WEALTH], *p = state[LEVEL];
    int32_t z[BLOCK_SIZE];
    (void)normals;
    if (number >= FIRST_OUTCOME) {
        load_states(own->state_type, state[STATE], z);
        tabulated_outcome(tables_of(own, period + 1), own->outcomes[number - FIRST_OUTCOME], w, z, values);
        return;
    }
    for (int i = 0; i < BLOCK_SIZE; i++)
        values[i] = w[i] * p[i];
}

static void find_groups(const void *law, void *const *state, uint8_t *group)
{
    const struct law *own = law;
    int32_t z[BLOCK_SIZE];
    load_states(own->state_type, state[STATE], z);
    for (int i = 0; i < BLOCK_SIZE; i++)
        group[i] = own->common->group[z[i]];
}

static void beyond(const void *law, int64_t period, void *const *state, int8_t *side)
{
    const struct law *own = law;
    const struct tabulated_tables *tables = tables_of(own, period + 1);
    const double *w = state[WEALTH];
    int32_t z[BLOCK_SIZE];
    load_states(own->state_type, state[STATE], z);
    for (int i = 0; i < BLOCK_SIZE; i++)
        side[i] = (int8_t)side_of(tables, w[i], z[i]);
}

/* ---- what is read from files ---------------------------------------------------------------------------------------- */

static int64_t find_invalid(const void *law, int array, const void *values, int64_t n)
{
    const struct law *own = law;
    const struct tabulated_data *data = own->data;
    if (array == WEALTH)
        return model_first_outside(values, n, data->lower_bound, data->upper_bound);
    if (array == LEVEL)
        return model_first_outside(values, n, 1 / TABULATED_BOUND, TABULATED_BOUND);
    int64_t i = 0;
    while (i < n && model_array_integer(own->state_type, values, i) >= 0 &&
           model_array_integer(own->state_type, values, i) < data->length[TABULATED_STATE])
        i++;
    return i;
}

static struct theory theory(const void *law)
{
    const struct law *own = law;
    return tabulated_common_theory(own->data);
}

/* ---- the model ------------------------------------------------------------------------------------------------------ */

const struct model model_tabulated = {.name = "tabulated",
    .normals = 2,
    .uniforms = 1,
    .n_arrays = 2,
    .arrays = {{.name = "wealth", .long_name = "wealth", .type = ARRAY_REAL},
        {.name = "state", .long_name = "state of the Markov chain", .type = ARRAY_UINT8},
        {.name = "level", .long_name = "level", .type = ARRAY_REAL}},
    .evaluate = evaluate,
    .group = find_groups,
    .law_bytes = sizeof(struct law),
    .chosen = chosen,
    .range = range,
    .couple = couple,
    .shared_bytes = shared_bytes,
    .unite = unite,
    .own = model_alone,
    .init = init,
    .destroy = destroy,
    .start = start,
    .step = step,
    .beyond = beyond,
    .find_invalid = find_invalid,
    .theory = theory};

struct model tabulated_model(const struct tabulated_data *data)
{
    struct model model = model_tabulated;
    model.arrays[STATE].type = type_for(data->length[TABULATED_STATE]);
    if (data->values[LEVEL_GROWTH] || data->values[LEVEL_LOADING])
        model.n_arrays = 3;
    list_quantities(&model, data);
    set_groups(&model, &data->groups);
    model.forbids = data->extrapolation == EXTRAPOLATION_ERROR;
    return model;
}
