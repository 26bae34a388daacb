/** How sorts divide what there is: by splitters into parts, and evenly over threads. */
#pragma once

#include "core/error.h"
#include <stdint.h>

/** The part that a key falls into: the last whose splitter is not above it; the first splitter is above none. */
static inline int sort_part_of(const int64_t *splitter, int parts, int64_t key)
{
    int low = 0;
    for (int left = parts; left > 1;) {
        const int half = left / 2;
        low += splitter[low + half] <= key ? half : 0;
        left -= half;
    }
    return low;
}

/** The first of n things that is a thread's; n for the thread behind the last. */
static inline int64_t sort_first_of(int64_t n, int threads, int thread)
{
    return n / threads * thread + (n % threads < thread ? n % threads : thread);
}

/** Where each of n pieces begins, one after another. @return the sum of all counts, which is below 2^31 */
static inline int64_t sort_places(const int *counts, int n, int *places)
{
    int64_t all = 0;
    for (int i = 0; i < n; i++) {
        places[i] = (int)all;
        all += counts[i];
        ENSURE(all <= INT32_MAX);
    }
    return all;
}
