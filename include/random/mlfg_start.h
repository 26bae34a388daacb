/** Where SPRNG's mlfg streams begin: the state of any stream under a seed, at any place, without SPRNG.
 *
 *  SPRNG's initialisation writes the 63 numbers of a state as +-3^e mod 2^64 and fills the exponents e from a
 *  shift register that starts at the stream's number XOR the seed. A product of numbers is a sum of exponents, so
 *  the state n numbers on is a linear function of the first exponents: numbers that are to be discarded cost
 *  nothing.
 *
 *  Sources: Mascagni and Srinivasan, "Parameterizing parallel multiplicative lagged-Fibonacci generators",
 *  Parallel Computing 30 (2004); SPRNG 2.0a, parameter 3 of its mlfg family. */
#pragma once

#include "random/mlfg.h"
#include <stdint.h>

/** An exponent's low bits, in digits whose powers of 3 are tabulated. */
enum { MLFG_START_DIGITS = 3, MLFG_START_DIGIT_BITS = 10, MLFG_START_POWERS = 1 << MLFG_START_DIGIT_BITS };

/** The numbers of a stream are 31 bits long, and so is what counts of a seed. The register's first value is the stream's
 *  number XOR the seed XOR SEED_MIX, a constant of SPRNG's, which also replaces a register of zeros. */
enum { MLFG_START_BITS = 31, MLFG_START_SEED_MIX = 0x372f05ac };

/** What the streams of a seed share. Exponents are modulo 2^62 (the bits above are of no account) and in the order
 *  of mlfg.x, oldest first; element 63 of a row keeps it aligned and is 0. */
struct mlfg_start {
    uint32_t seed;
    /** Which exponents each bit of the register's first value turns over. */
    _Alignas(64) uint64_t of_bit[MLFG_START_BITS][MLFG_LAG + 1];
    /** The exponent some numbers on is the sum of ahead[k] times the exponent of k numbers later. */
    uint64_t ahead[MLFG_LAG + 1];
    /** All bits where the state that is asked for has the sign minus, else 0. */
    _Alignas(64) uint64_t minus[MLFG_LAG + 1];
    /** power[d][i] = 3^(i 2^(10 d)), and 3^(2^30) - 1, a multiple of 2^32. */
    uint64_t power[MLFG_START_DIGITS][MLFG_START_POWERS];
    uint64_t high_power;
};

/** Prepare for the streams of a seed. About 60 µs.
 *  @param[out] start    42 KB, not changed afterwards: threads may share it
 *  @param[in]  seed     only its low 31 bits count, as in SPRNG
 *  @param[in]  discard  below 2^63: the states are those after so many numbers have been drawn */
void mlfg_start_init(struct mlfg_start *start, uint32_t seed, uint64_t discard);

/** The state of a stream; the same at every level. With discard 0, that of init_sprng(SPRNG_MLFG, stream, n, seed, 3)
 *  for any n above stream.
 *  @param[in]  stream  0 … 2^31 - 2
 *  @param[out] state */
void mlfg_start_state(const struct mlfg_start *start, uint32_t stream, struct mlfg *state);

/** The stream in which every row of of_bit takes part: its register begins with 31 ones (or 30, where that stream is out
 *  of range). To be compared with SPRNG's. */
uint32_t mlfg_start_full_register(const struct mlfg_start *start);
