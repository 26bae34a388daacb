/* The recorded numbers of mlfg: SPRNG's own, and what our own code gives. */
#include "random/mlfg_recorded.h"
#include "random/stream.h"
#include "simd/simd.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "linked_sprng.h"

static void test_records_are_of_sprng(void **unused)
{
    (void)unused;
    need_sprng();
    for (int r = 0; r < MLFG_RECORDS; r++) {
        const struct mlfg_record *record = &mlfg_records[r];
        uint64_t words[MLFG_RECORD_NUMBERS];
        int *object =
            init_sprng(SPRNG_MLFG, (int)record->stream, (int)record->stream + 1, (int)record->seed, 3);
        assert_non_null(object);
        for (int i = 0; i < STREAM_DISCARD; i++)
            sprng(object);
        for (int i = 0; i < MLFG_RECORD_NUMBERS; i++)
            words[i] = (uint64_t)(sprng(object) * 0x1p52) << 12;
        assert_int_equal(mlfg_record_digest(words), record->digest);
        free_sprng(object);
    }
}

static void test_ours_at_every_level(void **unused)
{
    (void)unused;
    for (struct simd_tour tour = simd_tour(); simd_next(&tour);) {
        for (int r = 0; r < MLFG_RECORDS; r++)
            assert_true(mlfg_gives(&mlfg_records[r]));
        assert_true(mlfg_gives_all());
    }
}

/* Another seed, another stream, another number: none is taken for the record's. */
static void test_others_are_seen(void **unused)
{
    (void)unused;
    for (int r = 0; r < MLFG_RECORDS; r++)
        for (int k = 0; k < 3; k++) {
            struct mlfg_record other = mlfg_records[r];
            other.seed ^= k == 0;
            other.stream ^= k == 1;
            other.digest ^= k == 2;
            assert_false(mlfg_gives(&other));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_are_of_sprng),
        cmocka_unit_test(test_ours_at_every_level),
        cmocka_unit_test(test_others_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
