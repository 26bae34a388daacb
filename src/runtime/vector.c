#include "runtime/vector.h"
#include <stdlib.h>
#include <string.h>

static const char *const names[VECTOR_LEVELS] = {"portable", "avx2", "avx512"};

static enum vector_level best_level(void)
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

enum vector_level vector_level(void)
{
    const enum vector_level best = best_level();
    const char *asked = getenv("WEALTHSIM_VECTOR");
    for (int level = 0; asked && level < VECTOR_LEVELS; level++)
        if (level < (int)best && strcmp(asked, names[level]) == 0)
            return (enum vector_level)level;
    return best;
}

const char *vector_level_name(enum vector_level level)
{
    return names[level];
}
