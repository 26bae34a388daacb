#include "statistics/bins.h"
#include "statistics/key.h"

void VECTOR(bins_index)(int64_t first, int64_t last, int shift, const double *x, int n, uint16_t *index)
{
    for (int i = 0; i < n; i++) {
        int64_t key = key_of(x[i]);
        key = key < first ? first : key;
        key = key > last ? last : key;
        index[i] = (uint16_t)(((uint64_t)key - (uint64_t)first) >> shift);
    }
}
