/** SPRNG's multiplicative lagged Fibonacci generator in bulk.
 *
 *  Parameter 3 of SPRNG's mlfg family has the lags (63, 31): x_n = x_{n-63} x_{n-31} mod 2^64, all odd, and
 *  sprng() returns (x_n >> 12) 2^-52. The recurrence reaches back at least 31 numbers, so 31 may be made at a
 *  time. Source: Mascagni and Srinivasan, "Parameterizing parallel multiplicative lagged-Fibonacci
 *  generators", Parallel Computing 30 (2004); SPRNG 2.0a, the library itself. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { MLFG_LAG = 63, MLFG_SHORT_LAG = 31 };

/** The generator's whole state: the last 63 numbers, oldest first; x[63] is not used and keeps rows aligned.
 */
struct mlfg {
    _Alignas(64) uint64_t x[MLFG_LAG + 1];
};

/** The next n numbers of the sequence. words[i] >> 12, times 2^-52, is to the bit what the i-th call of
 *  sprng() would return. Splitting n into several calls gives the same numbers.
 *  @param[in,out] state  moved on by n
 *  @param[out]    words  [n], any alignment; n may be 0 */
void mlfg_fill(struct mlfg *state, size_t n, uint64_t *words);

/** Move on by n numbers without keeping them. */
void mlfg_skip(struct mlfg *state, size_t n);

/** Bytes of a stream in SPRNG's packed form (pack_sprng) at parameter 3. */
enum { MLFG_PACKED_BYTES = 1080 };

/** The state of a stream from its packed form, and back. The way back replaces the lags in the packed form of
 *  any stream of the same family: unpack_sprng then continues this state's sequence.
 *  @return 0, or -1 when the bytes are not those of an mlfg stream with lags (63, 31): another SPRNG. */
int mlfg_unpack(const unsigned char *packed, size_t bytes, struct mlfg *state);
int mlfg_pack(const struct mlfg *state, unsigned char *packed, size_t bytes);
