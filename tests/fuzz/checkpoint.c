/* A checkpoint that was changed: the input says how much shorter it is, and which bytes are others. Whatever differs
 * from what was written is refused. Sealed again, so that the trailer's places and lengths are believed, it may be
 * anything that is read without harm. */
#include "io/checkpoint_file.h"
#include "target.h"
#include <stdbool.h>

enum { HOUSEHOLDS = 600, PERIODS = 4 };

static const struct options options = {.households = HOUSEHOLDS,
    .periods = PERIODS,
    .model = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1},
    .seed = 1,
    .rng = RNG_MLFG,
    .paths = 3,
    .record_every = 2,
    .coalescence = 7,
    .n_quantiles = 1,
    .quantiles = {0.5}};

static unsigned char *written; /* as the checkpoint was written */
static size_t n_written;

static struct population create_population(void)
{
    struct population population;
    ENSURE(population_create(&population, decomposition_of(HOUSEHOLDS, 0, 1), &options.model, 1) == WS_OK);
    ENSURE(population_keep_paths(&population, 0, options.paths, PERIODS) == WS_OK);
    ENSURE(population_add_twin(&population, options.coalescence) == WS_OK);
    return population;
}

static struct checkpoint_state state_of(struct population *population, struct record *records)
{
    return (struct checkpoint_state){
        .options = &options, .takes = FOR_RUN, .population = population, .records = records};
}

static void read_file(void)
{
    FILE *file = fopen(input_path, "r");
    ENSURE(file && fseek(file, 0, SEEK_END) == 0);
    n_written = (size_t)ftell(file);
    written = malloc(n_written);
    rewind(file);
    ENSURE(written && fread(written, 1, n_written, file) == n_written);
    fclose(file);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    target_start(argc, argv);
    struct population population = create_population();
    struct timers timers;
    struct record records[PERIODS] = {{.period = 0}};
    struct checkpoint_state state = state_of(&population, records);
    ENSURE(timers_create(&timers, 1) == WS_OK);
    ENSURE(population_start(&population, RNG_MLFG, options.seed) == WS_OK);
    population_advance(&population, 1, &timers);
    ENSURE(checkpoint_write(&comm, input_path, 1, &state) == WS_OK);
    timers_destroy(&timers);
    population_destroy(&population);
    read_file();
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

static void read_checkpoint(bool may_be_read, bool must_be_read)
{
    struct population population = create_population();
    struct record records[PERIODS] = {{.period = 0}};
    struct checkpoint_state state = state_of(&population, records);
    enum checkpoint_fault fault;
    const enum status status = checkpoint_read(&comm, input_path, &state, &fault);
    ENSURE(status == WS_OK ? may_be_read : !must_be_read);
    ENSURE((status == WS_FAILED) == (fault != CHECKPOINT_FINE));
    target_check_message(status);
    population_destroy(&population);
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
