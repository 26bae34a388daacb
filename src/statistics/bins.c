#include "statistics/bins.h"
#include "statistics/key.h"

struct bins bins_over(int64_t first, int64_t last, int most)
{
    struct bins bins = {
        .first = first > KEY_LEAST ? first - 1 : first, .last = last < KEY_GREATEST ? last + 1 : last};
    while (((uint64_t)bins.last - (uint64_t)bins.first) >> bins.shift >= (uint64_t)most)
        bins.shift++;
    bins.count = bins_find(&bins, bins.last) + 1;
    return bins;
}

int64_t bins_first_key(const struct bins *bins, int bin)
{
    return bin == 0 ? KEY_LEAST : (int64_t)((uint64_t)bins->first + ((uint64_t)bin << bins->shift));
}

int64_t bins_last_key(const struct bins *bins, int bin)
{
    return bin == bins->count - 1 ? KEY_GREATEST : bins_first_key(bins, bin + 1) - 1;
}

/* Neighbours often fall into the same bin: two sets of counters keep an addition from waiting for the one
 * before. They are 32 bits wide and emptied before they can overflow. */
void bins_count(int threads, const struct bins *bins, const double *x, int64_t n, int64_t *count)
{
    memset(count, 0, (size_t)bins->count * sizeof *count);
    const int64_t blocks = (n + BINS_BLOCK - 1) / BINS_BLOCK, most_blocks = (int64_t)1 << 21;
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        uint32_t counter[2][BINS_MOST];
        memset(counter[0], 0, (size_t)bins->count * sizeof counter[0][0]);
        memset(counter[1], 0, (size_t)bins->count * sizeof counter[1][0]);
        int64_t counted = 0;
#pragma omp for schedule(static)
        for (int64_t block = 0; block < blocks; block++) {
            const int64_t begin = block * BINS_BLOCK;
            const int size = n - begin < BINS_BLOCK ? (int)(n - begin) : BINS_BLOCK;
            uint16_t index[BINS_BLOCK];
            bins_index(bins->first, bins->last, bins->shift, x + begin, size, index);
            int i = 0;
            for (; i + 1 < size; i += 2) {
                counter[0][index[i]]++;
                counter[1][index[i + 1]]++;
            }
            if (i < size)
                counter[0][index[i]]++;

            if (++counted % most_blocks == 0)
                for (int b = 0; b < bins->count; b++) {
#pragma omp atomic
                    count[b] += (int64_t)counter[0][b] + counter[1][b];
                    counter[0][b] = counter[1][b] = 0;
                }
        }
        for (int b = 0; b < bins->count; b++) {
#pragma omp atomic
            count[b] += (int64_t)counter[0][b] + counter[1][b];
        }
    }
}

int bins_pick(const struct bins *bins, const bool *wanted, const double *x, int n, int64_t *keys)
{
    uint16_t index[BINS_BLOCK];
    double picked[BINS_BLOCK];
    bins_index(bins->first, bins->last, bins->shift, x, n, index);
    int size = 0;
    for (int i = 0; i < n; i++) {
        picked[size] = x[i];
        size += wanted[index[i]];
    }
    for (int i = 0; i < size; i++)
        keys[i] = key_of(picked[i]); // NOLINT(clang-analyzer-core.CallAndMessage): size values were picked
    return size;
}
