/* No number of a stream is one of another stream's, but in pmlcg, which says so. */
#include "random/family.h"
#include "random/sprng.h"
#include "random/stream.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { STREAMS = 256, NUMBERS = 8192, TOTAL = STREAMS * NUMBERS };

static int by_value(const void *a, const void *b)
{
    const uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return (one > other) - (one < other);
}

/* How many of all numbers, as the 52 bits of sprng(), were there before. By chance it would be 0.0005, of lcg's 48 bits 0.008. */
static int64_t repetitions(enum rng_family family, uint64_t *words)
{
    struct streams *streams = NULL;
    int64_t repeated = 0;
    assert_int_equal(streams_create(&streams, family, 1, 0, STREAMS, 1), WS_OK);
    for (int64_t b = 0; b < STREAMS; b++)
        streams_fill(streams, b, NUMBERS, words + b * NUMBERS);
    streams_destroy(streams);
    for (int64_t i = 0; i < TOTAL; i++)
        words[i] >>= 12;
    qsort(words, TOTAL, sizeof *words, by_value);
    for (int64_t i = 1; i < TOTAL; i++)
        repeated += words[i] == words[i - 1];
    return repeated;
}

static void test_shared_numbers(void **unused)
{
    (void)unused;
    uint64_t *words = malloc(TOTAL * sizeof *words);
    assert_non_null(words);
    for (int i = 0; i < RNG_FAMILIES; i++) {
        const enum rng_family family = (enum rng_family)i;
        if (!sprng_has(family))
            continue;
        const int64_t n = repetitions(family, words);
        printf("%s: %.3g %% of the numbers of %d streams were there before\n", rng_family_name(family),
            100. * (double)n / TOTAL, STREAMS);
        assert_int_equal(n > 1, !rng_family_is_independent(family));
    }
    free(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shared_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
