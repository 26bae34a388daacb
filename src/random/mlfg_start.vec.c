#include "random/mlfg_start.h"
#include "simd/lanes.h"

SIMD_KERNEL(void, mlfg_start_state, (const struct mlfg_start *start, uint32_t stream, struct mlfg *state),
    (start, stream, state))

/* Rows of a state in vectors; as many sums at a time as registers hold at every level; the number, counted from the
 * oldest, whose exponent SPRNG makes odd: without one, the period would be shorter. */
enum { ROW = MLFG_LAG + 1, VECTORS = ROW / LANES, SUMS = VECTORS < 8 ? VECTORS : 8, ODD = MLFG_LAG - 1 - 14 };

/* The exponents of the first 63 numbers. SPRNG takes the register's lower half for a signed number where it joins
 * the halves: above a one in that half's highest place, now bit 32, all bits become ones. The newest number's
 * exponent is twice the stream's number. */
LANES_INLINE void begin(const struct mlfg_start *start, uint32_t first, uint32_t stream, uint64_t *exponents)
{
    lanes_word row[VECTORS] = {{0}};
    for (uint32_t left = first; left; left &= left - 1) {
        const uint64_t *of_bit = start->of_bit[__builtin_ctz(left)];
        for (int j = 0; j < VECTORS; j++)
            row[j] ^= lanes_load_words(of_bit + j * LANES);
    }
    const lanes_word one = lanes_of_word(1), above = lanes_of_word(UINT64_C(0x3ffffffe00000000));
    for (int j = 0; j < VECTORS; j++)
        lanes_store_words(exponents + j * LANES, row[j] | (above & -(row[j] >> 32 & one)));
    exponents[ODD] |= 1;
    exponents[MLFG_LAG - 1] = 2 * (uint64_t)stream;
}

/* Those of the numbers after them: ahead needs as many again. */
LANES_INLINE void extend(uint64_t *exponents)
{
    for (int i = MLFG_LAG; i < 2 * ROW; i++)
        exponents[i] = exponents[i - MLFG_LAG] + exponents[i - MLFG_SHORT_LAG];
}

/* Those of the 63 numbers that are asked for. */
LANES_INLINE void jump_singly(const struct mlfg_start *start, const uint64_t *exponents, uint64_t *later)
{
    for (int i = 0; i < ROW; i++) {
        uint64_t sum = 0;
        for (int k = 0; k < MLFG_LAG; k++)
            sum += start->ahead[k] * exponents[i + k];
        later[i] = sum;
    }
}

/* The same by vectors. */
LANES_INLINE void jump(const struct mlfg_start *start, const uint64_t *exponents, uint64_t *later)
{
    for (int from = 0; from < ROW; from += SUMS * LANES) {
        lanes_word sum[SUMS] = {{0}};
        for (int k = 0; k < MLFG_LAG; k++) {
            const lanes_word ahead = lanes_of_word(start->ahead[k]);
            for (int j = 0; j < SUMS; j++)
                sum[j] += lanes_multiply(ahead, lanes_load_words(exponents + from + k + j * LANES));
        }
        for (int j = 0; j < SUMS; j++)
            lanes_store_words(later + from + j * LANES, sum[j]);
    }
}

/* +-3^e. With u = 3^(2^30) - 1, a multiple of 2^32, 3^(2^30 m) = (1 + u)^m = 1 + m u modulo 2^64. */
LANES_INLINE void raise(const struct mlfg_start *start, const uint64_t *exponents, uint64_t *numbers)
{
    enum { BITS = MLFG_START_DIGIT_BITS, MASK = MLFG_START_POWERS - 1 };
    for (int i = 0; i < ROW; i++) {
        const uint64_t e = exponents[i];
        const uint64_t power = start->power[0][e & MASK] * start->power[1][e >> BITS & MASK] *
                               start->power[2][e >> 2 * BITS & MASK] *
                               (1 + (e >> 3 * BITS) * start->high_power);
        numbers[i] = (power ^ start->minus[i]) - start->minus[i];
    }
}

void SIMD(mlfg_start_state)(const struct mlfg_start *start, uint32_t stream, struct mlfg *state)
{
    const uint32_t mixed = stream ^ start->seed ^ MLFG_START_SEED_MIX;
    _Alignas(64) uint64_t exponents[2 * ROW], later[ROW];
    begin(start, mixed ? mixed : MLFG_START_SEED_MIX, stream, exponents);
    extend(exponents);
    if (MULTIPLY_SINGLY)
        jump_singly(start, exponents, later);
    else
        jump(start, exponents, later);
    raise(start, later, state->x);
    state->x[MLFG_LAG] = 0;
}
