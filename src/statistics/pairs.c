#include "statistics/pairs.h"

#define RADIX_ITEM      struct pair
#define RADIX_KEY(item) ((item).key)
#include "statistics/radix_sort.h"

void pairs_sort(struct pair *pairs, int64_t n, struct pair *scratch)
{
    int64_t least = n > 0 ? pairs[0].key : 0, greatest = least;
    for (int64_t i = 1; i < n; i++) {
        least = pairs[i].key < least ? pairs[i].key : least;
        greatest = pairs[i].key > greatest ? pairs[i].key : greatest;
    }
    sort_items(pairs, n, scratch, 0, least, greatest);
}
