#include "random/mlfg.h"
#include "simd/lanes.h"

SIMD_KERNEL(void, mlfg_fill, (struct mlfg * state, size_t n, uint64_t *words), (state, n, words))

/* Numbers of a round, and the vectors that hold them. */
enum { ROUND = 32, VECTORS = ROUND / LANES };

/* n >= 63 numbers to words, continuing x[0] … x[62], one by one. */
LANES_INLINE void extend_singly(const uint64_t *x, size_t n, uint64_t *words)
{
    for (size_t i = 0; i < MLFG_SHORT_LAG; i++)
        words[i] = x[i] * x[i + MLFG_LAG - MLFG_SHORT_LAG];
    for (size_t i = MLFG_SHORT_LAG; i < MLFG_LAG; i++)
        words[i] = x[i] * words[i - MLFG_SHORT_LAG];
    for (size_t i = MLFG_LAG; i < n; i++)
        words[i] = words[i - MLFG_LAG] * words[i - MLFG_SHORT_LAG];
}

/* The same by vectors, in rounds of 32 numbers.
 *
 * A vector of new numbers is the product of those from 63 and from 31 before. Neither distance is a multiple
 * of the vector's length, and the later numbers may still be on their way to the cache, in two stores, which
 * no load can join without waiting: so near[j], the numbers from 31 before vector j of a round, is put together
 * in registers from the two vectors that hold them. It is far[j], those from 63 before, one round later. The
 * last of near takes its last number from the round's own first vector.
 *
 * The first loops are unrolled so that GCC does not copy x to the stack in halves of vectors, which no load can
 * join either. */
LANES_INLINE void extend(const uint64_t *x, size_t rounds, uint64_t *words)
{
    lanes_word far[VECTORS], near[VECTORS], last = lanes_load_words(x + MLFG_LAG - LANES);
#pragma GCC unroll 16
    for (int j = 0; j < VECTORS; j++)
        far[j] = lanes_load_words(x + j * LANES);
#pragma GCC unroll 16
    for (int j = 0; j < VECTORS - 1; j++)
        near[j] = lanes_load_words(x + MLFG_LAG - MLFG_SHORT_LAG + j * LANES);
    near[VECTORS - 1] = far[VECTORS - 1];
    for (; rounds > 0; rounds--, words += ROUND)
#pragma GCC unroll 16
        for (int j = 0; j < VECTORS; j++) {
            const int next = (j + VECTORS - 1) % VECTORS;
            const lanes_word made = lanes_multiply(far[j], near[j]);
            far[next] = near[next];
            near[next] = lanes_shift_in(last, made);
            last = made;
            lanes_store_words(words + j * LANES, made);
        }
}

/* The last 63 numbers become the state; vectors, because GCC would make a slow string instruction of memcpy. The last
 * vector overlaps the one before. */
LANES_INLINE void keep(const uint64_t *last, uint64_t *x)
{
#pragma GCC unroll 32
    for (int i = 0; i < MLFG_LAG / LANES * LANES; i += LANES)
        lanes_store_words(x + i, lanes_load_words(last + i));
    lanes_store_words(x + MLFG_LAG - LANES, lanes_load_words(last + MLFG_LAG - LANES));
}

/* A few numbers to x, continuing those before it. */
static void append(uint64_t *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = x[(ptrdiff_t)i - MLFG_LAG] * x[(ptrdiff_t)i - MLFG_SHORT_LAG];
}

void SIMD(mlfg_fill)(struct mlfg *state, size_t n, uint64_t *words)
{
    if (n < 2 * ROUND) {
        uint64_t x[MLFG_LAG + 2 * ROUND];
        memcpy(x, state->x, MLFG_LAG * sizeof *x);
        append(x + MLFG_LAG, n);
        memcpy(words, x + MLFG_LAG, n * sizeof *x);
        memcpy(state->x, x + n, MLFG_LAG * sizeof *x);
        return;
    }
    if (MULTIPLY_SINGLY) {
        extend_singly(state->x, n, words);
    } else {
        const size_t rounds = n / ROUND, done = rounds * ROUND;
        extend(state->x, rounds, words);
        append(words + done, n - done);
    }
    keep(words + n - MLFG_LAG, state->x);
}
