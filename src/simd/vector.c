#include "simd/vector.h"
#include <stdlib.h>
#include <string.h>

static const char *const names[VECTOR_LEVELS] = {"portable", "avx2", "avx512"};

enum vector_level vector_best(void)
{
#ifdef __x86_64__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512cd"))
        return VECTOR_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return VECTOR_AVX2;
#endif
    return VECTOR_PORTABLE;
}

/* The level of this name, VECTOR_LEVELS where there is none. */
static int level_of(const char *name)
{
    int level = 0;
    while (level < VECTOR_LEVELS && strcmp(name, names[level]) != 0)
        level++;
    return level;
}

bool vector_is_possible(const char *name)
{
    return name[0] == '\0' || level_of(name) <= (int)vector_best();
}

enum vector_level vector_level(void)
{
    const enum vector_level best = vector_best();
    const char *asked = getenv("WEALTHSIM_VECTOR");
    const int level = asked ? level_of(asked) : VECTOR_LEVELS;
    return level < (int)best ? (enum vector_level)level : best;
}

const char *vector_level_name(enum vector_level level)
{
    return names[level];
}
