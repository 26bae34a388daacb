/* The kernel's speed on one core: nanoseconds per random number and per household-period, for each vector
 * level that this processor runs. The levels take turns, repeatedly; medians and quartiles are of processor
 * time, so that other processes disturb little. Usage: kernel [REPEATS] (default 41). */
#include "models/kesten_single.h"
#include "random/mlfg.h"
#include "random/normals.h"
#include "random/stream.h"
#include "samples.h"
#include "simd/simd.h"

enum { PERIODS = 400, STREAMS = 2000 };

/* What is measured. */
enum { FILL, NORMAL, STEP, ALL, SINGLE_NORMAL, SINGLE_STEP, SINGLE_ALL, PARTS };

static const struct kesten_parameters model = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1};

static void go_double(int part, struct mlfg *state, double *w, int periods)
{
    static _Alignas(64) uint64_t words[NORMALS];
    static _Alignas(64) double normals[NORMALS];
    struct kesten_law law;
    kesten_law_init(&law, &model);
    for (int t = 0; t < periods; t++) {
        if (part == FILL || part == ALL)
            mlfg_fill(state, NORMALS, words);
        if (part == NORMAL || part == ALL)
            normals_of(words, normals);
        if (part == STEP || part == ALL)
            kesten_step(&law, normals, w);
    }
}

static void go_single(int part, struct mlfg *state, double *w, int periods)
{
    static _Alignas(64) uint64_t words[NORMALS_SINGLE_WORDS];
    static _Alignas(64) float normals[NORMALS_SINGLE];
    struct kesten_single_law law;
    kesten_single_law_init(&law, &model);
    const void *laws[] = {&law};
    const struct block_state block = {.arrays = {w}};
    for (int t = 0; t < periods; t++) {
        if (part == SINGLE_ALL)
            mlfg_fill(state, NORMALS_SINGLE_WORDS, words);
        if (part == SINGLE_NORMAL || part == SINGLE_ALL)
            normals_single_of(words, normals);
        if (part == SINGLE_STEP || part == SINGLE_ALL)
            kesten_single_step(laws, 1, normals, &block);
    }
}

/* One measurement of each part, in ns per number or household-period. */
static void measure(struct mlfg *state, double *w, double ns[PARTS])
{
    const int periods = simd_level() == 0 ? PERIODS / 40 : PERIODS;
    for (int part = 0; part < PARTS; part++) {
        const double start = processor_seconds();
        (part < SINGLE_NORMAL ? go_double : go_single)(part, state, w, periods);
        ns[part] = (processor_seconds() - start) * 1e9 / periods / (part == FILL ? NORMALS : BLOCK_SIZE);
    }
}

static double creation_microseconds(void)
{
    struct streams *streams = NULL;
    const double start = processor_seconds();
    if (streams_create(&streams, RNG_MLFG, 1, 0, STREAMS, 1) != WS_OK)
        return 0;
    const double seconds = processor_seconds() - start;
    streams_destroy(streams);
    return seconds * 1e6 / STREAMS;
}

int main(int argc, char **argv)
{
    static const char *const part_names[PARTS] = {
        "a number", "two normals", "a step", "all", "single, normals", "single, step", "single, all"};
    static _Alignas(64) double w[BLOCK_SIZE];
    const int repeats = argc > 1 ? atoi(argv[1]) : 41;
    if (repeats < 1) {
        fprintf(stderr, "usage: kernel [REPEATS]\n");
        return 2;
    }
    double(*ns)[PARTS] = calloc((size_t)repeats * (size_t)(simd_level() + 1), sizeof *ns);
    double *sorted = calloc((size_t)repeats, sizeof *sorted);
    if (!ns || !sorted)
        return 1;
    struct mlfg state;
    for (uint64_t i = 0; i < MLFG_LAG; i++)
        state.x[i] = (i + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;

    for (int repeat = 0; repeat < repeats; repeat++)
        for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
            measure(&state, w, ns[simd_level() * repeats + repeat]);

    printf("ns per number, or per household-period: median [quartiles] minimum, of %d\n", repeats);
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
        for (int part = 0; part < PARTS; part++) {
            for (int repeat = 0; repeat < repeats; repeat++)
                sorted[repeat] = ns[simd_level() * repeats + repeat][part];
            print_samples(simd_name(), part_names[part], sorted, repeats);
        }
    printf("a stream's creation: %.1f microseconds\n", creation_microseconds());
    free(ns);
    free(sorted);
    return 0;
}
