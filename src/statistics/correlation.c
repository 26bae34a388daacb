#include "statistics/correlation.h"
#include "core/error.h"
#include "statistics/exact_sum.h"
#include "statistics/rational.h"
#include <math.h>
#include <stdbool.h>

/* Values that a thread takes in a go: all sums read them from the cache. */
enum { PIECE = 1024 };

enum { X, Y, XX, YY, XY, SUMS };

/* Add the sums of this rank's values. */
static void add_all(struct exact_sum *all, int threads, const double *x, const double *y, int64_t n)
{
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        struct exact_sum mine[SUMS];
        for (int k = 0; k < SUMS; k++)
            exact_sum_init(&mine[k]);
#pragma omp for schedule(static)
        for (int64_t begin = 0; begin < n; begin += PIECE) {
            const int64_t piece = n - begin < PIECE ? n - begin : PIECE;
            exact_sum_add_moments(&mine[X], &mine[XX], x + begin, piece);
            exact_sum_add_moments(&mine[Y], &mine[YY], y + begin, piece);
            exact_sum_add_products(&mine[XY], x + begin, y + begin, piece);
        }
#pragma omp critical(correlation_merge)
        for (int k = 0; k < SUMS; k++)
            exact_sum_merge(&all[k], &mine[k]);
    }
}

/* n Σuv - Σu Σv, in units of 2^(2 EXACT_SUM_UNIT). @param[out] central  initialized by the caller */
static void find_central(const struct exact_sum *sums, int u, int v, int uv, int64_t n, mpz_t central)
{
    mpz_t first, second;
    mpz_inits(first, second, NULL);
    exact_sum_integer(&sums[u], first);
    exact_sum_integer(&sums[v], second);
    exact_sum_integer(&sums[uv], central);
    mpz_mul_si(central, central, n);
    mpz_mul_2exp(central, central, -EXACT_SUM_UNIT);
    mpz_submul(central, first, second);
    mpz_clears(first, second, NULL);
}

double correlation_compute(MPI_Comm comm, int threads, const double *x, const double *y, int64_t n)
{
    struct exact_sum sums[SUMS];
    int64_t total = n;
    for (int k = 0; k < SUMS; k++)
        exact_sum_init(&sums[k]);
    add_all(sums, threads, x, y, n);
    exact_sum_reduce(comm, sums, SUMS);
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, &total, 1, MPI_INT64_T, MPI_SUM, comm));

    mpz_t of_x, of_y, of_both;
    mpz_inits(of_x, of_y, of_both, NULL);
    find_central(sums, X, X, XX, total, of_x);
    find_central(sums, Y, Y, YY, total, of_y);
    find_central(sums, X, Y, XY, total, of_both);
    const int sign = mpz_sgn(of_both);
    const bool do_vary = mpz_sgn(of_x) > 0 && mpz_sgn(of_y) > 0;
    mpz_mul(of_x, of_x, of_y);
    mpz_mul(of_both, of_both, of_both);
    const double square = do_vary ? rational_round(of_both, of_x, 0) : NAN;
    mpz_clears(of_x, of_y, of_both, NULL);
    return sign < 0 ? -sqrt(square) : sqrt(square);
}
