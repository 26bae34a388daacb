/** How labels go along in a sample sort: packed with the keys, counted by part. For sample_sort.c. */
#pragma once

#include "core/error.h"
#include "statistics/sample_sort.h"
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

/** Ranges, at most, that a batch is divided into for its keys to be packed with labels. */
enum { SORT_RANGES = 2 * SAMPLE_SORT_LABELS + 1 };

struct sort_labels {
    int n; /**< 0: there are none, and nothing else here */
    int64_t mask;
    int64_t *
        ties; /**< [parts][n] values that equal the part's splitter; then [shares][n] of this rank's shares */
    int64_t *values;   /**< [shares][n] values above it in this rank's shares */
    int64_t *first;    /**< [shares + 1][n] values below each of this rank's shares, and behind the last */
    int64_t *above;    /**< [shares][n] the same with the share's ties */
    int64_t *position; /**< [n] values below the range that is at work */
};

/** Bits that n labels take. */
int sort_labels_bits(int n);

int64_t sort_labels_bytes(int n, int parts, int shares);
enum status sort_labels_create(
    struct sort_labels *labels, const struct sample_sort_labels *of, int parts, int shares);
void sort_labels_destroy(struct sort_labels *labels);

/** The labels of n values from value `begin` on. @param[out] room  [n] for them @return them */
const uint8_t *sort_labels_of(const struct sample_sort_labels *labels, int64_t begin, int n, uint8_t *room);

/** Which of the ranges of 2^shift keys from first to last have values, at most SORT_RANGES. Collective over comm, where they
 *  are more than one. @param[out] occupied  [SORT_RANGES] */
void sort_labels_ranges(MPI_Comm comm, int threads, const struct sample_sort_array *array, int64_t first,
    int64_t last, int shift, uint8_t *occupied);

/** Before a range's values are counted. */
void sort_labels_clear(struct sort_labels *labels, int parts);

/** Values that equal their part's splitter: those of the same part and label are noted together. Threads may note at a time,
 *  each by its own struct, which begins as zeros and is noted at the end. */
struct sort_labels_ties {
    int64_t *where;
    int64_t n;
};
void sort_labels_tie(struct sort_labels *labels, struct sort_labels_ties *ties, int part, int64_t packed);
void sort_labels_note(struct sort_labels_ties *ties);

/** Sum the ties of parts, one for each rank, over the ranks: each has those of its own, which are its first share's; the other
 *  shares have none so far. Collective over comm. @param[in] has_ties  anywhere */
void sort_labels_sum_ties(struct sort_labels *labels, MPI_Comm comm, int shares, int has_ties);

/** Count the values of a share. */
void sort_labels_count(struct sort_labels *labels, int share, const int64_t *packed, int64_t n, int threads);

/** Where each label's values in this rank's shares begin among all. Collective over comm.
 *  @param[in] is_last  no further range will be placed */
void sort_labels_place(
    struct sort_labels *labels, MPI_Comm comm, int rank, int size, int shares, bool is_last);

/** What a run has to say of labels, the ties or the values of a share. */
void sort_labels_of_ties(const struct sort_labels *labels, int share, struct sorted_run *run);
void sort_labels_of_values(
    const struct sort_labels *labels, int share, const int64_t *packed, struct sorted_run *run);
