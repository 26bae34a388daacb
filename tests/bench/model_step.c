/* The step of a model file on one core, and what the machine's lookups would allow: nanoseconds per household-period or per
 * lookup. Vector levels take turns, repeatedly; medians are of processor time.
 *
 *     model_step FILE [REPEATS]     (default 41)
 *
 * "lookups" is the step without its exponentials: what it finds in tables, and the last multiply-add. A lookup is a load of
 * eight bytes at a random index, put into an array, so that it is 3 of a processor's slots: the index, the load, the store. */
#include "core/comm.h"
#include "files/model_file.h"
#include "models/tabulated.h"
#include "models/tabulated_tables.h"
#include "random/mlfg.h"
#include "random/normals.h"
#include "samples.h"
#include "simd/simd.h"
#include <string.h>

#ifdef __x86_64__
    #include <immintrin.h>
#endif

enum { PERIODS = 400, NUMBERS = NORMALS + BLOCK_SIZE, POPULATION = 50000 };

/* ---- the step --------------------------------------------------------------------------------------------------- */

enum { NUMBER, STEP, LOOKUPS, ALL, PARTS };

/* A block of households, and what it needs. */
struct run {
    struct model model;
    void *law;
    struct tabulated_tables tables; /* without exponentials */
    struct mlfg generator;
    _Alignas(64) uint64_t words[NUMBERS];
    _Alignas(64) double normals[NORMALS], uniforms[BLOCK_SIZE];
    _Alignas(64) double w[BLOCK_SIZE], p[BLOCK_SIZE], z[BLOCK_SIZE];
};

static void draw(struct run *run)
{
    mlfg_fill(&run->generator, NUMBERS, run->words);
    normals_of(run->words, run->normals);
    for (int i = 0; i < BLOCK_SIZE; i++) {
        const uint64_t bits = run->words[NORMALS + i] >> 12 | 0x3ff0000000000000;
        double one_to_two;
        memcpy(&one_to_two, &bits, sizeof bits);
        run->uniforms[i] = one_to_two - 1;
    }
}

static void step(struct run *run)
{
    const struct shocks shocks = {
        .period = 1, .households = BLOCK_SIZE, .normals = run->normals, .uniforms = run->uniforms};
    void *const state[] = {run->w, run->z, run->p};
    run->model.step(run->law, &shocks, state);
}

static int32_t state_of(const struct run *run, int i)
{
    const void *z = run->z;
    return run->model.arrays[1].type == ARRAY_UINT8    ? ((const uint8_t *)z)[i]
           : run->model.arrays[1].type == ARRAY_UINT16 ? ((const uint16_t *)z)[i]
                                                       : ((const int32_t *)z)[i];
}

/* Households that are where the law has brought them look up what they need, again and again. */
static double measure_lookups(const struct run *run, int periods)
{
    static _Alignas(64) double w[BLOCK_SIZE], p[BLOCK_SIZE];
    static _Alignas(64) int32_t first[BLOCK_SIZE], z[BLOCK_SIZE];
    static _Alignas(64) uint32_t entry[BLOCK_SIZE];
    for (int i = 0; i < BLOCK_SIZE; i++)
        first[i] = state_of(run, i);
    const double start = processor_seconds();
    for (int t = 0; t < periods; t++) {
        memcpy(w, run->w, sizeof w);
        memcpy(z, first, sizeof z);
        tabulated_live(&run->tables, BLOCK_SIZE, run->normals, run->uniforms, w, p, z, entry);
    }
    return processor_seconds() - start;
}

/* One measurement of each part, in ns. The step's is what all takes beyond numbers and normals. */
static void measure(struct run *run, double ns[PARTS])
{
    const int periods = simd_level() == 0 ? PERIODS / 20 : PERIODS;
    double seconds[PARTS];
    for (int part = 0; part < PARTS; part++) {
        const double start = processor_seconds();
        for (int t = 0; t < periods && part != LOOKUPS; t++) {
            draw(run);
            if (part != NUMBER)
                step(run);
        }
        seconds[part] = part == LOOKUPS ? measure_lookups(run, periods) : processor_seconds() - start;
    }
    seconds[STEP] -= seconds[NUMBER];
    for (int part = 0; part < PARTS; part++)
        ns[part] = seconds[part] * 1e9 / periods / BLOCK_SIZE;
}

static void run_start(struct run *run, struct tabulated_data *data)
{
    const struct tabulated_parameters parameters = {.w0 = 1, .data = data, .model = tabulated_model(data)};
    void *const state[] = {run->w, run->z, run->p};
    run->model = tabulated_model(data);
    run->law = malloc(run->model.law_bytes);
    ENSURE(run->law && run->model.init(run->law, &parameters) == WS_OK);
    ENSURE(tabulated_tables_create(&run->tables, data, 0) == WS_OK);
    run->tables.has_return_shock = run->tables.has_income_shock = run->tables.has_level_shock = false;
    run->model.start(run->law, 0, POPULATION, state);
    for (uint64_t i = 0; i < MLFG_LAG; i++)
        run->generator.x[i] = (i + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

static void print_step(struct run *run, int repeats)
{
    static const char *const names[PARTS] = {"three numbers, two normals", "a step", "its lookups", "all"};
    double(*ns)[PARTS] = calloc((size_t)repeats * (size_t)(simd_level() + 1), sizeof *ns);
    double *samples = calloc((size_t)repeats, sizeof *samples);
    ENSURE(ns && samples);
    for (int repeat = 0; repeat < repeats; repeat++)
        for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
            measure(run, ns[simd_level() * repeats + repeat]);
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);)
        for (int part = 0; part < PARTS; part++) {
            for (int repeat = 0; repeat < repeats; repeat++)
                samples[repeat] = ns[simd_level() * repeats + repeat][part];
            print_samples(simd_name(), names[part], samples, repeats);
        }
    free(ns);
    free(samples);
}

