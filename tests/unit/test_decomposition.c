/* Every household has one owner, blocks are whole, shares differ by at most one block. */

#include "models/kesten.h"
#include "population/decomposition.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Small ones, those at the edges of 32 bits, and the largest; a rank, and as many as a large cluster has cores. */
static const int64_t populations[] = {1, 255, 256, 257, 50000, 65536, INT32_MAX, (int64_t)INT32_MAX + 1,
    (int64_t)INT32_MAX + 2, UINT32_MAX, (int64_t)UINT32_MAX + 2, (int64_t)1 << 38};
static const int sizes[] = {1, 2, 3, 5, 16, 1000, 100000};

static void check_shares(int64_t n_global, int size)
{
    int64_t next_block = 0, next_household = 0, least = INT64_MAX, most = 0;
    for (int rank = 0; rank < size; rank++) {
        const struct decomposition part = decomposition_of(n_global, rank, size);
        assert_int_equal(part.first_block, next_block);
        assert_int_equal(part.first_household, next_household);
        assert_true(part.n_local >= 0 && part.n_local <= part.n_blocks_local * BLOCK_SIZE);
        assert_true(
            part.n_local == part.n_blocks_local * BLOCK_SIZE || next_household + part.n_local == n_global);
        if (part.n_local > 0) {
            assert_int_equal(decomposition_owner(n_global, size, part.first_household), rank);
            assert_int_equal(
                decomposition_owner(n_global, size, part.first_household + part.n_local - 1), rank);
        }
        next_block += part.n_blocks_local;
        next_household += part.n_local;
        least = part.n_blocks_local < least ? part.n_blocks_local : least;
        most = part.n_blocks_local > most ? part.n_blocks_local : most;
    }
    assert_int_equal(next_household, n_global);
    assert_int_equal(next_block, decomposition_of(n_global, 0, size).n_blocks_global);
    assert_true(most - least <= 1);
}

static void test_shares(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof populations / sizeof populations[0]; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++)
            check_shares(populations[i], sizes[j]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shares)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
