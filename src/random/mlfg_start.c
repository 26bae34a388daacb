#include "random/mlfg_start.h"
#include <string.h>

/* SPRNG's constants: the steps of the register before its first use; the bits of it that an exponent takes, moved up by one; the ages, counted from the
 * newest number's 0, at which numbers are negative; how often a first-level stream runs through its lags. */
enum { WARM_UP = 2, NEGATIVE_AGES = 0x5a38, RUN_UPS = 4 };
static const uint64_t register_bits = UINT64_MAX >> 3;

/* One step of SPRNG's shift register, 64 bits at a time: each new bit is the parity of some old ones. The highest
 * four follow the library, which there takes the register's halves in the other order. */
static uint64_t step(uint64_t bits)
{
    static const uint64_t highest[4] = {0x1bb0000000, 0x2d60000000, 0x5ac0000000, 0xaf80000000};
    uint64_t next = (bits ^ bits >> 1 ^ bits >> 3 ^ bits >> 4) & UINT64_MAX >> 4;
    for (int i = 0; i < 4; i++)
        next |= (uint64_t)__builtin_parityll(bits & highest[i]) << (60 + i);
    return next;
}

/* The register's steps are linear over its bits: what the first value makes is the XOR of what its bits make, each
 * alone. The newest number has none of it, nor has the oldest. */
static void follow_bits(struct mlfg_start *start)
{
    memset(start->of_bit, 0, sizeof start->of_bit);
    for (int bit = 0; bit < MLFG_START_BITS; bit++) {
        uint64_t bits = UINT64_C(1) << bit;
        for (int i = 0; i < WARM_UP; i++)
            bits = step(bits);
        for (int age = 1; age < MLFG_LAG - 1; age++) {
            bits = step(bits);
            start->of_bit[bit][MLFG_LAG - 1 - age] = (bits & register_bits) << 1;
        }
    }
}

/* Exponents e follow e_i = e_{i-63} + e_{i-31}, so that the one n places on is the sum of p_k e_{i+k} where p is
 * z^n modulo z^63 - z^32 - 1. */

/* p q; p may be q or the product. */
static void multiply(const uint64_t *p, const uint64_t *q, uint64_t *product)
{
    uint64_t full[2 * MLFG_LAG - 1] = {0};
    for (int i = 0; i < MLFG_LAG; i++)
        for (int j = 0; j < MLFG_LAG; j++)
            full[i + j] += p[i] * q[j];
    for (int i = 2 * MLFG_LAG - 2; i >= MLFG_LAG; i--) {
        full[i - MLFG_LAG] += full[i];
        full[i - MLFG_SHORT_LAG] += full[i];
    }
    memcpy(product, full, MLFG_LAG * sizeof *full);
}

/* n > 0 */
static void look_ahead(struct mlfg_start *start, uint64_t n)
{
    uint64_t once[MLFG_LAG] = {0, 1};
    memset(start->ahead, 0, sizeof start->ahead);
    start->ahead[0] = 1;
    for (int bit = 63 - __builtin_clzll(n); bit >= 0; bit--) {
        multiply(start->ahead, start->ahead, start->ahead);
        if (n >> bit & 1)
            multiply(start->ahead, once, start->ahead);
    }
}

/* Signs go as exponents do, modulo 2: the same for all streams. */
static void follow_signs(struct mlfg_start *start)
{
    uint64_t sign[2 * MLFG_LAG];
    for (int i = 0; i < 2 * MLFG_LAG; i++)
        sign[i] = i < MLFG_LAG ? (uint64_t)NEGATIVE_AGES >> (MLFG_LAG - 1 - i) & 1
                               : sign[i - MLFG_LAG] ^ sign[i - MLFG_SHORT_LAG];
    memset(start->minus, 0, sizeof start->minus);
    for (int i = 0; i < MLFG_LAG; i++) {
        uint64_t sum = 0;
        for (int k = 0; k < MLFG_LAG; k++)
            sum += start->ahead[k] * sign[i + k];
        start->minus[i] = sum & 1 ? UINT64_MAX : 0;
    }
}

static void raise_powers(struct mlfg_start *start)
{
    uint64_t base = 3;
    for (int digit = 0; digit < MLFG_START_DIGITS; digit++) {
        uint64_t power = 1;
        for (int i = 0; i < MLFG_START_POWERS; i++, power *= base)
            start->power[digit][i] = power;
        base = power;
    }
    start->high_power = base - 1;
}

void mlfg_start_init(struct mlfg_start *start, uint32_t seed, uint64_t discard)
{
    start->seed = seed & INT32_MAX;
    follow_bits(start);
    look_ahead(start, RUN_UPS * MLFG_LAG + discard);
    follow_signs(start);
    raise_powers(start);
}

uint32_t mlfg_start_full_register(const struct mlfg_start *start)
{
    const uint32_t full = start->seed ^ MLFG_START_SEED_MIX ^ INT32_MAX;
    return full < INT32_MAX ? full : full - 1;
}
