/* A checkpoint that somebody has changed who knows how it is sealed: the input says what in it is changed, by HDF5 or byte by
 * byte, and everything behind the seal is on trial: what is taken is a state that a run can go on from. */
#include "files/plain.h"
#include "written.h"
#include <fcntl.h>
#include <math.h>

enum { MOST_VALUES = 3000 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    target_start(argc, argv);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    write_checkpoint();
    return 0;
}

/* ---- changes by HDF5 -------------------------------------------------------------------------------------------- */

static hid_t choose_type(struct input *input)
{
    const hid_t types[] = {H5T_STD_I64LE, H5T_IEEE_F64LE, H5T_STD_I64BE, H5T_IEEE_F64BE, H5T_STD_I32LE,
        H5T_IEEE_F32LE, H5T_STD_U64LE, H5T_STD_U8LE, H5T_STD_REF_OBJ, H5T_UNIX_D64LE};
    enum { TYPES = sizeof types / sizeof types[0] };
    const uint32_t which = input_next(input, 1) % (TYPES + 2);
    if (which < TYPES)
        return H5Tcopy(types[which]);
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, which == TYPES ? H5T_VARIABLE : 1 + input_next(input, 2) % 9000);
    return text;
}

/* Nothing, one value, a list or a table. */
static hid_t choose_space(struct input *input, size_t *n)
{
    hsize_t lengths[] = {input_next(input, 1) % 6, 1 + input_next(input, 1) % 4};
    const uint32_t shape = input_next(input, 1) % 5;
    if (shape == 4)
        lengths[0] = 1 + input_next(input, 2) % (MOST_VALUES / 4);
    *n = shape == 0   ? 0
         : shape == 1 ? 1
         : shape == 3 ? (size_t)(lengths[0] * lengths[1])
                      : (size_t)lengths[0];
    return shape == 0   ? H5Screate(H5S_NULL)
           : shape == 1 ? H5Screate(H5S_SCALAR)
                        : H5Screate_simple(shape == 3 ? 2 : 1, lengths, NULL);
}

static uint64_t choose_word(struct input *input)
{
    const double reals[] = {0, -0.0, -1, NAN, INFINITY, -INFINITY, 5e-324, 1e308};
    const int64_t counts[] = {
        0, 1, -1, 2, 3, 4, 5, HOUSEHOLDS, INT32_MAX, INT64_MAX, INT64_MIN, (int64_t)1 << 40};
    const uint32_t how = input_next(input, 1) % 3, which = input_next(input, 1);
    uint64_t word = (uint64_t)counts[which % (sizeof counts / sizeof counts[0])];
    if (how == 1)
        memcpy(&word, &reals[which % (sizeof reals / sizeof reals[0])], sizeof word);
    else if (how == 2)
        word = (uint64_t)input_next(input, 4) << 32 | input_next(input, 4);
    return word;
}

/* Room for n values of a type, each the same word; pointers, of texts of variable length, to a text. */
static void *create_values(hid_t type, size_t n, uint64_t word)
{
    static char text[] = "mlfg";
    const size_t size = H5Tget_size(type), bytes = (n + 1) * size + sizeof word;
    char *values = calloc(bytes, 1);
    ENSURE(values);
    for (size_t i = 0; i < n; i++)
        if (H5Tis_variable_str(type) > 0)
            memcpy(values + i * size, &(char *){text}, sizeof(char *));
        else
            memcpy(values + i * size, &word, size < sizeof word ? size : sizeof word);
    return values;
}

static void change_attribute(hid_t file, struct input *input)
{
    char name[64] = "";
    const hsize_t which = input_next(input, 1);
    if (H5Aget_name_by_idx(
            file, ".", H5_INDEX_NAME, H5_ITER_INC, which % 32, name, sizeof name, H5P_DEFAULT) < 0)
        return;
    size_t n = 0;
    H5Adelete(file, name);
    const hid_t type = choose_type(input), space = choose_space(input, &n);
    void *values = create_values(type, n, choose_word(input));
    const hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (n > 0)
        H5Awrite(attribute, type, values);
    free(values);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
}

/* A member of the file, or of its group of records. */
static bool choose_member(hid_t file, struct input *input, char *name, size_t bytes)
{
    const char *const group = input_next(input, 1) % 4 == 0 ? "." : "records";
    char member[64] = "";
    const ssize_t length = H5Lget_name_by_idx(file, group, H5_INDEX_NAME, H5_ITER_INC,
        input_next(input, 1) % 24, member, sizeof member, H5P_DEFAULT);
    snprintf(name, bytes, "%s/%s", group, member);
    return length > 0;
}

static void change_value(hid_t file, struct input *input)
{
    char name[160];
    if (!choose_member(file, input, name, sizeof name))
        return;
    const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    hsize_t lengths[H5S_MAX_RANK] = {0}, at[H5S_MAX_RANK] = {0};
    const int rank = H5Sget_simple_extent_dims(space, lengths, NULL);
    bool is_there = rank > 0;
    for (int i = 0; i < rank && is_there; i++) {
        at[i] = lengths[i] > 0 ? input_next(input, 2) % lengths[i] : 0;
        is_there = lengths[i] > 0;
    }
    const uint64_t word = choose_word(input);
    if (is_there) {
        const hid_t one = H5Screate(H5S_SCALAR), type = H5Dget_type(dataset);
        H5Sselect_elements(space, H5S_SELECT_SET, 1, at);
        const H5T_class_t class = H5Tget_class(type); /* an earlier change may have made it a text */
        if ((class == H5T_INTEGER || class == H5T_FLOAT) && H5Tget_size(type) <= sizeof word)
            H5Dwrite(dataset, type, one, space, H5P_DEFAULT, &word);
        H5Tclose(type);
        H5Sclose(one);
    }
    H5Sclose(space);
    H5Dclose(dataset);
}

