/* A table of scenarios. An input that begins with 'h' describes an HDF5 file, which is then a whole one: HDF5's own reader of
 * damaged files is not on trial. Any other input is the file. */
#include "commands/commands.h"
#include "commands/run_options.h"
#include "target.h"
#include <hdf5_hl.h>
#include <math.h>
#include <stdbool.h>

enum { RANK_MOST = 3, DATASETS_MOST = 8, TEXT_MOST = 8 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    target_start(argc, argv);
    return 0;
}

/* To be closed. */
static hid_t type_of(struct input *input)
{
    const hid_t types[] = {H5T_NATIVE_DOUBLE, H5T_IEEE_F32BE, H5T_STD_I64LE, H5T_STD_U8LE, H5T_C_S1,
        H5T_STD_B8LE, H5T_NATIVE_LDOUBLE};
    const uint32_t choice = input_next(input, 1);
    const hid_t type = H5Tcopy(types[choice % (sizeof types / sizeof types[0])]);
    if (H5Tget_class(type) == H5T_STRING && choice & 64)
        H5Tset_size(type, choice & 128 ? H5T_VARIABLE : 1 + choice % TEXT_MOST);
    return type;
}

/* Bytes that the input has left; or texts of them. */
static void write_values(hid_t dataset, hid_t type, size_t n, struct input *input)
{
    const size_t bytes = H5Tget_size(type);
    char *values = calloc(n + 1, bytes);
    char(*texts)[TEXT_MOST] = calloc(n + 1, sizeof *texts);
    ENSURE(values && texts);
    for (size_t i = 0; i < n; i++)
        if (H5Tis_variable_str(type) > 0) {
            for (size_t j = 0; j < input_next(input, 1) % TEXT_MOST; j++)
                texts[i][j] = (char)input_next(input, 1);
            ((char **)values)[i] = texts[i];
        } else {
            for (size_t j = 0; j < bytes; j++)
                values[i * bytes + j] = (char)input_next(input, 1);
        }
    ENSURE(n == 0 || H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    free(values);
    free(texts);
}

/* A dataset of the type, rank and lengths that the input says: mostly one-dimensional, of n values. */
static void write_dataset(hid_t file, const char *name, hsize_t n, struct input *input)
{
    const uint32_t shape = input_next(input, 1);
    const int rank = shape >= 240 ? (int)shape % (RANK_MOST + 1) : shape >= 200 ? 2 : 1;
    hsize_t lengths[RANK_MOST] = {n, 1, 1};
    size_t total = 1;
    for (int i = 0; i < rank; i++) {
        if (i > 0 || shape % 16 == 15)
            lengths[i] = input_next(input, 1) % 8;
        total *= lengths[i];
    }
    const hid_t type = type_of(input);
    const hid_t dataset = target_create_dataset(file, name, type, rank, lengths);
    write_values(dataset, type, total, input);
    if (shape & 16)
        target_write_number(dataset, shape & 32 ? "_FillValue" : "scale_factor", input_next(input, 1));
    if (shape & 64 && rank == 1)
        H5DSset_scale(dataset, shape & 128 ? "This is a netCDF dimension but not a netCDF variable" : name);
    H5Dclose(dataset);
    H5Tclose(type);
}

static void write_hdf5(struct input *input)
{
    static const char *const names[DATASETS_MOST] = {
        "s", "r", "v1", "w0", "model", "initial", "index", "sigma"};
    const hid_t file = H5Fcreate(input_path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    ENSURE(file >= 0);
    const uint32_t chosen = input_next(input, 1), more = input_next(input, 1);
    for (int i = 0; i < DATASETS_MOST; i++)
        if (chosen >> i & 1)
            write_dataset(file, names[i], more % 8, input);
    if (more >= 240)
        H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    if (more % 16 == 15)
        H5Lcreate_soft("s", file, "link", H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
}

static bool is_hdf5(const uint8_t *data, size_t size)
{
    static const char signature[] = "\x89HDF\r\n\x1a\n";
    return memmem(data, size, signature, sizeof signature - 1) != NULL;
}

/* Every scenario keeps to the options' ranges, and columns say what scenarios do. */
static void check_scenarios(const struct scenarios *scenarios)
{
    char name[SCENARIO_NAME];
    for (int i = 0; i < scenarios->n; i++) {
        const struct kesten_parameters *kesten = &scenarios->of[i].models.kesten;
        ENSURE(kesten->s >= 0 && kesten->s <= 1 && kesten->r > -1 && kesten->v1 >= 0 && kesten->v2 >= 0 &&
               kesten->w0 >= 0);
        ENSURE(isfinite(kesten->r + kesten->v1 + kesten->v2 + kesten->w0));
        ENSURE(strnlen(scenarios->of[i].initial, OPTION_TEXT) < OPTION_TEXT);
        ENSURE(strlen(scenarios_name(scenarios, i, name)) < SCENARIO_NAME);
        for (int j = 0; j < scenarios->n_columns; j++)
            ENSURE(!scenarios->columns[j].values == (scenarios->columns[j].text_bytes > 0));
    }
    ENSURE(scenarios->n >= 1 && (scenarios->n > 1) == (scenarios->n_columns > 0));
    ENSURE(strlen(scenarios->digest) == (scenarios->n > 1 ? 16 : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct models_parameters base = {
        .kesten = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1}};
    static struct run_options values;
    const struct options options = {.values = &values};
    struct input input = {data, size};
    struct scenarios scenarios;
    if (is_hdf5(data, size))
        return -1;
    if (size > 0 && *data == 'h') {
        input_next(&input, 1);
        write_hdf5(&input);
    } else {
        target_write(data, size);
    }
    const enum status status =
        scenarios_load(&scenarios, &options, &command_run.line, input_path, &base, "", &comm);
    check_scenarios(&scenarios);
    scenarios_free(&scenarios);
    target_check_message(status);
    return 0;
}
