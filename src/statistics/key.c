#include "statistics/key.h"

#define RADIX_ITEM      int64_t
#define RADIX_KEY(item) (item)
#include "statistics/radix_sort.h"

void key_sort(int64_t *keys, int64_t n, int64_t *scratch, int ignored)
{
    int64_t least = 0, greatest = 0;
    key_bounds(keys, n, &least, &greatest);
    sort_items(keys, n, scratch, ignored, least, greatest);
}
