#include "statistics/pair_shares.h"
#include "statistics/sort_parts.h"
#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 1024 };

int64_t pair_shares_bytes(int threads)
{
    return (int64_t)(threads + 1) * threads * (int64_t)sizeof(int64_t);
}

bool pair_shares_create(struct pair_shares *shares, int threads)
{
    *shares =
        (struct pair_shares){.threads = threads, .splitter = malloc((size_t)pair_shares_bytes(threads))};
    if (shares->splitter)
        shares->place = shares->splitter + threads;
    return shares->splitter != NULL;
}

void pair_shares_destroy(struct pair_shares *shares)
{
    free(shares->splitter);
    shares->splitter = NULL;
}

/* At even steps of a sample. */
static void choose_splitters(const struct pair_shares *shares, const struct pair *pairs, int64_t n)
{
    struct pair sample[SAMPLE], scratch[SAMPLE];
    const int size = n < SAMPLE ? (int)n : SAMPLE, threads = shares->threads;
    for (int i = 0; i < size; i++)
        sample[i] = pairs[sort_first_of(n, size, i)];
    pairs_sort(sample, size, scratch);
    for (int t = 0; t < threads; t++)
        shares->splitter[t] = t > 0 && size > 0 ? sample[(int64_t)size * t / threads].key : INT64_MIN;
}

static int share_of(const struct pair_shares *shares, const struct pair *pair)
{
    return sort_part_of(shares->splitter, shares->threads, pair->key);
}

void pair_shares_divide(const struct pair_shares *shares, const struct pair *from, int64_t n, struct pair *to)
{
    const int threads = shares->threads;
    choose_splitters(shares, from, n);
    memset(shares->place, 0, (size_t)threads * (size_t)threads * sizeof *shares->place);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int t = 0; t < threads; t++) {
        const int64_t end = sort_first_of(n, threads, t + 1);
        for (int64_t i = sort_first_of(n, threads, t); i < end; i++)
            shares->place[(int64_t)t * threads + share_of(shares, &from[i])]++;
    }
    int64_t place = 0;
    for (int share = 0; share < threads; share++)
        for (int t = 0; t < threads; t++) {
            const int64_t count = shares->place[(int64_t)t * threads + share];
            shares->place[(int64_t)t * threads + share] = place;
            place += count;
        }
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int t = 0; t < threads; t++) {
        const int64_t end = sort_first_of(n, threads, t + 1);
        int64_t *next = shares->place + (int64_t)t * threads;
        for (int64_t i = sort_first_of(n, threads, t); i < end; i++)
            to[next[share_of(shares, &from[i])]++] = from[i];
    }
}

/* The last thread's last pair of it. */
int64_t pair_shares_end(const struct pair_shares *shares, int share)
{
    return shares->place[(int64_t)(shares->threads - 1) * shares->threads + share];
}
