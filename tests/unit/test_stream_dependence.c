/* Streams broken on purpose: what the trials of test_stream_correlation.c and test_stream_distribution.c must find. */
#include "correlation.h"
#include "distribution.h"

enum { SEED = 2026 };

/* A smaller sample to break. */
enum { FEW = 256 };

static struct sample sample_to_break(void)
{
    return sample_draw(SEED, 0, FEW, WIDE_PERIODS);
}

static void find(const char *name, trial_function *try, struct sample *sample)
{
    struct trial trial = {.name = name};
    try(&trial, sample);
    free(sample->words);
    assert_finds(&trial);
}

static uint64_t *words_of(struct sample *sample, int64_t block, int64_t period)
{
    return sample->words + (block * sample->n_periods + period) * WORDS;
}

/* Without the discarded numbers: what discarding is for. */
static void test_finds_undiscarded(void **unused)
{
    (void)unused;
    struct sample one = sample_draw_undiscarded(1, 0, FEW, WIDE_PERIODS);
    struct sample other = sample_draw_undiscarded(2, 0, FEW, WIDE_PERIODS);
    struct trial seeds = {.name = "found: two seeds, nothing discarded"};
    try_seeds(&seeds, &one, &other, 1, 2);
    assert_finds(&seeds);
    free(one.words);
    free(other.words);

    struct sample sample = sample_draw_undiscarded(SEED, 0, FEW, WIDE_PERIODS);
    struct trial equal = {.name = "found: equal numbers, nothing discarded"};
    try_coincidences(&equal, &sample, "one seed");
    free(sample.words);
    assert_finds(&equal);

    struct trial registers = {.name = "found: streams of one register, nothing discarded"};
    try_equal_registers(&registers, draw_one_undiscarded, 4);
    assert_finds(&registers);
}

/* Two blocks of the sample draw from one stream; one also a period late, or with its halves changed over. */
static void test_finds_shared_stream(void **unused)
{
    (void)unused;
    const size_t bytes = WORDS * sizeof(uint64_t), half = bytes / 2;
    struct sample sample = sample_to_break();
    memcpy(words_of(&sample, 100, 0), words_of(&sample, 17, 0), WIDE_PERIODS * bytes);
    find("found: two blocks of one stream", try_all_pairs, &sample);

    sample = sample_to_break();
    for (int b = FEW - 1; b > 0; b -= 2)
        memcpy(words_of(&sample, b, 0), words_of(&sample, b - 1, 1), (WIDE_PERIODS - 1) * bytes);
    find("found: blocks a period behind their neighbours", try_shifted_blocks, &sample);

    sample = sample_to_break();
    for (int b = FEW - 1; b > 0; b -= 2)
        for (int t = 0; t < WIDE_PERIODS; t++) {
            memcpy(words_of(&sample, b, t), words_of(&sample, b - 1, t) + BLOCK_SIZE, half);
            memcpy(words_of(&sample, b, t) + BLOCK_SIZE, words_of(&sample, b - 1, t), half);
        }
    find("found: halves changed over between neighbours", try_shifted_blocks, &sample);
}

/* Radius and angle of the same words; a period drawn twice; a household that takes its neighbour's words. */
static void test_finds_words_used_twice(void **unused)
{
    (void)unused;
    const size_t bytes = WORDS * sizeof(uint64_t);
    struct sample sample = sample_to_break();
    for (int64_t row = 0; row < FEW * WIDE_PERIODS; row++)
        memcpy(sample.words + row * WORDS + BLOCK_SIZE, sample.words + row * WORDS, bytes / 2);
    find("found: radius and angle of the same words", try_halves, &sample);

    sample = sample_draw(SEED, 0, 2, LONG_PERIODS);
    memcpy(words_of(&sample, 1, 300), words_of(&sample, 1, 269), bytes);
    memcpy(words_of(&sample, 1, 400), words_of(&sample, 1, 369), bytes);
    find("found: two of 512 periods drawn again 31 periods later", try_periods, &sample);

    sample = sample_to_break();
    for (int64_t row = 0; row < FEW * WIDE_PERIODS; row++)
        sample.words[row * WORDS + 201] = sample.words[row * WORDS + 12];
    find("found: one household with another's radius", try_households, &sample);
}

/* A recurrence that adds where SPRNG's multiplies: its words are uncorrelated two at a time. */
static void test_finds_additive_recurrence(void **unused)
{
    (void)unused;
    struct sample sample = sample_to_break();
    for (int64_t b = 0; b < FEW; b++)
        for (int64_t i = MLFG_LAG; i < PER_BLOCK; i++) {
            uint64_t *x = words_of(&sample, b, 0) + i;
            *x = x[-MLFG_LAG] + x[-MLFG_SHORT_LAG];
        }
    find("found: an additive recurrence", try_three_words, &sample);
}

/* Bits below 12 are for ever weak: of four streams whose numbers cancel under XOR, bit 1 of one follows from the others. */
static void test_finds_weak_low_bits(void **unused)
{
    (void)unused;
    struct sample sample = sample_to_break();
    for (int64_t i = 0; i < FEW * PER_BLOCK; i++)
        sample.words[i] <<= 11;
    find("found: bit 1 in the place of bit 12", try_four_blocks, &sample);
}

/* Every block shares its stream with another: sums have twice their variance. */
static void test_finds_sums_too_wide(void **unused)
{
    (void)unused;
    struct sample sample = sample_to_break();
    for (int b = 0; b < FEW / 2; b++)
        memcpy(words_of(&sample, b + FEW / 2, 0), words_of(&sample, b, 0), PER_BLOCK * sizeof(uint64_t));
    find("found: sums of shocks of streams used twice", try_sums, &sample);
}

/* One word of a period is never in the highest 64th. */
static void test_finds_empty_cells(void **unused)
{
    (void)unused;
    struct sample sample = sample_draw(SEED, 0, WIDE, WIDE_PERIODS);
    for (int64_t row = 0; row < WIDE * WIDE_PERIODS; row++)
        if (sample.words[row * WORDS + 77] >> 58 == 63)
            sample.words[row * WORDS + 77] ^= UINT64_C(1) << 63;
    find("found: a word that is never high", try_cells, &sample);
}

/* A correlation of 1 % between neighbouring blocks, by exchanging one word in a hundred. */
static void test_finds_one_percent(void **unused)
{
    (void)unused;
    struct sample sample = sample_draw(SEED, 0, WIDE, WIDE_PERIODS);
    for (int64_t b = 1; b < WIDE; b += 2)
        for (int64_t i = b % 100; i < PER_BLOCK; i += 100)
            words_of(&sample, b, 0)[i] = words_of(&sample, b - 1, 0)[i];
    find("found: one word in a hundred of the neighbour", try_blocks, &sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_undiscarded),
        cmocka_unit_test(test_finds_shared_stream),
        cmocka_unit_test(test_finds_words_used_twice),
        cmocka_unit_test(test_finds_additive_recurrence),
        cmocka_unit_test(test_finds_weak_low_bits),
        cmocka_unit_test(test_finds_sums_too_wide),
        cmocka_unit_test(test_finds_empty_cells),
        cmocka_unit_test(test_finds_one_percent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
