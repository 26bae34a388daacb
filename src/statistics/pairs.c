#include "statistics/pairs.h"

#define RADIX_ITEM      struct pair
#define RADIX_KEY(item) ((item).key)
#include "statistics/radix_sort.h"

void pairs_sort(struct pair *pairs, int64_t n, struct pair *scratch)
{
    sort_items(pairs, n, scratch, 0);
}
