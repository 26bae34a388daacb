/** How sorts divide what there is: by splitters into parts, and evenly over threads. */
#pragma once

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
