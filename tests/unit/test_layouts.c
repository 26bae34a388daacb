/* The comparison's layouts: which there are, and that none wants more ranks, threads or cores than there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lecture/layouts.h"

static void expect(int cores, int ranks, int threads, const struct layout *expected, int n)
{
    struct layout layouts[LAYOUTS_MOST];
    assert_int_equal(layouts_list(cores, ranks, threads, layouts), n);
    for (int i = 0; i < n; i++) {
        assert_int_equal(layouts[i].kind, expected[i].kind);
        assert_int_equal(layouts[i].ranks, expected[i].ranks);
        assert_int_equal(layouts[i].threads, expected[i].threads);
    }
}

#define EXPECT(cores, ranks, threads, ...)                                                                   \
    expect(cores, ranks, threads, (const struct layout[]){__VA_ARGS__},                                      \
        (int)(sizeof(const struct layout[]){__VA_ARGS__} / sizeof(struct layout)))

static void test_lists(void **state)
{
    (void)state;
    EXPECT(1, 16, 16, {LAYOUT_SERIAL, 1, 1});
    EXPECT(2, 2, 2, {LAYOUT_SERIAL, 1, 1}, {LAYOUT_THREADS, 1, 2}, {LAYOUT_RANKS, 2, 1});
    EXPECT(2, 1, 2, {LAYOUT_SERIAL, 1, 1}, {LAYOUT_THREADS, 1, 2});
    EXPECT(2, 16, 1, {LAYOUT_SERIAL, 1, 1}, {LAYOUT_RANKS, 2, 1});
    EXPECT(6, 6, 6, {LAYOUT_SERIAL, 1, 1}, {LAYOUT_THREADS, 1, 2}, {LAYOUT_RANKS, 2, 1},
        {LAYOUT_THREADS, 1, 4}, {LAYOUT_RANKS, 4, 1}, {LAYOUT_HYBRID, 2, 2}, {LAYOUT_THREADS, 1, 6},
        {LAYOUT_RANKS, 6, 1}, {LAYOUT_HYBRID, 3, 2});
    EXPECT(8, 2, 4, {LAYOUT_SERIAL, 1, 1}, {LAYOUT_THREADS, 1, 2}, {LAYOUT_RANKS, 2, 1},
        {LAYOUT_THREADS, 1, 4}, {LAYOUT_HYBRID, 2, 2});
}

/* At any sizes. */
static void test_limits(void **state)
{
    static const int sizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 31, 64, 97, 128, 1000, 65536, 16777216};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    struct layout layouts[LAYOUTS_MOST];
    (void)state;
    for (int c = 0; c < SIZES; c++)
        for (int r = 0; r < SIZES; r++)
            for (int t = 0; t < SIZES; t++) {
                const int n = layouts_list(sizes[c], sizes[r], sizes[t], layouts);
                assert_true(n >= 1 && n <= LAYOUTS_MOST);
                for (int i = 0, last = 1; i < n; i++) {
                    const int cores = layouts[i].ranks * layouts[i].threads;
                    assert_true(layouts[i].ranks <= sizes[r] && layouts[i].threads <= sizes[t]);
                    assert_true(cores <= sizes[c] && cores >= last);
                    assert_int_equal(
                        layouts[i].kind == LAYOUT_HYBRID, layouts[i].ranks > 1 && layouts[i].threads > 1);
                    last = cores;
                }
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
