/** Keys divided into parts by splitters, for sample_sort.c. Not collective. */
#pragma once

#include "statistics/sample_sort.h"
#include "statistics/sort_block.h"
#include "statistics/sort_labels.h"
#include <stdbool.h>
#include <stdint.h>

struct sort_division {
    int parts, threads;
    const int64_t
        *splitter; /**< [parts] keys at the parts' lower ends; the first is above none. Set by the caller. */
    struct sort_part *part; /**< [threads][parts] of which the first row has the sums */
    int64_t *place;         /**< [threads][parts] where the next key of a part goes */
};

int64_t sort_division_bytes(int parts, int threads);

/** @return whether there was memory; sort_division_destroy in both cases */
bool sort_division_create(struct sort_division *by, int parts, int threads);
void sort_division_destroy(struct sort_division *by);

void sort_part_add(struct sort_part *to, const struct sort_part *from);

/** Count keys by part, and put those above their part's splitter in order of parts.
 *  @param[in]     packed  [n] @param[out] divided  [n], of which as many are set as there are values in parts
 *  @param[in,out] labels  their ties are noted
 *  @return false: all keys are in order of parts as they stand, and divided is left alone */
bool sort_divide(const struct sort_division *by, struct packing packing, struct sample_sort_fixed fixed,
    struct sort_labels *labels, const int64_t *packed, int64_t n, int64_t *divided);
