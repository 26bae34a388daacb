#include "statistics/key.h"

enum { DIGIT_BITS = 11, DIGIT_VALUES = 1 << DIGIT_BITS, DIGITS_MOST = 6 };

/* Sort what is nearly sorted; give up after 8 moves a key on average. @return whether it is sorted */
static int sort_by_insertion(int64_t *keys, int64_t n, int ignored)
{
    int64_t moves_left = n > 32 ? 8 * n : n * n;
    for (int64_t i = 1; i < n; i++) {
        const int64_t key = keys[i];
        int64_t place = i;
        for (; place > 0 && keys[place - 1] >> ignored > key >> ignored; place--)
            keys[place] = keys[place - 1];
        keys[place] = key;
        moves_left -= i - place;
        if (moves_left < 0)
            return 0;
    }
    return 1;
}

static int bits_of(uint64_t number)
{
    return number == 0 ? 0 : 64 - __builtin_clzll(number);
}

/* Sort by `digits` digits of `width` bits each, the lowest of which begins at bit `shift` of key - least. */
static void sort_by_digits(
    int64_t *keys, int64_t n, int64_t *scratch, int64_t least, int shift, int width, int digits)
{
    int64_t count[DIGITS_MOST][DIGIT_VALUES];
    const uint64_t mask = ((uint64_t)1 << width) - 1;
    for (int d = 0; d < digits; d++)
        memset(count[d], 0, (mask + 1) * sizeof count[d][0]);
    for (int64_t i = 0; i < n; i++) {
        uint64_t rest = ((uint64_t)keys[i] - (uint64_t)least) >> shift;
        for (int d = 0; d < digits; d++, rest >>= width)
            count[d][rest & mask]++;
    }

    int64_t *from = keys, *to = scratch;
    for (int d = 0; d < digits; d++, shift += width) {
        int64_t place = 0;
        for (uint64_t v = 0; v <= mask; v++) {
            const int64_t here = count[d][v];
            count[d][v] = place;
            place += here;
        }
        for (int64_t i = 0; i < n; i++)
            to[count[d][(((uint64_t)from[i] - (uint64_t)least) >> shift) & mask]++] = from[i];
        int64_t *held = from;
        from = to;
        to = held;
    }
    if (from != keys)
        memcpy(keys, from, (size_t)n * sizeof *keys);
}

/* By the leading bits of the range that the keys span, two or three bits more than tell n evenly spread keys
 * apart; insertion then puts the few neighbours right that agree in them. Where keys are too unevenly spread for
 * that, by all bits. */
void key_sort(int64_t *keys, int64_t n, int64_t *scratch, int ignored)
{
    if (n <= 32) {
        sort_by_insertion(keys, n, ignored);
        return;
    }
    int64_t least = keys[0], greatest = keys[0];
    for (int64_t i = 1; i < n; i++) {
        least = keys[i] < least ? keys[i] : least;
        greatest = keys[i] > greatest ? keys[i] : greatest;
    }
    least = (int64_t)((uint64_t)least >> ignored << ignored);
    const int range = bits_of((uint64_t)greatest - (uint64_t)least);
    const int wanted = bits_of((uint64_t)n) + 3;
    const int leading = wanted < range ? wanted : range;
    const int digits = (leading + DIGIT_BITS - 1) / DIGIT_BITS;
    if (digits > 0) {
        const int width = (leading + digits - 1) / digits;
        const int shift = range > digits * width ? range - digits * width : 0;
        sort_by_digits(keys, n, scratch, least, shift, width, digits);
    }
    const int counted = range > ignored ? range - ignored : 0;
    if (!sort_by_insertion(keys, n, ignored))
        sort_by_digits(keys, n, scratch, least, ignored, DIGIT_BITS, (counted + DIGIT_BITS - 1) / DIGIT_BITS);
}
