/* As key_sort sorts keys (statistics/key.c). */
#include "statistics/pairs.h"
#include <stdbool.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGIT_VALUES = 1 << DIGIT_BITS, DIGITS_MOST = 6 };

/* Sort what is nearly sorted; give up after 8 moves a pair on average. @return whether it is sorted */
static bool sort_by_insertion(struct pair *pairs, int64_t n)
{
    int64_t moves_left = n > 32 ? 8 * n : n * n;
    for (int64_t i = 1; i < n; i++) {
        const struct pair pair = pairs[i];
        int64_t place = i;
        for (; place > 0 && pairs[place - 1].key > pair.key; place--)
            pairs[place] = pairs[place - 1];
        pairs[place] = pair;
        moves_left -= i - place;
        if (moves_left < 0)
            return false;
    }
    return true;
}

static int bits_of(uint64_t number)
{
    return number == 0 ? 0 : 64 - __builtin_clzll(number);
}

/* Sort by `digits` digits of `width` bits each, the lowest of which begins at bit `shift` of key - least. */
static void sort_by_digits(
    struct pair *pairs, int64_t n, struct pair *scratch, int64_t least, int shift, int width, int digits)
{
    int64_t count[DIGITS_MOST][DIGIT_VALUES];
    const uint64_t mask = ((uint64_t)1 << width) - 1;
    for (int d = 0; d < digits; d++)
        memset(count[d], 0, (mask + 1) * sizeof count[d][0]);
    for (int64_t i = 0; i < n; i++) {
        uint64_t rest = ((uint64_t)pairs[i].key - (uint64_t)least) >> shift;
        for (int d = 0; d < digits; d++, rest >>= width)
            count[d][rest & mask]++;
    }

    struct pair *from = pairs, *to = scratch;
    for (int d = 0; d < digits; d++, shift += width) {
        int64_t place = 0;
        for (uint64_t v = 0; v <= mask; v++) {
            const int64_t here = count[d][v];
            count[d][v] = place;
            place += here;
        }
        for (int64_t i = 0; i < n; i++)
            to[count[d][(((uint64_t)from[i].key - (uint64_t)least) >> shift) & mask]++] = from[i];
        struct pair *held = from;
        from = to;
        to = held;
    }
    if (from != pairs)
        memcpy(pairs, from, (size_t)n * sizeof *pairs);
}

void pairs_sort(struct pair *pairs, int64_t n, struct pair *scratch)
{
    if (n <= 32) {
        sort_by_insertion(pairs, n);
        return;
    }
    int64_t least = pairs[0].key, greatest = least;
    for (int64_t i = 1; i < n; i++) {
        least = pairs[i].key < least ? pairs[i].key : least;
        greatest = pairs[i].key > greatest ? pairs[i].key : greatest;
    }
    const int range = bits_of((uint64_t)greatest - (uint64_t)least);
    const int wanted = bits_of((uint64_t)n) + 3;
    const int leading = wanted < range ? wanted : range;
    const int digits = (leading + DIGIT_BITS - 1) / DIGIT_BITS;
    if (digits > 0) {
        const int width = (leading + digits - 1) / digits;
        const int shift = range > digits * width ? range - digits * width : 0;
        sort_by_digits(pairs, n, scratch, least, shift, width, digits);
    }
    if (!sort_by_insertion(pairs, n))
        sort_by_digits(pairs, n, scratch, least, 0, DIGIT_BITS, (range + DIGIT_BITS - 1) / DIGIT_BITS);
}
