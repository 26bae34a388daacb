#include "statistics/sort_labels.h"
#include "statistics/key.h"
#include <stdlib.h>

int sort_labels_bits(int n)
{
    int bits = 0;
    while (1 << bits < n)
        bits++;
    return bits;
}

/* Numbers for parts' and shares' labels. */
static int64_t numbers_of(int n, int parts, int shares)
{
    const int64_t of_ties = parts > shares ? parts : shares;
    return n * (of_ties + 3 * (int64_t)shares + 2);
}

int64_t sort_labels_bytes(int n, int parts, int shares)
{
    return numbers_of(n, parts, shares) * (int64_t)sizeof(int64_t);
}

enum status sort_labels_create(
    struct sort_labels *labels, const struct sample_sort_labels *of, int parts, int shares)
{
    const int n = of->n;
    *labels = (struct sort_labels){.n = n, .mask = ((int64_t)1 << sort_labels_bits(n)) - 1};
    if (n == 0)
        return WS_OK;
    ENSURE(n <= SAMPLE_SORT_LABELS);
    const size_t numbers = (size_t)numbers_of(n, parts, shares);
    labels->position = calloc(numbers, sizeof *labels->position);
    if (!labels->position)
        return error_memory(numbers * sizeof *labels->position, "sorting");
    labels->first = labels->position + n;
    labels->values = labels->first + (int64_t)(shares + 1) * n;
    labels->above = labels->values + (int64_t)shares * n;
    labels->ties = labels->above + (int64_t)shares * n;
    return WS_OK;
}

void sort_labels_destroy(struct sort_labels *labels)
{
    free(labels->position);
    labels->position = NULL;
}

const uint8_t *sort_labels_of(const struct sample_sort_labels *labels, int64_t begin, int n, uint8_t *room)
{
    if (labels->n > 0 && labels->of)
        return labels->of + begin;
    if (labels->n == 0) {
        memset(room, 0, (size_t)n);
        return room;
    }
    for (int i = 0; i < n;) {
        const int64_t block = (begin + i) / labels->block_size, end = (block + 1) * labels->block_size;
        const int here = end - begin < n ? (int)(end - begin) : n;
        memset(room + i, (int)((labels->first_block + block) % labels->n), (size_t)(here - i));
        i = here;
    }
    return room;
}

void sort_labels_ranges(MPI_Comm comm, int threads, const struct sample_sort_array *array, int64_t first,
    int64_t last, int shift, uint8_t *occupied)
{
    const uint64_t span = (uint64_t)last - (uint64_t)first;
    const int ranges = (int)(span >> shift) + 1;
    ENSURE(ranges <= SORT_RANGES);
    memset(occupied, ranges == 1, SORT_RANGES);
    if (ranges == 1)
        return;
#pragma omp parallel for num_threads(threads) schedule(static)                                               \
    reduction(|                                                                                              \
              : occupied[:SORT_RANGES]) if (threads > 1)
    for (int64_t i = 0; i < array->n; i++) {
        const uint64_t place = (uint64_t)key_of(array->x[i]) - (uint64_t)first;
        if (place <= span)
            occupied[place >> shift] |= 1;
    }
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, occupied, ranges, MPI_UINT8_T, MPI_BOR, comm));
}

void sort_labels_clear(struct sort_labels *labels, int parts)
{
    if (labels->n > 0)
        memset(labels->ties, 0, (size_t)parts * (size_t)labels->n * sizeof *labels->ties);
}

void sort_labels_note(struct sort_labels_ties *ties)
{
    if (ties->n == 0)
        return;
#pragma omp atomic
    *ties->where += ties->n;
    ties->n = 0;
}

void sort_labels_tie(struct sort_labels *labels, struct sort_labels_ties *ties, int part, int64_t packed)
{
    if (labels->n == 0)
        return;
    int64_t *where = &labels->ties[(int64_t)part * labels->n + (packed & labels->mask)];
    if (where != ties->where)
        sort_labels_note(ties);
    ties->where = where;
    ties->n++;
}

void sort_labels_sum_ties(struct sort_labels *labels, MPI_Comm comm, int shares, int has_ties)
{
    const size_t n = (size_t)labels->n;
    if (n == 0 || !has_ties)
        return;
    MPI_CHECK(MPI_Reduce_scatter_block(MPI_IN_PLACE, labels->ties, (int)n, MPI_INT64_T, MPI_SUM, comm));
    memset(labels->ties + n, 0, (size_t)(shares - 1) * n * sizeof *labels->ties);
}

void sort_labels_count(struct sort_labels *labels, int share, const int64_t *packed, int64_t n, int threads)
{
    int64_t count[SAMPLE_SORT_LABELS] = {0};
#pragma omp parallel for num_threads(threads) schedule(static) reduction(+ : count) if (threads > 1)
    for (int64_t i = 0; i < n; i++)
        count[packed[i] & labels->mask]++;
    memcpy(labels->values + (int64_t)share * labels->n, count, (size_t)labels->n * sizeof *count);
}

void sort_labels_place(
    struct sort_labels *labels, MPI_Comm comm, int rank, int size, int shares, bool is_last)
{
    const int n = labels->n;
    int64_t mine[SAMPLE_SORT_LABELS] = {0}, before[SAMPLE_SORT_LABELS] = {0};
    for (int i = 0; i < shares * n; i++)
        mine[i % n] += labels->ties[i] + labels->values[i];
    if (size > 1)
        MPI_CHECK(MPI_Exscan(mine, before, n, MPI_INT64_T, MPI_SUM, comm));
    for (int label = 0; label < n; label++) /* MPI leaves the first rank's undefined */
        labels->first[label] = labels->position[label] + (rank > 0 ? before[label] : 0);
    for (int i = 0; i < shares * n; i++) {
        labels->above[i] = labels->first[i] + labels->ties[i];
        labels->first[n + i] = labels->above[i] + labels->values[i];
    }
    memcpy(labels->position, labels->first + (int64_t)shares * n, (size_t)n * sizeof *labels->position);
    if (size > 1 && !is_last)
        MPI_CHECK(MPI_Bcast(labels->position, n, MPI_INT64_T, size - 1, comm));
}

void sort_labels_of_ties(const struct sort_labels *labels, int share, struct sorted_run *run)
{
    if (labels->n == 0)
        return;
    run->label_first = labels->first + (int64_t)share * labels->n;
    run->label_n = labels->ties + (int64_t)share * labels->n;
}

void sort_labels_of_values(
    const struct sort_labels *labels, int share, const int64_t *packed, struct sorted_run *run)
{
    if (labels->n == 0)
        return;
    run->labels = packed;
    run->label_mask = labels->mask;
    run->label_n = labels->values + (int64_t)share * labels->n;
    run->label_first = labels->above + (int64_t)share * labels->n;
}
