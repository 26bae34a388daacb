/* Exact sums over ranks are those of one rank that has all terms, however many sums travel together. */
#include "core/comm.h"
#include "statistics/exact_sum.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { SUMS = 131 };

static struct comm comm;
static struct exact_sum mine[SUMS], all[SUMS];

/* What a rank adds to a sum: nothing for some, else of either sign and any size, which may cancel another rank's. */
static double term_of(int rank, int sum)
{
    const int kind = (rank * 31 + sum * 17) % 7;
    const double sign = (rank + sum) % 2 == 0 ? 1 : -1;
    const double size[] = {0, 0x1p-1070, 1e-300, 3, 1e15 + rank, 1e300, 0x1.fffffffffffffp1023};
    return sign * size[kind];
}

static void add_terms(int count, int rank, struct exact_sum *sums)
{
    for (int i = 0; i < count; i++) {
        const double term = term_of(rank, i);
        exact_sum_add(&sums[i], &term, 1);
        exact_sum_add_products(&sums[i], &term, &term, 1);
    }
}

/* @param infinite  the rank that adds an infinity to the last sum, or none */
static void check(int count, int infinite)
{
    const double infinity = INFINITY;
    for (int i = 0; i < count; i++) {
        exact_sum_init(&mine[i]);
        exact_sum_init(&all[i]);
    }
    add_terms(count, comm.rank, mine);
    for (int rank = 0; rank < comm.size; rank++)
        add_terms(count, rank, all);
    if (comm.rank == infinite)
        exact_sum_add(&mine[count - 1], &infinity, 1);
    exact_sum_reduce(comm.world, mine, count);
    mpz_t sum, wanted;
    mpz_inits(sum, wanted, NULL);
    for (int i = 0; i < count; i++) {
        exact_sum_integer(&mine[i], sum);
        exact_sum_integer(&all[i], wanted);
        assert_int_equal(mpz_cmp(sum, wanted), 0);
        assert_int_equal(mine[i].infinities, i == count - 1 && infinite < comm.size);
    }
    mpz_clears(sum, wanted, NULL);
}

static void test_sums_together(void **state)
{
    (void)state;
    for (int count = 1; count <= SUMS; count += count < 9 ? 1 : 61)
        for (int infinite = 0; infinite <= comm.size; infinite += comm.size)
            check(count, infinite);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sums_together)};
    comm_start(&comm, &argc, &argv);
    return comm_end(&comm, cmocka_run_group_tests(tests, NULL, NULL));
}
