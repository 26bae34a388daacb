#include "statistics/key.h"

enum { DIGIT_BITS = 8, DIGITS = 64 / DIGIT_BITS, DIGIT_VALUES = 1 << DIGIT_BITS };

/* The d-th digit, with the order of signed keys. */
static inline unsigned digit(int64_t key, int d)
{
    return (unsigned)((uint64_t)(key ^ INT64_MIN) >> (DIGIT_BITS * d)) & (DIGIT_VALUES - 1);
}

static void sort_by_insertion(int64_t *keys, int64_t n)
{
    for (int64_t i = 1; i < n; i++) {
        const int64_t key = keys[i];
        int64_t place = i;
        for (; place > 0 && keys[place - 1] > key; place--)
            keys[place] = keys[place - 1];
        keys[place] = key;
    }
}

/* By digits from the last to the first, leaving out digits in which all keys agree. */
void key_sort(int64_t *keys, int64_t n, int64_t *scratch)
{
    if (n <= 32) {
        sort_by_insertion(keys, n);
        return;
    }
    int64_t count[DIGITS][DIGIT_VALUES] = {{0}};
    for (int64_t i = 0; i < n; i++)
        for (int d = 0; d < DIGITS; d++)
            count[d][digit(keys[i], d)]++;

    int64_t *from = keys, *to = scratch;
    for (int d = 0; d < DIGITS; d++) {
        if (count[d][digit(from[0], d)] == n)
            continue;
        int64_t place = 0;
        for (int v = 0; v < DIGIT_VALUES; v++) {
            const int64_t here = count[d][v];
            count[d][v] = place;
            place += here;
        }
        for (int64_t i = 0; i < n; i++)
            to[count[d][digit(from[i], d)]++] = from[i];
        int64_t *held = from;
        from = to;
        to = held;
    }
    if (from != keys)
        memcpy(keys, from, (size_t)n * sizeof *keys);
}
