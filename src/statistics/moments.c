#include "statistics/moments.h"
#include "runtime/error.h"
#include "statistics/exact_block.h"
#include "statistics/key.h"

static void (*const key_range[])(const double *, int, int64_t *, int64_t *) = VECTOR_TABLE(exact_block_keys);

/* Values that a thread takes in a go: sums and range read them from the cache. */
enum { PIECE = 4 * EXACT_BLOCK };

struct part {
    struct exact_sum values, squares;
    int64_t least, greatest; /* keys */
};

static void add_piece(enum vector_level level, struct part *part, const double *x, int n)
{
    exact_sum_add_moments(level, &part->values, &part->squares, x, n);
    int64_t least = KEY_GREATEST, greatest = KEY_LEAST;
    key_range[level](x, n, &least, &greatest);
    part->least = least < part->least ? least : part->least;
    part->greatest = greatest > part->greatest ? greatest : part->greatest;
}

struct moments moments_compute(MPI_Comm comm, int threads, const double *x, int64_t n)
{
    const enum vector_level level = vector_level();
    struct part all = {.least = KEY_GREATEST, .greatest = KEY_LEAST};
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        struct part mine = {.least = KEY_GREATEST, .greatest = KEY_LEAST};
#pragma omp for schedule(static)
        for (int64_t begin = 0; begin < n; begin += PIECE)
            add_piece(level, &mine, x + begin, n - begin < PIECE ? (int)(n - begin) : PIECE);
#pragma omp critical(moments_merge)
        {
            exact_sum_merge(&all.values, &mine.values);
            exact_sum_merge(&all.squares, &mine.squares);
            all.least = mine.least < all.least ? mine.least : all.least;
            all.greatest = mine.greatest > all.greatest ? mine.greatest : all.greatest;
        }
    }

    struct exact_sum sums[2] = {all.values, all.squares};
    exact_sum_reduce(comm, sums, 2);
    int64_t range[2] = {all.least, -all.greatest}, total = n;
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, range, 2, MPI_INT64_T, MPI_MIN, comm));
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, &total, 1, MPI_INT64_T, MPI_SUM, comm));
    return (struct moments){.n = total,
        .mean = exact_sum_mean(&sums[0], total),
        .variance = exact_sum_variance(&sums[0], &sums[1], total),
        .minimum = key_value(range[0]),
        .maximum = key_value(-range[1]),
        .values = sums[0]};
}
