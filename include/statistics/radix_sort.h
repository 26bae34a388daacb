/** A sort by integer keys, for the file that includes this once: sort_items, of RADIX_ITEMs, whose key is RADIX_KEY(item), an
 *  int64_t. It is stable but for items whose keys differ in the ignored bits alone, which may come in any order. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGIT_VALUES = 1 << DIGIT_BITS, DIGITS_MOST = 6, IN_CACHE = 1 << 19 };

/* Sort what is nearly sorted; give up after 8 moves an item on average. @return whether it is sorted */
static bool sort_by_insertion(RADIX_ITEM *items, int64_t n, int ignored)
{
    int64_t moves_left = n > 32 ? 8 * n : n * n;
    for (int64_t i = 1; i < n; i++) {
        const RADIX_ITEM item = items[i];
        int64_t place = i;
        for (; place > 0 && RADIX_KEY(items[place - 1]) >> ignored > RADIX_KEY(item) >> ignored; place--)
            items[place] = items[place - 1];
        items[place] = item;
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
    RADIX_ITEM *items, int64_t n, RADIX_ITEM *scratch, int64_t least, int shift, int width, int digits)
{
    int64_t count[DIGITS_MOST][DIGIT_VALUES];
    const uint64_t mask = ((uint64_t)1 << width) - 1;
    for (int d = 0; d < digits; d++)
        memset(count[d], 0, (mask + 1) * sizeof count[d][0]);
    for (int64_t i = 0; i < n; i++) {
        uint64_t rest = ((uint64_t)RADIX_KEY(items[i]) - (uint64_t)least) >> shift;
        for (int d = 0; d < digits; d++, rest >>= width)
            count[d][rest & mask]++;
    }

    RADIX_ITEM *from = items, *to = scratch;
    for (int d = 0; d < digits; d++, shift += width) {
        int64_t place = 0;
        for (uint64_t v = 0; v <= mask; v++) {
            const int64_t here = count[d][v];
            count[d][v] = place;
            place += here;
        }
        for (int64_t i = 0; i < n; i++)
            to[count[d][(((uint64_t)RADIX_KEY(from[i]) - (uint64_t)least) >> shift) & mask]++] = from[i];
        RADIX_ITEM *held = from;
        from = to;
        to = held;
    }
    if (from != items)
        memcpy(items, from, (size_t)n * sizeof *items);
}

/* By the leading bits of the range that the keys span, some bits more than tell n evenly spread keys apart; insertion then
 * puts the few neighbours right that agree in them. More bits leave it fewer, which it cannot foresee, but where items do
 * not stay in the cache, they cost more than that. Where keys are too unevenly spread, by all bits. No key lies beyond
 * least and greatest. */
static void sort_items(
    RADIX_ITEM *items, int64_t n, RADIX_ITEM *scratch, int ignored, int64_t least, int64_t greatest)
{
    if (n <= 32) {
        sort_by_insertion(items, n, ignored);
        return;
    }
    least = (int64_t)((uint64_t)least >> ignored << ignored);
    const int range = bits_of((uint64_t)greatest - (uint64_t)least);
    const int wanted = bits_of((uint64_t)n) + (n * (int64_t)sizeof *items <= IN_CACHE ? 5 : 3);
    const int leading = wanted < range ? wanted : range;
    const int digits = (leading + DIGIT_BITS - 1) / DIGIT_BITS;
    if (digits > 0) {
        const int width = (leading + digits - 1) / digits;
        const int shift = range > digits * width ? range - digits * width : 0;
        sort_by_digits(items, n, scratch, least, shift, width, digits);
    }
    const int counted = range > ignored ? range - ignored : 0;
    if (!sort_by_insertion(items, n, ignored))
        sort_by_digits(
            items, n, scratch, least, ignored, DIGIT_BITS, (counted + DIGIT_BITS - 1) / DIGIT_BITS);
}
