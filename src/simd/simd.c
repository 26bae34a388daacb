#include "simd/simd.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME(level, unused)    #level,
#define CAN_RUN(level, unused) can_run_##level,

static bool can_run_portable(void)
{
    return true;
}

#if defined __x86_64__
static bool can_run_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}

static bool can_run_avx512(void)
{
    return can_run_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512cd");
}
#elif defined __aarch64__
static bool can_run_neon(void)
{
    return true; /* part of the architecture */
}
#endif

static const char *const names[] = {SIMD_EACH(NAME, )};
static bool (*const can_run[])(void) = {SIMD_EACH(CAN_RUN, )};

enum { LEVELS = sizeof names / sizeof names[0], NONE = -1 };

static atomic_int in_use = NONE;

int simd_best(void)
{
    int level = LEVELS - 1;
    while (level > 0 && !can_run[level]())
        level--;
    return level;
}

/* The level that WEALTHSIM_VECTOR asks for; NONE where this processor cannot run it. */
static int asked_for(void)
{
    const char *name = getenv("WEALTHSIM_VECTOR");
    const int best = simd_best();
    if (!name || name[0] == '\0')
        return best;
    for (int level = 0; level < LEVELS; level++)
        if (strcmp(name, names[level]) == 0)
            return level <= best ? level : NONE;
    return NONE;
}

enum status simd_start(const char *host_name)
{
    const int level = asked_for(), best = simd_best();
    char list[64] = "";
    simd_use(level == NONE ? best : level);
    if (level != NONE)
        return WS_OK;
    for (int i = 0; i <= best; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i > 0 ? ", " : "", names[i]);
    return error_add(WS_USAGE, "WEALTHSIM_VECTOR: '%.100s' is not one of the levels that host %s can run: %s",
        getenv("WEALTHSIM_VECTOR"), host_name, list);
}

/* Threads that are first at the same time choose the same. */
int simd_level(void)
{
    const int level = atomic_load_explicit(&in_use, memory_order_relaxed);
    if (level != NONE)
        return level;
    const int asked = asked_for();
    simd_use(asked == NONE ? simd_best() : asked);
    return simd_level();
}

const char *simd_name(void)
{
    return names[simd_level()];
}

void simd_use(int level)
{
    atomic_store_explicit(&in_use, level, memory_order_relaxed);
}

struct simd_tour simd_tour(void)
{
    return (struct simd_tour){.last = simd_level()};
}

bool simd_next(struct simd_tour *tour)
{
    const int level = tour->next++;
    simd_use(level < tour->last ? level : tour->last);
    return level <= tour->last;
}
