/** Pairs divided into a share for each thread, by a sample of them. Not collective. */
#pragma once

#include "statistics/pairs.h"
#include <stdbool.h>
#include <stdint.h>

struct pair_shares {
    int threads;
    int64_t *splitter; /**< [threads] */
    int64_t *place;    /**< [threads][threads] where the next pair of a share goes */
};

int64_t pair_shares_bytes(int threads);

/** @return whether there was memory; pair_shares_destroy in both cases */
bool pair_shares_create(struct pair_shares *shares, int threads);
void pair_shares_destroy(struct pair_shares *shares);

/** Put pairs in order of shares: equal keys are in one, and no key of a share is above one of the next.
 *  @param[in] from  [n] @param[out] to  [n] */
void pair_shares_divide(
    const struct pair_shares *shares, const struct pair *from, int64_t n, struct pair *to);

/** Where a share ends, which is where the next one begins. */
int64_t pair_shares_end(const struct pair_shares *shares, int share);
