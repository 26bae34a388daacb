/* Model files: the input describes one, which HDF5 writes, so that its own reader of damaged files is not on trial. Whatever
 * the checks let through is lived with for some periods, on shocks as large as they come: then no household's wealth, state
 * or level may be one that the law does not allow, and so none infinite or NaN; and no outcome either. */
#include "files/model_file.h"
#include "models/tabulated.h"
#include "simd/simd.h"
#include "target.h"
#include <math.h>

enum { PERIODS = 4, POPULATION = 300, TEXT = 8 };

/* The first that a file may have, then others. */
static const double numbers[] = {0, 1, 0.5, 2, -1, 0.25, 3, 0x1p-1074, 1e-75, 1e-12, 0.9999, 17, -0.1, 60,
    -600, 1e15, 1e40, -1e40, 1e75, -1e75, 69.7, -1e-300, 1e-5, 100, 1.1e75, 1e300, INFINITY, -INFINITY, NAN,
    9.969209968386869e36};
enum { NUMBERS = sizeof numbers / sizeof numbers[0], TAME = NUMBERS - 6 };

static const char *const outcomes[] = {"outcome_a", "outcome_b", "outcome_all"}; /* the last is refused */
enum { OUTCOMES = sizeof outcomes / sizeof outcomes[0] };

/* The model that is being written. */
static hsize_t lengths[TABULATED_DIMENSIONS];
static double lower_bound, upper_bound;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    target_start(argc, argv);
    simd_start("here");
    return 0;
}

/* ---- a file ------------------------------------------------------------------------------------------------------- */

/* What a number may be where the input asks for a valid one. */
static const struct {
    double low, high;
} valid[TABULATED_VARIABLES] = {
    [TRANSITION] = {0, 1},
    [TRANSITION_PROBABILITY] = {0, 1},
    [POLICY_WEALTH] = {0, 1e40}, /* of steps */
    [POLICY_SHARE] = {-1e40, 1e40},
    [RETURN_CONSTANT] = {-1e75, 1e75},
    [RISKY_CONSTANT] = {-1e75, 1e75},
    [RETURN_LOG_MEAN] = {-300, 300},
    [RETURN_LOG_SD] = {0, 34},
    [INCOME_CONSTANT] = {-1e75, 1e75},
    [INCOME_LOG_MEAN] = {-300, 300},
    [INCOME_LOG_SD] = {0, 34},
    [LEVEL_GROWTH] = {1e-75, 1e75},
    [LEVEL_LOADING] = {-69, 69},
    [INITIAL_LEVEL] = {1e-75, 1e75},
    [INITIAL_WEIGHT] = {1e-75, 1e75},
};

static double wild_number(struct input *input)
{
    return numbers[input_next(input, 1) % NUMBERS];
}

static double tame_number(struct input *input, enum tabulated_variable variable)
{
    const bool is_wealth = variable == POLICY_SAVINGS || variable == INITIAL_WEALTH;
    const double number = numbers[input_next(input, 1) % TAME];
    return is_wealth ? fmax(fmin(number, upper_bound), lower_bound)
                     : fmax(fmin(number, valid[variable].high), valid[variable].low);
}

/* Rows of probabilities; some are 0. */
static void fill_chain(struct input *input, double *values, size_t n, size_t row)
{
    for (size_t first = 0; first + row <= n; first += row) {
        double sum = values[first] = 1 + (double)input_next(input, 1);
        for (size_t i = first + 1; i < first + row; i++)
            sum += values[i] = (double)input_next(input, 1);
        for (size_t i = first; i < first + row; i++)
            values[i] /= sum;
    }
}

/* Knots that ascend; some are jumps. */
static void fill_knots(struct input *input, double *values, size_t n, size_t row)
{
    for (size_t i = 0; i < n; i++)
        values[i] = i % row == 0 ? numbers[input_next(input, 1) % TAME]
                                 : values[i - 1] + tame_number(input, POLICY_WEALTH);
}

/* Whole numbers in their range; the last state alone may be one of newborns. */
static double whole_number(struct input *input, enum tabulated_variable variable, size_t i, size_t n)
{
    const uint32_t byte = input_next(input, 1);
    switch (variable) {
    case TRANSITION_START:
        return (double)(i * lengths[TABULATED_ENTRY] / lengths[TABULATED_STATE]);
    case TRANSITION_TO:
        return (double)(i % lengths[TABULATED_STATE]);
    case POLICY_OF_STATE:
        return (double)(byte % lengths[TABULATED_POLICY]);
    case NEWBORN:
        return n > 1 && i == n - 1 && byte % 2;
    case AGGREGATE_PATH:
        return (double)(byte % lengths[TABULATED_AGGREGATE]);
    case INITIAL_STATE:
        return (double)(byte % (lengths[TABULATED_STATE] > 1 ? lengths[TABULATED_STATE] - 1 : 1));
    default:
        return byte;
    }
}

