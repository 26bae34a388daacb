#include "random/mlfg.h"
#include <string.h>

void mlfg_skip(struct mlfg *state, size_t n)
{
    uint64_t unused[512];
    for (; n > 512; n -= 512)
        mlfg_fill(state, 512, unused);
    mlfg_fill(state, n, unused);
}

/* SPRNG's packed form of the family, big-endian: rng_type, name with its NUL, stream_number, nstreams,
 * init_seed, parameter, hptr, lval, kval, seed, si[lval - 1], lags[lval]. The lags lie newest first in a ring,
 * from hptr on: the oldest is at hptr - 1. */
enum {
    SPRNG_TYPE_MLFG = 4,
    SPRNG_PARAMETER = 3,
    AT_TYPE = 0,
    AT_PARAMETER = 60,
    AT_PLACE = 64,
    AT_LAG = 68,
    AT_SHORT_LAG = 72,
    AT_LAGS = MLFG_PACKED_BYTES - 8 * MLFG_LAG
};

static uint64_t load(const unsigned char *from, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | from[i];
    return value;
}

static void store(unsigned char *to, size_t bytes, uint64_t value)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (unsigned char)(value >> 8 * (bytes - 1 - i));
}

static int is_ours(const unsigned char *packed, size_t bytes)
{
    return bytes == MLFG_PACKED_BYTES && load(packed + AT_TYPE, 4) == SPRNG_TYPE_MLFG &&
           load(packed + AT_PARAMETER, 4) == SPRNG_PARAMETER && load(packed + AT_LAG, 4) == MLFG_LAG &&
           load(packed + AT_SHORT_LAG, 4) == MLFG_SHORT_LAG && load(packed + AT_PLACE, 4) < MLFG_LAG;
}

/* Where the number of a given age lies in the packed ring: age 0 is the oldest. */
static size_t at_lag(size_t place, size_t age)
{
    return AT_LAGS + 8 * ((place + 2 * MLFG_LAG - 1 - age) % MLFG_LAG);
}

int mlfg_unpack(const unsigned char *packed, size_t bytes, struct mlfg *state)
{
    if (!is_ours(packed, bytes))
        return -1;
    const size_t place = (size_t)load(packed + AT_PLACE, 4);
    uint64_t all_odd = 1;
    for (size_t age = 0; age < MLFG_LAG; age++) {
        state->x[age] = load(packed + at_lag(place, age), 8);
        all_odd &= state->x[age];
    }
    state->x[MLFG_LAG] = 0;
    return all_odd ? 0 : -1;
}

int mlfg_pack(const struct mlfg *state, unsigned char *packed, size_t bytes)
{
    if (!is_ours(packed, bytes))
        return -1;
    const size_t place = (size_t)load(packed + AT_PLACE, 4);
    for (size_t age = 0; age < MLFG_LAG; age++)
        store(packed + at_lag(place, age), 8, state->x[age]);
    return 0;
}