/* Another dataset, a link, or nothing, in place of a member. */
static void change_member(hid_t file, struct input *input)
{
    char name[160];
    if (!choose_member(file, input, name, sizeof name))
        return;
    H5Ldelete(file, name, H5P_DEFAULT);
    const uint32_t how = input_next(input, 1) % 6;
    if (how == 0)
        H5Lcreate_soft("/records/mean", file, name, H5P_DEFAULT, H5P_DEFAULT);
    else if (how == 1)
        H5Lcreate_external(input_path, "/wealth", file, name, H5P_DEFAULT, H5P_DEFAULT);
    else if (how == 2)
        H5Gclose(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    if (how < 3)
        return;
    size_t n = 0;
    const hid_t type = choose_type(input), space = choose_space(input, &n);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    if (how == 3)
        H5Pset_layout(creation, H5D_COMPACT);
    void *values = create_values(type, n, choose_word(input));
    const hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    if (n > 0)
        H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    free(values);
    H5Dclose(dataset);
    H5Pclose(creation);
    H5Sclose(space);
    H5Tclose(type);
}

static void change_by_hdf5(struct input *input)
{
    const hid_t file = H5Fopen(input_path, H5F_ACC_RDWR, H5P_DEFAULT);
    if (file < 0)
        return;
    for (int i = 0; i < 3 && input->size > 0; i++)
        switch (input_next(input, 1) % 3) {
        case 0:
            change_attribute(file, input);
            break;
        case 1:
            change_value(file, input);
            break;
        default:
            change_member(file, input);
        }
    H5Fclose(file);
}

/* ---- bytes, and the seal ---------------------------------------------------------------------------------------- */

static void change_bytes(unsigned char *bytes, size_t n, struct input *input)
{
    while (input->size > 0) {
        const size_t from_end = input_next(input, 4) % n;
        bytes[n - 1 - from_end] = (unsigned char)input_next(input, 1);
    }
}

/* Words of the trailer up to its check; its digest comes later. */
static void change_trailer(struct trailer *trailer, struct input *input)
{
    const size_t words = offsetof(struct trailer, digest) / sizeof(int64_t);
    while (input->size > 0) {
        const size_t which = input_next(input, 1) % words;
        const int64_t by = (int8_t)input_next(input, 1);
        int64_t *word = (int64_t *)(void *)trailer + which;
        *word = by == 0 ? (int64_t)choose_word(input) : (int64_t)((uint64_t)*word + (uint64_t)by);
    }
}

/* Whether the digest can be taken: all sections lie within the file. */
static bool is_sane(const struct trailer *trailer, int64_t bytes)
{
    for (int kind = 0; kind < SECTION_KINDS; kind++) {
        const struct section_range *range = &trailer->ranges[kind];
        if (range->n_global != 0 &&
            (range->n_global < 0 || range->row_bytes <= 0 || range->planes <= 0 || range->place < 0 ||
                range->place >= bytes ||
                range->row_bytes > (bytes - range->place) / range->n_global / range->planes))
            return false;
    }
    return trailer->households >= 1 && trailer->households <= bytes;
}

/* Put a trailer with the right digest behind the file. */
static void seal(struct trailer *trailer)
{
    FILE *stream = fopen(input_path, "r+");
    ENSURE(stream && fseek(stream, 0, SEEK_END) == 0);
    const int64_t bytes = ftell(stream);
    const int file = fileno(stream);
    trailer->digest = 0;
    if (is_sane(trailer, bytes) && trailer->bytes == bytes) {
        const struct decomposition part = decomposition_of(trailer->households, 0, 1);
        for (int kind = 0; kind < SECTION_KINDS; kind++) {
            const struct section section = section_of((enum section_kind)kind, trailer->ranges[kind], &part);
            ENSURE(section_read(file, input_path, &section, &trailer->digest) == WS_OK);
        }
        ENSURE(section_read_rest(file, input_path, trailer->ranges, bytes, &trailer->digest) == WS_OK);
    }
    trailer->check = trailer_check(trailer);
    ENSURE(fwrite(trailer, sizeof *trailer, 1, stream) == 1 && fclose(stream) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct trailer trailer;
    const size_t n = n_written - sizeof trailer;
    memcpy(&trailer, written + n, sizeof trailer);
    const uint32_t how = input_next(&input, 1) % 4;
    unsigned char *bytes = malloc(n);
    ENSURE(bytes);
    memcpy(bytes, written, n);
    if (how == 0)
        change_bytes(bytes, n, &input);
    target_write(bytes, n);
    free(bytes);
    if (how == 1)
        change_trailer(&trailer, &input);
    if (how > 1) {
        change_by_hdf5(&input);
        FILE *file = fopen(input_path, "r");
        ENSURE(file && fseek(file, 0, SEEK_END) == 0);
        trailer.bytes = ftell(file);
        fclose(file);
    }
    seal(&trailer);
    read_checkpoint(true, false);
    return 0;
}