/* ---- the machine's lookups -------------------------------------------------------------------------------------- */

enum { LOADS = 256, ROUNDS = 400, HOPS = 20000, LARGEST = 1 << 15 };

static _Alignas(64) double table[LARGEST], looked_up[LOADS];
static _Alignas(64) uint32_t indices[LOADS], next[LARGEST];

__attribute__((noinline)) static void load(void)
{
    for (int i = 0; i < LOADS; i++)
        memcpy(&looked_up[i], &table[indices[i]], sizeof *table); /* by a word's register */
}

#ifdef __x86_64__
__attribute__((noinline, target("avx2"))) static void gather_256(void)
{
    for (int i = 0; i < LOADS; i += 4)
        _mm256_store_pd(looked_up + i,
            _mm256_i32gather_pd(table, _mm_load_si128((const __m128i *)(const void *)(indices + i)), 8));
}

__attribute__((noinline, target("avx512f"))) static void gather_512(void)
{
    for (int i = 0; i < LOADS; i += 8)
        _mm512_store_pd(looked_up + i,
            _mm512_i32gather_pd(_mm256_load_si256((const __m256i *)(const void *)(indices + i)), table, 8));
}
#endif

/* Where each index comes from the load before. */
__attribute__((noinline)) static uint32_t hop(uint32_t at)
{
    for (int i = 0; i < HOPS; i++)
        at = next[at];
    return at;
}

static double of_lookups(void (*look_up)(void))
{
    const double start = processor_seconds();
    for (int round = 0; round < ROUNDS; round++) {
        look_up();
        __asm__ volatile("" ::: "memory");
    }
    return (processor_seconds() - start) * 1e9 / ROUNDS / LOADS;
}

static double of_hops(void)
{
    const double start = processor_seconds();
    volatile uint32_t end = hop(0);
    (void)end;
    return (processor_seconds() - start) * 1e9 / HOPS;
}

static uint32_t number_below(uint32_t n)
{
    static uint64_t x = 1;
    x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)((x >> 33) % n);
}

/* Random indices, and one cycle through all of the table (Sattolo). */
static void set_indices(uint32_t n)
{
    for (int i = 0; i < LOADS; i++)
        indices[i] = number_below(n);
    for (uint32_t i = 0; i < n; i++)
        next[i] = i;
    for (uint32_t i = n - 1; i > 0; i--) {
        const uint32_t j = number_below(i), kept = next[i];
        next[i] = next[j];
        next[j] = kept;
    }
}

static void print_lookups(uint32_t n, int repeats)
{
    enum { PLAIN, GATHER_256, GATHER_512, DEPENDENT, KINDS };
    static const char *const names[KINDS] = {
        "a lookup by plain loads", "by gathers of 4", "by gathers of 8", "a load that waits for one"};
    double *ns[KINDS];
    char of[16];
    for (int kind = 0; kind < KINDS; kind++)
        ENSURE((ns[kind] = calloc((size_t)repeats, sizeof **ns)));
    set_indices(n);
    for (int repeat = 0; repeat < repeats; repeat++) {
        ns[PLAIN][repeat] = of_lookups(load);
        ns[DEPENDENT][repeat] = of_hops();
#ifdef __x86_64__
        if (__builtin_cpu_supports("avx2"))
            ns[GATHER_256][repeat] = of_lookups(gather_256);
        if (__builtin_cpu_supports("avx512f"))
            ns[GATHER_512][repeat] = of_lookups(gather_512);
#endif
    }
    snprintf(of, sizeof of, "%zu KiB", n * sizeof *table / 1024);
    for (int kind = 0; kind < KINDS; kind++) {
        if (ns[kind][0] > 0)
            print_samples(of, names[kind], ns[kind], repeats);
        free(ns[kind]);
    }
}

int main(int argc, char **argv)
{
    static struct run run;
    struct comm comm;
    struct tabulated_data data;
    comm_start(&comm, &argc, &argv);
    const int repeats = argc > 2 ? atoi(argv[2]) : 41;
    if (argc < 2 || repeats < 1) {
        fprintf(stderr, "usage: model_step FILE [REPEATS]\n");
        return comm_end(&comm, 2);
    }
    if (model_file_read(&comm, argv[1], &data) != WS_OK) {
        error_report(comm.world);
        return comm_end(&comm, 2);
    }
    run_start(&run, &data);
    printf("ns per household-period, or per lookup: median [quartiles] minimum, of %d\n", repeats);
    print_step(&run, repeats);
    for (uint32_t n = 512; n <= LARGEST; n *= 8)
        print_lookups(n, repeats);
    run.model.destroy(run.law);
    free(run.law);
    tabulated_tables_free(&run.tables);
    tabulated_data_free(&data);
    return comm_end(&comm, 0);
}
