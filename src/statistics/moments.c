#include "statistics/moments.h"
#include "core/error.h"
#include "statistics/exact_block.h"
#include "statistics/key.h"
#include <math.h>
#include <stdbool.h>

/* Values that a thread takes in a go: sums and range read them from the cache. */
enum { PIECE = 4 * EXACT_BLOCK };

struct part {
    struct exact_sum values, squares;
    int64_t least, greatest; /* keys */
};

static void add_piece(struct part *part, const double *x, int n)
{
    exact_sum_add_moments(&part->values, &part->squares, x, n);
    int64_t least = KEY_GREATEST, greatest = KEY_LEAST;
    exact_block_keys(x, n, &least, &greatest);
    part->least = least < part->least ? least : part->least;
    part->greatest = greatest > part->greatest ? greatest : part->greatest;
}

/* Sums and range of this rank's values. */
static struct part part_of(int threads, const double *x, int64_t n)
{
    struct part all = {.least = KEY_GREATEST, .greatest = KEY_LEAST};
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        struct part mine = {.least = KEY_GREATEST, .greatest = KEY_LEAST};
#pragma omp for schedule(static)
        for (int64_t begin = 0; begin < n; begin += PIECE)
            add_piece(&mine, x + begin, n - begin < PIECE ? (int)(n - begin) : PIECE);
#pragma omp critical(moments_merge)
        {
            exact_sum_merge(&all.values, &mine.values);
            exact_sum_merge(&all.squares, &mine.squares);
            all.least = mine.least < all.least ? mine.least : all.least;
            all.greatest = mine.greatest > all.greatest ? mine.greatest : all.greatest;
        }
    }
    return all;
}

/* The variance of the values times 2^scale, by a second pass: their squares stay in range. Collective. */
static double variance_of_scaled(MPI_Comm comm, const double *x, int64_t n, int64_t total, int scale)
{
    const double factor = ldexp(1, scale);
    double scaled[PIECE];
    struct exact_sum sums[2];
    exact_sum_init(&sums[0]);
    exact_sum_init(&sums[1]);
    for (int64_t begin = 0; begin < n; begin += PIECE) {
        const int piece = n - begin < PIECE ? (int)(n - begin) : PIECE;
        for (int i = 0; i < piece; i++)
            scaled[i] = x[begin + i] * factor;
        exact_sum_add_moments(&sums[0], &sums[1], scaled, piece);
    }
    exact_sum_reduce(comm, sums, 2);
    return exact_sum_variance(&sums[0], &sums[1], total);
}

/* Far enough from the ends of the doubles' range for the variance to be as exact when it is scaled. */
static bool is_in_range(double variance)
{
    return variance > 0x1p-900 && variance < INFINITY;
}

static void find_scale(MPI_Comm comm, const double *x, int64_t n, struct moments *moments)
{
    const double greatest = fmax(moments->maximum, -moments->minimum);
    int exponent = 0;
    if (!(greatest > 0) || isinf(greatest)) {
        moments->scaled_variance = moments->variance;
        return;
    }
    frexp(greatest, &exponent);
    moments->scale = exponent > 1000 ? -1000 : exponent < -1000 ? 1000 : -exponent;
    if (is_in_range(moments->variance))
        moments->scaled_variance = ldexp(moments->variance, 2 * moments->scale);
    else if (moments->minimum < moments->maximum)
        moments->scaled_variance = variance_of_scaled(comm, x, n, moments->n, moments->scale);
}

struct moments moments_compute(MPI_Comm comm, int threads, const double *x, int64_t n, int64_t n_global)
{
    const struct part all = part_of(threads, x, n);
    struct exact_sum sums[2] = {all.values, all.squares};
    exact_sum_reduce(comm, sums, 2);
    int64_t range[2] = {all.least, -all.greatest};
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, range, 2, MPI_INT64_T, MPI_MIN, comm));
    struct moments moments = {.n = n_global,
        .mean = exact_sum_mean(&sums[0], n_global),
        .variance = exact_sum_variance(&sums[0], &sums[1], n_global),
        .minimum = key_value(range[0]),
        .maximum = key_value(-range[1]),
        .values = sums[0]};
    find_scale(comm, x, n, &moments);
    return moments;
}
