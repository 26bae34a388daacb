/** XXH3 of bytes, 64 bits of it: the hash of all results, checkpoints and comparisons between ranks. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** @param[in] bytes  [n]; n may be 0
 *  @param[in] seed   0 where nothing else is meant */
uint64_t hash_bytes(const void *bytes, size_t n, uint64_t seed);
