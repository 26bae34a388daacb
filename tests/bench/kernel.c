/* The kernel's speed on one core: nanoseconds per random number and per household-period, for each vector
 * level that this processor runs. The levels take turns, repeatedly; medians and quartiles are of processor
 * time, so that other processes disturb little. Usage: kernel [REPEATS] (default 41). */
#include "models/kesten.h"
#include "random/normals.h"
#include "random/stream.h"
#include "simd/simd.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PERIODS = 400, STREAMS = 2000 };

/* What is measured. */
enum { FILL, NORMAL, STEP, ALL, PARTS };

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One measurement of each part, in ns per number or household-period. */
static void measure(struct mlfg *state, double *w, double ns[PARTS])
{
    static _Alignas(64) uint64_t words[NORMALS];
    static _Alignas(64) double normals[NORMALS];
    static const struct kesten_parameters model = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1};
    const int periods = simd_level() == 0 ? PERIODS / 40 : PERIODS;
    struct kesten_law law;
    kesten_law_init(&law, &model);
    for (int part = 0; part < PARTS; part++) {
        const double start = processor_seconds();
        for (int t = 0; t < periods; t++) {
            if (part == FILL || part == ALL)
                mlfg_fill(state, NORMALS, words);
            if (part == NORMAL || part == ALL)
                normals_of(words, normals);
            if (part == STEP || part == ALL)
                kesten_step(&law, normals, w);
        }
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
    static const char *const part_names[PARTS] = {"a number", "two normals", "a step", "all"};
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
            qsort(sorted, (size_t)repeats, sizeof *sorted, ascending);
            printf("%-9s %-11s %8.3f [%.3f %.3f] %.3f\n", simd_name(), part_names[part], sorted[repeats / 2],
                sorted[repeats / 4], sorted[3 * repeats / 4], sorted[0]);
        }
    printf("a stream's creation: %.1f microseconds\n", creation_microseconds());
    free(ns);
    free(sorted);
    return 0;
}
