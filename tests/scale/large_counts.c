/* Statistics of more values than 32-bit counts hold, out of a mebibyte: the same pages stand in the ranks' address space
 * thousands of times. Of values that are all there equally often the answers are known from once. Run on any number of
 * ranks. */
#include "arrays.h"
#include "statistics/order.h"
#include "statistics/summary.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATTERN = 1 << 17 }; /* values of the pages */
static const size_t bytes = PATTERN * sizeof(double);

static int rank, size;

struct repeated {
    double *x; /* [n] */
    int64_t n, times;
};

/* This rank's share of so many repeats on all ranks. */
static struct repeated repeat(int64_t repeats, double (*value)(int64_t i))
{
    struct repeated r = {.times = repeats * (rank + 1) / size - repeats * rank / size};
    r.n = r.times * PATTERN;
    const int file = memfd_create("pattern", 0);
    assert_true(file >= 0 && ftruncate(file, (off_t)bytes) == 0);
    const size_t room = (size_t)r.times * bytes + 1;
    char *place = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(place != MAP_FAILED);
    for (int64_t i = 0; i < r.times; i++) {
        const char *page =
            mmap(place + (size_t)i * bytes, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
        assert_true(page != MAP_FAILED);
    }
    r.x = (double *)(void *)place;
    for (int64_t i = 0; i < PATTERN && r.times > 0; i++)
        r.x[i] = value(i);
    close(file);
    return r;
}

static void forget(struct repeated *r)
{
    munmap(r->x, (size_t)r->times * bytes + 1);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void positions_past_32_bits(void **state)
{
    static double sorted[PATTERN];
    const int64_t repeats = (1 << 15) + 16, n = repeats * PATTERN; /* 2^32 + 2^21 */
    const int64_t asked[] = {0, n / 2, INT64_C(1) << 31, (INT64_C(1) << 31) - 1, INT64_C(1) << 32,
        (INT64_C(1) << 32) - 1, n - 1, n / 4 * 3 + 1};
    enum { ASKED = sizeof asked / sizeof *asked };
    double found[ASKED];
    struct repeated r = repeat(repeats, smooth);
    (void)state;
    for (int64_t i = 0; i < PATTERN; i++)
        sorted[i] = smooth(i);
    qsort(sorted, PATTERN, sizeof *sorted, compare);
    assert_int_equal(order_statistics(MPI_COMM_WORLD, 1, r.x, r.n, asked, ASKED, found), WS_OK);
    for (int i = 0; i < ASKED; i++)
        assert_true(found[i] == sorted[asked[i] / repeats]);
    forget(&r);
}

/* Of few values, each of which is there hundreds of millions of times. */
static void summary_past_31_bits(void **state)
{
    const int64_t repeats = (1 << 14) + 1; /* 2^31 + 2^17 values */
    static double once[PATTERN];
    static const double probability[] = {0.25, 0.5};
    const struct summary_asked asked = {.probability = probability, .n_probability = 2};
    struct summary *both = summaries_create(2, 0, probability, 2);
    struct summary *all = &both[0], *alone = &both[1];
    struct repeated r = repeat(repeats, few_values);
    (void)state;
    assert_non_null(both);
    for (int64_t i = 0; i < PATTERN; i++)
        once[i] = few_values(i);
    assert_int_equal(summary_compute(MPI_COMM_WORLD, 1, r.x, r.n, repeats * PATTERN, &asked, all), WS_OK);
    assert_int_equal(summary_compute(MPI_COMM_SELF, 1, once, PATTERN, PATTERN, &asked, alone), WS_OK);
    assert_int_equal(all->n, repeats * PATTERN);
    assert_true(all->mean == alone->mean && all->variance == alone->variance && all->gini == alone->gini);
    assert_true(all->minimum == 0 && all->maximum == 4 && all->median.value == alone->median.value);
    const double fewer = sqrt((double)repeats);
    assert_true(fabs(all->mean_error * fewer / alone->mean_error - 1) < 1e-12);
    assert_true(
        fabs(all->gini_error * fewer / alone->gini_error - 1) < 4.0 / PATTERN); /* n and n - 1 differ */
    for (int i = 0; i < 2; i++)
        assert_true(
            all->lorenz[i] == alone->lorenz[i] && all->quantiles[i].value == alone->quantiles[i].value);
    for (int i = 0; i < HILL_SIZES; i++)
        assert_in_range(all->hill[i].k, alone->hill[i].k * repeats, (alone->hill[i].k + 1) * repeats);
    free(both);
    forget(&r);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_past_32_bits), cmocka_unit_test(summary_past_31_bits)};
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    MPI_Finalize();
    return failed;
}
