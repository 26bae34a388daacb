/* Which periods are recorded, and what it all takes: counts and bytes to the ends of what the options allow. Datasets of
 * more than 2^31 values are too large to write in a test: their arithmetic is what is tested. */

#include "commands/run_result.h"
#include "files/records.h"
#include "models/kesten.h"
#include "population/decomposition.h"
#include "population/paths.h"
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const int64_t most_households = (int64_t)1 << 38;

static struct recording recording_with(int64_t periods, int64_t every)
{
    return (struct recording){.periods = periods, .every = every, .n_quantiles = 9};
}

static struct run_options options_with(int64_t periods, int64_t every)
{
    return (struct run_options){
        .households = 1000, .recording = recording_with(periods, every), .coalescence = NAN};
}

/* Step by step, as a run does, against the definition: 0, K, 2K, … and T. */
static void check_walk(int64_t periods, int64_t every)
{
    const struct recording recording = recording_with(periods, every);
    int64_t recorded = 0, next = 0;
    for (int64_t period = 0; period <= periods; period++) {
        const int is_due = period == periods || (every > 0 && period % every == 0);
        assert_int_equal(recording_due(&recording, period), is_due);
        if (is_due) {
            assert_true(next == period || (period == 0 && every > 0) || recorded == 0);
            recorded++;
        }
        if (is_due && period < periods)
            next = period + recording_next(&recording, period);
        else if (period < periods && recorded > 0)
            assert_int_equal(period + recording_next(&recording, period), next);
    }
    assert_int_equal(recording_count(&recording), recorded);
}

static void test_walks(void **state)
{
    (void)state;
    for (int64_t periods = 0; periods <= 30; periods++)
        for (int64_t every = 0; every <= 32; every++)
            check_walk(periods, every);
}

/* At the options' limits. */
static void test_longest(void **state)
{
    struct recording recording = recording_with(INT_MAX, 1);
    (void)state;
    assert_int_equal(recording_count(&recording), (int64_t)INT_MAX + 1);
    assert_int_equal(recording_next(&recording, INT_MAX - 1), 1);
    recording.every = 2;
    assert_int_equal(recording_count(&recording), ((int64_t)1 << 30) + 1);
    assert_true(recording_due(&recording, INT_MAX - 1) && recording_due(&recording, INT_MAX));
    recording.every = INT_MAX;
    assert_int_equal(recording_count(&recording), 2);
    assert_int_equal(recording_next(&recording, 0), INT_MAX);
    recording.every = INT_MAX - 1;
    assert_int_equal(recording_count(&recording), 3);
    assert_int_equal(recording_next(&recording, INT_MAX - 1), 1);
    recording.periods = 10;
    assert_int_equal(recording_count(&recording), 2);
}

/* Bytes grow with all that is asked for, and do not run over. */
static void test_bytes(void **state)
{
    struct run_options options = options_with(INT_MAX, 1);
    (void)state;
    const int64_t nine = records_bytes(&options.recording, &model_kesten, 1);
    assert_true(nine > 8 * (int64_t)INT_MAX * (12 + 5 * 9) && nine < 8 * (int64_t)INT_MAX * 200);
    options.recording.n_quantiles = OPTION_LIST;
    assert_true(records_bytes(&options.recording, &model_kesten, 1) > nine &&
                records_bytes(&options.recording, &model_kesten, 1) < (int64_t)1 << 50);
    assert_true(run_result_bytes(&options, 1) >=
                records_bytes(&options.recording, &model_kesten, 1) + 8 * options.households);

    options = options_with(10, 0);
    options.households = most_households;
    assert_true(run_result_bytes(&options, 1) >= 8 * most_households);
    options.paths = most_households;
    assert_true(run_result_bytes(&options, 1) >= 8 * most_households * 12);
    options.no_wealth = true;
    assert_true(run_result_bytes(&options, 1) >= 8 * most_households * 11);
    assert_true(run_result_bytes(&options, 1) < 8 * most_households * 12);
}

/* The paths of 2^30 households over 2^31 steps take 2^64 bytes. That no disk has them must come out, not what is left of
 * them modulo 2^64. */
static void test_bytes_beyond_counting(void **state)
{
    (void)state;
    for (int shift = 20; shift <= 38; shift++) {
        struct run_options options = options_with(INT_MAX, 0);
        options.households = options.paths = (int64_t)1 << shift;
        assert_true(run_result_bytes(&options, 1) >= (int64_t)1 << (shift < 24 ? shift + 34 : 58));
    }
}

/* Rows of the file: every household has one, also past 2^31 and 2^32, and they lie next to each other. */
static void test_offsets(void **state)
{
    const int64_t populations[] = {
        INT_MAX, (int64_t)INT_MAX + 1, (int64_t)UINT32_MAX + 2, 5000000001, most_households};
    const int sizes[] = {1, 2, 3, 7, 4096};
    (void)state;
    for (size_t i = 0; i < sizeof populations / sizeof *populations; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            int64_t rows = 0;
            for (int rank = 0; rank < sizes[j]; rank++) {
                const struct decomposition part = decomposition_of(populations[i], rank, sizes[j]);
                assert_true(part.first_household == rows && part.n_local > 0);
                rows += part.n_local;
            }
            assert_true(rows == populations[i]);
            assert_int_equal(decomposition_owner(populations[i], sizes[j], populations[i] - 1), sizes[j] - 1);
        }
}

/* Paths of a rank: those of its households that are among the first M, wherever its part begins. */
static void test_path_bytes(void **state)
{
    const int64_t n = 5000000001, kept[] = {1, 256, 1666666880, 1666666881, (int64_t)1 << 32, n};
    (void)state;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        int64_t bytes = 0;
        for (int rank = 0; rank < 3; rank++) {
            const struct decomposition part = decomposition_of(n, rank, 3);
            bytes += paths_bytes(&part, 1, 0, kept[i], 9);
        }
        assert_int_equal(bytes, kept[i] * 10 * 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walks),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_bytes_beyond_counting),
        cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_path_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
