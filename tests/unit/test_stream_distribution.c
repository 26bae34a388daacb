/* The streams side by side are uniform, share no numbers, and their shocks add up as independent normals do. sample.h says
 * when a trial fails, and how rarely that is bad luck; test_stream_dependence.c shows what the trials find in broken streams. */
#include "distribution.h"

enum { SEED = 7, BLOCKS = 4096, PERIODS = 4 };

static struct sample sample; /* of SEED; made once */

static int draw_sample(void **unused)
{
    (void)unused;
    sample = sample_draw(SEED, 0, BLOCKS, PERIODS);
    return 0;
}

static int free_sample(void **unused)
{
    (void)unused;
    free(sample.words);
    return 0;
}

static void test_equidistribution(void **unused)
{
    (void)unused;
    struct trial alone = {.name = "cells of a word"}, joint = {.name = "cells of two words"};
    try_cells(&alone, &sample);
    try_joint_cells(&joint, &sample);
    assert_passes(&alone);
    assert_passes(&joint);
}

/* Streams of one seed; of two that are neighbours; and of high numbers. */
static void test_coincidences(void **unused)
{
    (void)unused;
    struct trial trial = {.name = "equal numbers"};
    try_coincidences(&trial, &sample, "one seed");

    struct sample seeds = sample_create(BLOCKS, PERIODS), one = sample_draw(1, 0, BLOCKS / 2, PERIODS),
                  other = sample_draw(2, 0, BLOCKS / 2, PERIODS);
    const size_t half = (size_t)(BLOCKS / 2 * PERIODS * WORDS);
    memcpy(seeds.words, one.words, half * sizeof(uint64_t));
    memcpy(seeds.words + half, other.words, half * sizeof(uint64_t));
    try_coincidences(&trial, &seeds, "two seeds");
    free(one.words);
    free(other.words);
    free(seeds.words);

    struct sample high = sample_draw(SEED, (INT64_C(1) << 30) - BLOCKS, BLOCKS, PERIODS);
    try_coincidences(&trial, &high, "the last blocks");
    free(high.words);
    assert_passes(&trial);
}

static void test_sums_of_shocks(void **unused)
{
    (void)unused;
    struct trial trial = {.name = "sums of shocks"};
    try_sums(&trial, &sample);
    assert_passes(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equidistribution),
        cmocka_unit_test(test_coincidences),
        cmocka_unit_test(test_sums_of_shocks),
    };
    return cmocka_run_group_tests(tests, draw_sample, free_sample);
}
