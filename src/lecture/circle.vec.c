#include "lecture/circle.h"
#include "simd/lanes.h"

SIMD_KERNEL(int64_t, circle_count, (const uint64_t *words, int n), (words, n))

/* x - 1/2, exactly: the word's upper bits make a number in [1, 2). */
LANES_INLINE lanes_double centred(lanes_word word)
{
    return (lanes_double)(word >> 12 | lanes_of_word(0x3ff0000000000000)) - lanes_of(1.5);
}

/* All ones in the lanes of points within. */
LANES_INLINE lanes_word within(const uint64_t *words)
{
    const lanes_double x = centred(lanes_load_words(words));
    const lanes_double y = centred(lanes_load_words(words + CIRCLE_POINTS));
    return (lanes_word)(lanes_fma(x, x, y * y) < lanes_of(0.25));
}

int64_t SIMD(circle_count)(const uint64_t *words, int n)
{
    lanes_word minus_count = lanes_of_word(0);
    int64_t inside = 0;
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        minus_count += within(words + i);
    if (i < n) {
        const lanes_word last = within(words + i);
        for (int lane = 0; lane < n - i; lane++)
            inside += last[lane] != 0;
    }
    for (int lane = 0; lane < LANES; lane++)
        inside -= (int64_t)minus_count[lane];
    return inside;
}
