/* Start values from a file. An input that begins with 'h' describes an HDF5 file, which is then a whole one: HDF5's own
 * reader of damaged files is not on trial. Any other input is the file. */
#include "files/initial.h"
#include "target.h"
#include <hdf5.h>
#include <math.h>
#include <stdbool.h>

enum { WEALTH_MOST = 1000, RANK_MOST = 3 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    target_start(argc, argv);
    return 0;
}

static hid_t type_of(uint32_t choice)
{
    const hid_t types[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_FLOAT, H5T_STD_I8LE, H5T_STD_I64BE, H5T_STD_U16BE,
        H5T_IEEE_F64BE, H5T_C_S1, H5T_STD_B8LE, H5T_NATIVE_LDOUBLE};
    return types[choice % (sizeof types / sizeof types[0])];
}

/* A dataset of the type, rank and lengths that the input says, holding the bytes that are left of it. */
static void write_dataset(hid_t file, const char *name, struct input *input)
{
    const hid_t type = type_of(input_next(input, 1));
    const int rank = (int)input_next(input, 1) % (RANK_MOST + 1);
    hsize_t lengths[RANK_MOST];
    size_t n = 1;
    for (int i = 0; i < rank; i++) {
        lengths[i] = input_next(input, 1) % 32;
        n *= lengths[i];
    }
    unsigned char *values = calloc(n + 1, H5Tget_size(type));
    const hid_t space = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, lengths, NULL);
    const hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    ENSURE(values && dataset >= 0);
    for (size_t i = 0; i < n * H5Tget_size(type); i++)
        values[i] = (unsigned char)input_next(input, 1);
    ENSURE(n == 0 || H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
    free(values);
}

static void write_hdf5(struct input *input)
{
    const hid_t file = H5Fcreate(input_path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    ENSURE(file >= 0);
    const uint32_t shape = input_next(input, 1);
    if (shape % 4 == 1)
        H5Gclose(H5Gcreate2(file, "wealth", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    else
        write_dataset(file, shape % 4 == 2 ? "income" : "wealth", input);
    H5Fclose(file);
}

static bool is_hdf5(const uint8_t *data, size_t size)
{
    static const char signature[] = "\x89HDF\r\n\x1a\n";
    return memmem(data, size, signature, sizeof signature - 1) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static double wealth[WEALTH_MOST];
    struct input input = {data, size};
    const int64_t first = input_next(&input, 2), n = input_next(&input, 2) % WEALTH_MOST;
    const struct initial_households households = {first + n + 1 + input_next(&input, 1), first, n};
    if (is_hdf5(data, size))
        return -1;
    if (input.size > 0 && *input.data == 'h') {
        input_next(&input, 1);
        write_hdf5(&input);
    } else {
        target_write(input.data, input.size);
    }
    target_check_message(initial_check(input_path, initial_range_positive, stderr));
    const enum status status = initial_read(&comm, input_path, initial_range_positive, households, wealth);
    for (int64_t i = 0; status == WS_OK && i < n; i++)
        ENSURE(isfinite(wealth[i]) && wealth[i] >= 0);
    target_check_message(status);
    return 0;
}