static void fill(struct input *input, enum tabulated_variable variable, double *values, size_t n, size_t row)
{
    const bool is_wild = input_next(input, 1) >= 240;
    if (!is_wild && variable == TRANSITION)
        fill_chain(input, values, n, row);
    else if (!is_wild && variable == TRANSITION_PROBABILITY)
        fill_chain(input, values, n, (size_t)(lengths[TABULATED_ENTRY] / lengths[TABULATED_STATE]));
    else if (!is_wild && variable == POLICY_WEALTH)
        fill_knots(input, values, n, row);
    else
        for (size_t i = 0; i < n; i++)
            values[i] = is_wild                               ? wild_number(input)
                        : tabulated_rows[variable].is_integer ? whole_number(input, variable, i, n)
                                                              : tame_number(input, variable);
}

static hid_t type_of(uint32_t choice)
{
    const hid_t types[] = {
        H5T_IEEE_F64LE, H5T_IEEE_F32BE, H5T_STD_I16LE, H5T_IEEE_F64BE, H5T_STD_I8LE, H5T_C_S1, H5T_STD_B8LE};
    return choice < 240 ? H5T_IEEE_F64LE : types[choice % (sizeof types / sizeof types[0])];
}

/* @param name  of an outcome; NULL: the variable's own */
static void write_variable(
    hid_t file, struct input *input, enum tabulated_variable variable, const char *name)
{
    const struct tabulated_row *row = &tabulated_rows[variable];
    const uint32_t shape = input_next(input, 1);
    hsize_t extent[3] = {0};
    int rank = 0;
    size_t n = 1;
    if (row->may_have_aggregate && shape & 1)
        extent[rank++] = lengths[TABULATED_AGGREGATE];
    for (int i = 0; i < 2 && row->over[i] != TABULATED_NONE; i++)
        extent[rank++] = lengths[row->over[i]];
    if (shape == 254) /* another shape, then */
        rank--;
    else if (shape == 255)
        extent[0]++;
    for (int i = 0; i < rank; i++)
        n *= extent[i];
    const hid_t type = type_of(input_next(input, 1));
    double *values = calloc(n + 1, sizeof *values);
    const hid_t dataset = target_create_dataset(file, name ? name : row->name, type, rank, extent);
    ENSURE(values);
    fill(input, variable, values, n, rank > 0 ? (size_t)extent[rank - 1] : 1);
    if (H5Tget_class(type) == H5T_FLOAT || H5Tget_class(type) == H5T_INTEGER)
        ENSURE(n == 0 || H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(dataset);
    free(values);
}

static void write_text(hid_t file, const char *name, const char *text)
{
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, TEXT);
    const hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    char bytes[TEXT] = "";
    snprintf(bytes, sizeof bytes, "%s", text);
    ENSURE(attribute >= 0 && H5Awrite(attribute, type, bytes) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
}

static void write_attributes(hid_t file, struct input *input)
{
    static const char *const rules[] = {"linear", "flat", "error", "none"};
    const uint32_t which = input_next(input, 1);
    const double low = numbers[input_next(input, 1) % TAME], high = numbers[input_next(input, 1) % TAME];
    const bool is_wild = which >= 240;
    lower_bound = which & 8 ? fmin(low, high) : -1e75;
    upper_bound = which & 16 ? fmax(low, high) : 1e75;
    write_text(file, "model_format", which == 255 ? "2.0" : "1.0");
    if (which & 1)
        write_text(file, "extrapolation", rules[is_wild ? 3 : which / 2 % 3]);
    if (which & 8)
        target_write_number(file, "lower_bound", is_wild ? wild_number(input) : lower_bound);
    if (which & 16)
        target_write_number(file, "upper_bound", is_wild ? wild_number(input) : upper_bound);
}

/* Whether the file has a variable: what it needs, or what a bit asks for. */
static bool has(enum tabulated_variable variable, uint32_t chosen)
{
    const bool is_sparse = chosen & 1;
    switch (variable) {
    case TRANSITION:
        return !is_sparse || chosen >> 29 == 7;
    case TRANSITION_START:
    case TRANSITION_TO:
    case TRANSITION_PROBABILITY:
        return is_sparse || chosen >> 29 == 7;
    case POLICY_WEALTH:
    case POLICY_SAVINGS:
    case AGGREGATE_PATH:
        return chosen >> 29 != 6;
    default:
        return chosen >> variable & 1;
    }
}

/* Lengths first, then each variable that a bit asks for. */
static void write_model(struct input *input)
{
    const uint32_t chosen = input_next(input, 4);
    const hsize_t states = 1 + input_next(input, 1) % 5, policies = input_next(input, 1) % 2;
    lengths[TABULATED_STATE] = lengths[TABULATED_NEXT_STATE] = states;
    lengths[TABULATED_START] = states + 1;
    lengths[TABULATED_POLICY] = policies == 0 ? states : policies;
    lengths[TABULATED_ENTRY] = states * (1 + input_next(input, 1) % states);
    lengths[TABULATED_POINT] = 2 + input_next(input, 1) % 5;
    lengths[TABULATED_SAMPLE] = 1 + input_next(input, 1) % 4;
    lengths[TABULATED_PERIOD] = 1 + input_next(input, 1) % 6;
    lengths[TABULATED_AGGREGATE] = 1 + input_next(input, 1) % 3;
    const hid_t file = H5Fcreate(input_path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    ENSURE(file >= 0);
    write_attributes(file, input);
    for (int i = 0; i < TABULATED_VARIABLES; i++)
        if (has((enum tabulated_variable)i, chosen))
            write_variable(file, input, (enum tabulated_variable)i, NULL);
    for (int i = 0; i < OUTCOMES; i++)
        if (chosen >> (25 + i) & 1) /* values like shares: those of savings are held to bounds */
            write_variable(file, input, POLICY_SHARE, outcomes[i]);
    H5Fclose(file);
}

/* ---- a life ------------------------------------------------------------------------------------------------------- */

/* Normals as large as they get and as any are; uniforms at both ends and between. */
static void fill_shocks(double *normals, double *uniforms, int64_t period)
{
    static const double some[] = {8.57, -8.57, 0, 1, -1, 0x1p-27, 3, -2.5};
    for (int i = 0; i < 2 * BLOCK_SIZE; i++)
        normals[i] = some[(i + (i / BLOCK_SIZE) * (i % BLOCK_SIZE / 8 + 1) + period) % 8];
    for (int i = 0; i < BLOCK_SIZE; i++)
        uniforms[i] = i % 8 == 0   ? 0
                      : i % 8 == 1 ? 1 - 0x1p-52
                                   : (double)((i * 77 + period * 31) % BLOCK_SIZE) / BLOCK_SIZE;
}

/* Quantities are computed of every state that is allowed. */
static void check_quantities(const struct model *model, const void *law, int64_t period, void *const *state)
{
    double values[BLOCK_SIZE];
    for (int k = 0; k < model->n_available; k++) {
        const struct model_quantity *quantity = &model->quantities[k];
        if (quantity->array == 0)
            model->evaluate(law, quantity->number, period, NULL, state, values);
        for (int i = 0; i < BLOCK_SIZE && quantity->array == 0; i++)
            ENSURE(isfinite(values[i]));
    }
}

static void check_state(const struct model *model, const void *law, int64_t period, void *const *state)
{
    for (int array = 0; array < model->n_arrays; array++)
        ENSURE(model->find_invalid(law, array, state[array], BLOCK_SIZE) == BLOCK_SIZE);
    check_quantities(model, law, period, state);
}

static void live(const struct model *model, const void *law, const struct tabulated_data *data)
{
    static _Alignas(64) double arrays[MODEL_ARRAYS][BLOCK_SIZE], normals[2 * BLOCK_SIZE],
        uniforms[BLOCK_SIZE];
    void *state[MODEL_ARRAYS];
    const int64_t most = data->values[AGGREGATE_PATH] ? data->length[TABULATED_PERIOD] : PERIODS;
    for (int array = 0; array < MODEL_ARRAYS; array++)
        state[array] = arrays[array];
    model->start(law, 0, POPULATION, state);
    check_state(model, law, 0, state);
    for (int64_t period = 1; period <= PERIODS && period <= most; period++) {
        const struct shocks shocks = {
            .period = period, .households = BLOCK_SIZE, .normals = normals, .uniforms = uniforms};
        fill_shocks(normals, uniforms, period);
        if (model->step(law, &shocks, state) < BLOCK_SIZE)
            return;
        check_state(model, law, period, state);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct tabulated_data said;
    write_model(&input);
    const enum status status = model_file_read(&comm, input_path, &said);
    if (status == WS_OK) {
        struct tabulated_parameters parameters = {.data = &said, .model = tabulated_model(&said)};
        const struct model *model = &parameters.model;
        void *law = aligned_alloc(64, (model->law_bytes / 64 + 1) * 64);
        parameters.w0 = fmin(fmax(1, said.lower_bound), said.upper_bound);
        ENSURE(law && model->init(law, &parameters) == WS_OK);
        live(model, law, &said);
        model->destroy(law);
        free(law);
    }
    tabulated_data_free(&said);
    target_check_message(status);
    return 0;
}
