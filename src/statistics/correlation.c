#include "statistics/correlation.h"
#include "core/error.h"
#include "statistics/exact_sum.h"
#include "statistics/rational.h"
#include "statistics/sort_labels.h"
#include <math.h>
#include <stdlib.h>

enum { X, Y, X_SQUARES, Y_SQUARES, PRODUCTS, SUMS };

/* Values that are in the near cache while all sums of them are made. */
enum { PIECE = 1024 };

static void add_piece(struct exact_sum *sums, const double *x, const double *y, int64_t n)
{
    exact_sum_add_moments(&sums[X], &sums[X_SQUARES], x, n);
    exact_sum_add_moments(&sums[Y], &sums[Y_SQUARES], y, n);
    exact_sum_add_products(&sums[PRODUCTS], x, y, n);
}

/* Of this rank. */
static void add_all(int threads, struct exact_sum *all, const double *x, const double *y, int64_t n)
{
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        struct exact_sum mine[SUMS] = {{.infinities = 0}};
#pragma omp for schedule(static)
        for (int64_t begin = 0; begin < n; begin += PIECE)
            add_piece(mine, x + begin, y + begin, n - begin < PIECE ? n - begin : PIECE);
#pragma omp critical(correlation_merge)
        for (int i = 0; i < SUMS; i++)
            exact_sum_merge(&all[i], &mine[i]);
    }
}

/* n Σab - Σa Σb, in units of 2^(2 EXACT_SUM_UNIT). */
static void deviations(mpz_t out, const struct exact_sum *products, const struct exact_sum *a,
    const struct exact_sum *b, int64_t n)
{
    mpz_t sum_a, sum_b, count;
    mpz_inits(sum_a, sum_b, NULL);
    mpz_init_set_si(count, n);
    exact_sum_integer(products, out);
    exact_sum_integer(a, sum_a);
    exact_sum_integer(b, sum_b);
    mpz_mul(out, out, count);
    mpz_mul_2exp(out, out, -EXACT_SUM_UNIT);
    mpz_submul(out, sum_a, sum_b);
    mpz_clears(sum_a, sum_b, count, NULL);
}

double correlation_of(const mpz_t product, const mpz_t square_x, const mpz_t square_y)
{
    if (mpz_sgn(square_x) == 0 || mpz_sgn(square_y) == 0)
        return NAN;
    mpz_t numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    mpz_mul(numerator, product, product);
    mpz_mul(denominator, square_x, square_y);
    const double root = sqrt(rational_round(numerator, denominator, 0));
    mpz_clears(numerator, denominator, NULL);
    return mpz_sgn(product) < 0 ? -root : root;
}

/* From the sums over all ranks. */
static double correlation_of_sums(const struct exact_sum *sums, int64_t n)
{
    if (sums[X].infinities > 0 || sums[Y].infinities > 0)
        return NAN;
    mpz_t product, square_x, square_y;
    mpz_inits(product, square_x, square_y, NULL);
    deviations(product, &sums[PRODUCTS], &sums[X], &sums[Y], n);
    deviations(square_x, &sums[X_SQUARES], &sums[X], &sums[X], n);
    deviations(square_y, &sums[Y_SQUARES], &sums[Y], &sums[Y], n);
    const double correlation = correlation_of(product, square_x, square_y);
    mpz_clears(product, square_x, square_y, NULL);
    return correlation;
}

double correlation_compute(
    MPI_Comm comm, int threads, const double *x, const double *y, int64_t n, int64_t n_global)
{
    struct exact_sum sums[SUMS] = {{.infinities = 0}};
    add_all(threads, sums, x, y, n);
    exact_sum_reduce(comm, sums, SUMS);
    return correlation_of_sums(sums, n_global);
}

/* ---- of sub-populations --------------------------------------------------------------------------------------------- */

/* A piece's neighbours of one label go together. */
static void add_labelled(
    struct exact_sum (*sums)[SUMS], const uint8_t *label, const double *x, const double *y, int n)
{
    for (int begin = 0, end = 0; begin < n; begin = end) {
        while (end < n && label[end] == label[begin])
            end++;
        add_piece(sums[label[begin]], x + begin, y + begin, end - begin);
    }
}

/* Of one thread, or of all: [parts]. */
static void add_parts(int thread, int threads, struct exact_sum (*sums)[SUMS], const double *x,
    const double *y, int64_t n, const struct sample_sort_labels *labels)
{
    uint8_t room[PIECE];
    const int64_t pieces = (n + PIECE - 1) / PIECE;
    for (int64_t piece = pieces * thread / threads; piece < pieces * (thread + 1) / threads; piece++) {
        const int64_t begin = piece * PIECE;
        const int here = (int)(n - begin < PIECE ? n - begin : PIECE);
        add_labelled(sums, sort_labels_of(labels, begin, here, room), x + begin, y + begin, here);
    }
}

int64_t correlation_bytes(int threads, int parts)
{
    return (int64_t)threads * parts * SUMS * (int64_t)sizeof(struct exact_sum);
}

enum status correlation_compute_parts(MPI_Comm comm, int threads, const double *x, const double *y, int64_t n,
    const struct sample_sort_labels *labels, const int64_t *size, double *of_all, double *of_parts)
{
    const int parts = labels->n;
    struct exact_sum(*sums)[SUMS] = calloc((size_t)threads * (size_t)parts, sizeof *sums);
    struct exact_sum all[SUMS] = {{.infinities = 0}};
    int64_t n_global = 0;
    const enum status status = error_agree(
        comm, sums ? WS_OK : error_memory((size_t)(threads * parts) * sizeof *sums, "correlations"));
    if (status == WS_OK) {
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
        for (int thread = 0; thread < threads; thread++)
            add_parts(thread, threads, sums + (int64_t)thread * parts, x, y, n, labels);
        for (int i = parts; i < threads * parts; i++)
            for (int k = 0; k < SUMS; k++)
                exact_sum_merge(&sums[i % parts][k], &sums[i][k]);
        exact_sum_reduce(comm, sums[0], parts * SUMS);
        for (int part = 0; part < parts; part++) {
            for (int k = 0; k < SUMS; k++)
                exact_sum_merge(&all[k], &sums[part][k]);
            n_global += size[part];
            of_parts[part] = size[part] > 0 ? correlation_of_sums(sums[part], size[part]) : NAN;
        }
        *of_all = correlation_of_sums(all, n_global);
    }
    free(sums);
    return status;
}
