/* Numbers that look random and are the same everywhere: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
#pragma once

#include <stdint.h>

#define SPLITMIX_STEP UINT64_C(0x9e3779b97f4a7c15)

static inline uint64_t mixed(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static inline uint64_t next_word(uint64_t *state)
{
    return mixed(*state += SPLITMIX_STEP);
}

/* n words of the generator from 0, from its word number round * n on. */
static inline void random_words(uint64_t round, uint64_t *words, uint64_t n)
{
    uint64_t state = round * n * SPLITMIX_STEP;
    for (uint64_t i = 0; i < n; i++)
        words[i] = next_word(&state);
}
