/* A checkpoint that was changed: the input says how much shorter it is, and which bytes are others. Whatever differs
 * from what was written is refused. Sealed again, so that the trailer's places and lengths are believed, it may be
 * anything that is read without harm. */
#include "written.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    target_start(argc, argv);
    write_checkpoint();
    return 0;
}

static void change(unsigned char *bytes, size_t n, struct input *input)
{
    while (input->size > 0 && n > 0) {
        const size_t from_end = input_next(input, 4) % n;
        bytes[n - 1 - from_end] = (unsigned char)input_next(input, 1);
    }
}

/* What the trailer, at the file's end, says of itself. */
static void seal(unsigned char *bytes, size_t n)
{
    struct trailer trailer;
    if (n < sizeof trailer)
        return;
    memcpy(&trailer, bytes + n - sizeof trailer, sizeof trailer);
    trailer.check = trailer_check(&trailer);
    memcpy(bytes + n - sizeof trailer, &trailer, sizeof trailer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    const bool is_sealed = input_next(&input, 1) % 2 == 1;
    const size_t shorter = input_next(&input, 4), n = n_written - (shorter < n_written ? shorter : 0);
    unsigned char *bytes = malloc(n_written);
    ENSURE(bytes);
    memcpy(bytes, written, n);
    change(bytes, n, &input);
    if (is_sealed)
        seal(bytes, n);
    const bool is_as_written = n == n_written && memcmp(bytes, written, n) == 0;
    target_write(bytes, n);
    free(bytes);
    read_checkpoint(is_as_written || is_sealed, is_as_written);
    return 0;
}
