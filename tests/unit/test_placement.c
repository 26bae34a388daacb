/* Who can have a core of their own: against all ways to hand cores out; and sets of cores as texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/launcher.h"
#include "core/placement.h"

static cpu_set_t set_of(unsigned bits)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    for (size_t core = 0; core < 8; core++)
        if (bits >> core & 1)
            CPU_SET(core, &cores);
    return cores;
}

/* By trying everything: each seat gets one of its cores that is still free, or none. */
static int most_matched(const unsigned *allowed, int n, unsigned taken)
{
    if (n == 0)
        return 0;
    int most = most_matched(allowed + 1, n - 1, taken);
    for (unsigned core = 1; core < 64; core <<= 1)
        if (*allowed & core & ~taken) {
            const int matched = 1 + most_matched(allowed + 1, n - 1, taken | core);
            most = matched > most ? matched : most;
        }
    return most;
}

static void test_matching(void **state)
{
    uint32_t random = 1;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        enum { MOST = 5 };
        const int n = 1 + round % MOST;
        unsigned allowed[MOST];
        struct seat seats[MOST] = {{.rank = 0}};
        bool has_own[MOST];
        int owners = 0;
        for (int i = 0; i < n; i++) {
            random = random * 1664525u + 1013904223u;
            allowed[i] = random >> 13 & random >> 21 & 63;
            seats[i].allowed = set_of(allowed[i]);
        }
        const int matched = placement_match(seats, n, has_own);
        for (int i = 0; i < n; i++)
            owners += has_own[i];
        assert_int_equal(matched, most_matched(allowed, n, 0));
        assert_int_equal(owners, matched);
    }
}

static void expect_text(unsigned bits, size_t bytes, const char *expected)
{
    const cpu_set_t cores = set_of(bits);
    char text[32];
    assert_string_equal(placement_cores(&cores, text, bytes), expected);
}

static void test_texts(void **state)
{
    (void)state;
    expect_text(0, 32, "");
    expect_text(0x01, 32, "0");
    expect_text(0x0f, 32, "0-3");
    expect_text(0xb5, 32, "0,2,4-5,7");
    expect_text(0xb5, 30, "0,2,4-5...");
    expect_text(0x83, 32, "0-1,7");
}

/* What a host of two ranks is told. */
static void advise(unsigned first, unsigned second, int threads, char *said, size_t bytes)
{
    struct seat seats[4];
    char hosts[1][PLACEMENT_HOST] = {"here"};
    struct placement placement = {.n = 2 * threads, .seats = seats, .hosts = hosts, .n_hosts = 1};
    for (int i = 0; i < placement.n; i++)
        seats[i] = (struct seat){
            .rank = i / threads, .thread = i % threads, .allowed = set_of(i < threads ? first : second)};
    FILE *out = fmemopen(said, bytes, "w");
    assert_non_null(out);
    placement_advise(&placement, out);
    fclose(out);
}

static void test_advice(void **state)
{
    char said[1024], advice[128];
    (void)state;
    advise(0x3, 0x3, 1, said, sizeof said);
    assert_string_equal(said, "  Each thread can have a core of its own.\n");
    advise(0x1, 0x2, 2, said, sizeof said);
    assert_non_null(strstr(said, "the 2 threads of rank 0 share core 0: start the ranks with "));
    assert_non_null(strstr(said, launcher_advice(2, advice, sizeof advice)));
    assert_non_null(strstr(said, "4 threads of all ranks share 2 cores"));
    advise(0x1, 0xc, 2, said, sizeof said);
    assert_non_null(strstr(said, "the 2 threads of rank 0 share core 0"));
    advise(0x1, 0x1, 1, said, sizeof said);
    assert_non_null(strstr(said, "2 threads of all ranks share 1 core"));
    advise(0x7, 0x7, 2, said, sizeof said);
    assert_non_null(strstr(said, "4 threads of all ranks share 3 cores"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matching),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_advice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
