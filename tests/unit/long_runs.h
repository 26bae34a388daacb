/* Long runs of a block, every bit of which is hashed: the same at every vector level and from every compiler. */
#pragma once

#include "models/kesten.h"
#include "random/mlfg.h"
#include "simd/simd.h"
#include "splitmix.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A run and its recorded hash, which changes only when a coefficient or the order of operations does, and then on purpose. */
struct long_run {
    struct kesten_parameters model;
    int periods;
    uint64_t hash;
};

static inline struct mlfg long_run_generator(void)
{
    struct mlfg state;
    memset(&state, 0, sizeof state);
    for (uint64_t i = 0; i < MLFG_LAG; i++)
        state.x[i] = mixed(i + 1) | 1;
    return state;
}

static inline uint64_t long_run_hash(const double *w, uint64_t hash)
{
    for (int i = 0; i < BLOCK_SIZE; i++) {
        uint64_t bits;
        memcpy(&bits, &w[i], sizeof bits);
        hash = mixed(hash ^ bits) + SPLITMIX_STEP;
    }
    return hash;
}

static inline void long_runs_check(
    const struct long_run *runs, size_t n, uint64_t (*hash_of)(const struct long_run *run))
{
    for (size_t i = 0; i < n; i++)
        for (struct simd_tour tour = simd_tour(); simd_next(&tour);) {
            const uint64_t hash = hash_of(&runs[i]);
            if (hash != runs[i].hash)
                fail_msg("run %zu, level %s: hash %016llx", i, simd_name(), (unsigned long long)hash);
        }
}
