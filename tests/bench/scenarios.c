/* Many laws on the same shocks, on one core: nanoseconds of processor time per household-period of each scenario, by how
 * many there are and what they differ in, at each vector level but the portable one. The cases take turns. With "samples"
 * it prints them all, for tests/bench/run. Usage: scenarios [REPEATS [samples]] (default 11) */
#include "core/comm.h"
#include "models/kesten.h"
#include "population/population.h"
#include "samples.h"
#include "simd/simd.h"
#include <string.h>

enum { LECTURE = 50000, PERIODS = 100, MOST = 4096, SEED = 1 };

/* What the scenarios of a case differ in. */
enum kind { IN_ALL, IN_GROWTH, IN_SAVINGS, IN_INCOME, IN_START };

static const struct shape {
    const char *name;
    int n;
    enum kind kind;
    int64_t households; /* fewer of many scenarios: their states outgrow a second-level cache anyway */
} shapes[] = {
    {"1 scenario", 1, IN_GROWTH, LECTURE},
    {"8 in s, r, v1", 8, IN_GROWTH, LECTURE},
    {"8 in s, r, v1, v2", 8, IN_ALL, LECTURE},
    {"8 in s", 8, IN_SAVINGS, LECTURE},
    {"8 in v2", 8, IN_INCOME, LECTURE},
    {"8 in w0", 8, IN_START, LECTURE},
    {"64 in s, r, v1", 64, IN_GROWTH, 16384},
    {"512 in s, r, v1", 512, IN_GROWTH, 4096},
    {"4096 in s, r, v1", 4096, IN_GROWTH, 1024},
    {"64 in s, r, v1, v2", 64, IN_ALL, 16384},
    {"512 in s, r, v1, v2", 512, IN_ALL, 4096},
    {"4096 in s, r, v1, v2", 4096, IN_ALL, 1024},
};

enum { SHAPES = sizeof shapes / sizeof *shapes };

/* A scenario's parameters: the lecture's, and apart from the others' in what they differ in. */
static struct kesten_parameters scenario(enum kind kind, int i)
{
    const double part = (i * 37 % MOST) / (double)MOST; /* not in order */
    struct kesten_parameters model = {.r = 0.1, .s = 0.3, .v1 = 0.1, .v2 = 1, .w0 = 1};
    if (kind == IN_ALL || kind == IN_INCOME)
        model.v2 = 0.5 + part;
    if (kind == IN_ALL || kind == IN_GROWTH) {
        model.r = 0.05 + 0.1 * part;
        model.v1 = 0.05 + 0.3 * part;
    }
    if (kind != IN_INCOME && kind != IN_START)
        model.s = 0.2 + 0.5 * part;
    if (kind == IN_START)
        model.w0 = i;
    return model;
}

static void create(const struct shape *shape, struct population *population)
{
    static struct kesten_parameters parameters[MOST];
    static const void *of[MOST];
    for (int i = 0; i < shape->n; i++) {
        parameters[i] = scenario(shape->kind, i);
        of[i] = &parameters[i];
    }
    ENSURE(population_create(population, decomposition_of(shape->households, 0, 1), &model_kesten, of,
               shape->n, 1) == WS_OK);
    ENSURE(population_start(population, RNG_MLFG, SEED) == WS_OK);
}

static double measure(const struct shape *shape, struct population *population, struct timers *timers)
{
    const double start = processor_seconds();
    population_advance(population, PERIODS, timers);
    return (processor_seconds() - start) * 1e9 / PERIODS / shape->n / (double)shape->households;
}

static void print(double *ns, int repeats, bool has_samples)
{
    for (int i = 0; i < SHAPES; i++) {
        double *of_shape = ns + i * repeats;
        if (has_samples) {
            printf("%s;%s", simd_name(), shapes[i].name);
            for (int repeat = 0; repeat < repeats; repeat++)
                printf(";%.6f", of_shape[repeat]);
            printf("\n");
        } else
            print_samples(simd_name(), shapes[i].name, of_shape, repeats);
    }
}

int main(int argc, char **argv)
{
    static struct population populations[SHAPES];
    struct comm comm;
    struct timers timers;
    comm_start(&comm, &argc, &argv);
    const int repeats = argc > 1 ? atoi(argv[1]) : 11;
    const bool has_samples = argc > 2 && strcmp(argv[2], "samples") == 0;
    double *ns = calloc((size_t)(repeats > 0 ? repeats : 1) * SHAPES, sizeof *ns);
    if (repeats < 1 || !ns || timers_create(&timers, 1) != WS_OK) {
        fprintf(stderr, "usage: scenarios [REPEATS [samples]]\n");
        return comm_end(&comm, 2);
    }
    for (int i = 0; i < SHAPES; i++)
        create(&shapes[i], &populations[i]);
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);) {
        for (int repeat = 0; repeat < repeats && simd_level() > 0; repeat++)
            for (int i = 0; i < SHAPES; i++) {
                const int turn = repeat % 2 ? SHAPES - 1 - i : i;
                ns[turn * repeats + repeat] = measure(&shapes[turn], &populations[turn], &timers);
            }
        if (simd_level() > 0)
            print(ns, repeats, has_samples);
    }
    for (int i = 0; i < SHAPES; i++)
        population_destroy(&populations[i]);
    timers_destroy(&timers);
    free(ns);
    return comm_end(&comm, 0);
}
