/* The random words that a population consumes, without end, as raw 32-bit numbers for a test battery's standard input.
 *
 *     words block|household top|low BLOCKS SEED
 *
 * The words of BLOCKS blocks side by side, 512 each a period, the first period of all blocks, then the second, …: block
 * after block, or with "household" the first word of every block, then the second of every block, …. Of each 64-bit word
 * its top 32 bits, or with "low" bits 12 to 43, the lowest that the simulation looks at. Ends when nobody reads on. */
#include "models/kesten.h"
#include "random/stream.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 2 * BLOCK_SIZE };

/* One period: [block][word] or [word][block]. */
static void draw_period(
    struct streams *streams, int64_t n_blocks, bool by_household, int shift, uint32_t *out)
{
    uint64_t words[WORDS];
    for (int64_t b = 0; b < n_blocks; b++) {
        streams_fill(streams, b, WORDS, words);
        for (int64_t k = 0; k < WORDS; k++)
            out[by_household ? k * n_blocks + b : b * WORDS + k] = (uint32_t)(words[k] >> shift);
    }
}

int main(int argc, char **argv)
{
    const bool is_right = argc == 5 && (!strcmp(argv[1], "block") || !strcmp(argv[1], "household")) &&
                          (!strcmp(argv[2], "top") || !strcmp(argv[2], "low"));
    const long n_blocks = is_right ? atol(argv[3]) : 0, seed = is_right ? atol(argv[4]) : -1;
    if (n_blocks < 1 || n_blocks > 1000000 || seed < 0 || seed > INT32_MAX) {
        fprintf(stderr, "words block|household top|low BLOCKS SEED\n");
        return 2;
    }
    struct streams *streams = NULL;
    ENSURE(streams_create(&streams, RNG_MLFG, seed, 0, n_blocks, 1) == WS_OK);
    const size_t n = (size_t)n_blocks * WORDS;
    uint32_t *period = malloc(n * sizeof *period);
    ENSURE(period);
    do
        draw_period(streams, n_blocks, argv[1][0] == 'h', argv[2][0] == 't' ? 32 : 12, period);
    while (fwrite(period, sizeof *period, n, stdout) == n);
    free(period);
    streams_destroy(streams);
    return 0;
}
