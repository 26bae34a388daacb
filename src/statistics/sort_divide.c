#include "statistics/sort_divide.h"
#include "statistics/sort_parts.h"
#include <stdlib.h>
#include <string.h>

int64_t sort_division_bytes(int parts, int threads)
{
    return (int64_t)threads * parts * (int64_t)(sizeof(struct sort_part) + sizeof(int64_t));
}

bool sort_division_create(struct sort_division *by, int parts, int threads)
{
    const size_t rows = (size_t)threads * (size_t)parts;
    *by = (struct sort_division){.parts = parts,
        .threads = threads,
        .part = malloc(rows * sizeof *by->part),
        .place = malloc(rows * sizeof *by->place)};
    return by->part && by->place;
}

void sort_division_destroy(struct sort_division *by)
{
    free(by->part);
    free(by->place);
    by->part = NULL;
    by->place = NULL;
}

void sort_part_add(struct sort_part *to, const struct sort_part *from)
{
    to->ties += from->ties;
    to->values += from->values;
    to->ties_sum += from->ties_sum;
    to->values_sum += from->values_sum;
}

/* Up to this many parts are looked at one by one, by vectors: keys that come in any order are no hindrance then. */
enum { PARTS_BY_VECTORS = 6 };

/* Of parts with one splitter, which are many where a value is frequent, the last has its ties. */
static bool is_empty(const struct sort_division *by, int p)
{
    return p + 1 < by->parts && by->splitter[p] == by->splitter[p + 1];
}

static struct sort_range range_of(const struct sort_division *by, int p)
{
    return (struct sort_range){by->splitter[p], p + 1 < by->parts ? by->splitter[p + 1] : INT64_MAX};
}

/* The ties of a block, which are few as a rule, by label. */
static void note_ties(const struct sort_division *by, struct sort_labels *labels,
    struct sort_labels_ties *ties, int p, const int64_t *packed, const int64_t *keys, int n)
{
    for (int i = 0; i < n; i++)
        if (keys[i] == by->splitter[p])
            sort_labels_tie(labels, ties, p, packed[i]);
}

/* A block of packed keys, their keys, and their fixed-point values. */
struct block {
    int n;
    const int64_t *packed;
    int64_t keys[SORTED_BLOCK], counted[SORTED_BLOCK];
};

static void count_by_part(const struct sort_division *by, struct sort_labels *labels,
    struct sort_labels_ties *ties, const struct block *block, struct sort_part *part)
{
    for (int p = 0; p < by->parts; p++) {
        if (is_empty(by, p))
            continue;
        const int64_t before = part[p].ties;
        sort_range_count(block->keys, block->counted, block->n, range_of(by, p), &part[p]);
        if (part[p].ties > before)
            note_ties(by, labels, ties, p, block->packed, block->keys, block->n);
    }
}

static void count_by_key(const struct sort_division *by, struct sort_labels *labels,
    struct sort_labels_ties *ties, const struct block *block, struct sort_part *part)
{
    for (int i = 0; i < block->n; i++) {
        const int p = sort_part_of(by->splitter, by->parts, block->keys[i]);
        if (block->keys[i] == by->splitter[p]) {
            part[p].ties++;
            part[p].ties_sum += block->counted[i];
            sort_labels_tie(labels, ties, p, block->packed[i]);
        } else {
            part[p].values++;
            part[p].values_sum += block->counted[i];
        }
    }
}

/* Count keys by part, and their fixed-point values. */
static void count_parts(const struct sort_division *by, struct packing packing,
    struct sample_sort_fixed fixed, struct sort_labels *labels, const int64_t *packed, int64_t n,
    struct sort_part *part)
{
    struct sort_labels_ties ties = {.n = 0};
    struct block block;
    for (int64_t begin = 0; begin < n; begin += SORTED_BLOCK) {
        block.n = n - begin < SORTED_BLOCK ? (int)(n - begin) : SORTED_BLOCK;
        block.packed = packed + begin;
        sample_sort_unpack(block.packed, block.n, packing, fixed, block.keys, block.counted);
        if (by->parts <= PARTS_BY_VECTORS)
            count_by_part(by, labels, &ties, &block, part);
        else
            count_by_key(by, labels, &ties, &block, part);
    }
    sort_labels_note(&ties);
}

/* Where each part's keys go, thread by thread, and the sums of the threads' counts. @return how many keys there are */
static int64_t place_parts(const struct sort_division *by)
{
    int64_t place = 0;
    for (int p = 0; p < by->parts; p++)
        for (int t = 0; t < by->threads; t++) {
            const struct sort_part *part = &by->part[(int64_t)t * by->parts + p];
            by->place[(int64_t)t * by->parts + p] = place;
            place += part->values;
            if (t > 0)
                sort_part_add(&by->part[p], part);
        }
    return place;
}

static void put_by_part(const struct sort_division *by, struct packing packing, const int64_t *packed, int n,
    int64_t *next, int64_t *divided)
{
    int64_t taken[SORTED_BLOCK]; /* behind a part's keys are another thread's */
    for (int p = 0; p < by->parts; p++) {
        if (is_empty(by, p))
            continue;
        const int here = sort_range_take(packed, n, packing, range_of(by, p), taken);
        memcpy(divided + next[p], taken, (size_t)here * sizeof *taken);
        next[p] += here;
    }
}

static void put_by_key(const struct sort_division *by, struct packing packing, const int64_t *packed, int n,
    int64_t *next, int64_t *divided)
{
    for (int i = 0; i < n; i++) {
        const int64_t key = packing_key(packing, packed[i]);
        const int p = sort_part_of(by->splitter, by->parts, key);
        if (key != by->splitter[p])
            divided[next[p]++] = packed[i];
    }
}

/* Each part's keys to where they go: those of the n that are one thread's. */
static void put_parts(const struct sort_division *by, struct packing packing, const int64_t *packed,
    int64_t n, int64_t *next, int64_t *divided)
{
    for (int64_t begin = 0; begin < n; begin += SORTED_BLOCK) {
        const int size = n - begin < SORTED_BLOCK ? (int)(n - begin) : SORTED_BLOCK;
        if (by->parts <= PARTS_BY_VECTORS)
            put_by_part(by, packing, packed + begin, size, next, divided);
        else
            put_by_key(by, packing, packed + begin, size, next, divided);
    }
}

bool sort_divide(const struct sort_division *by, struct packing packing, struct sample_sort_fixed fixed,
    struct sort_labels *labels, const int64_t *packed, int64_t n, int64_t *divided)
{
    const int parts = by->parts, threads = by->threads;
    memset(by->part, 0, (size_t)threads * (size_t)parts * sizeof *by->part);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int t = 0; t < threads; t++) {
        const int64_t first = sort_first_of(n, threads, t), end = sort_first_of(n, threads, t + 1);
        count_parts(by, packing, fixed, labels, packed + first, end - first, by->part + (int64_t)t * parts);
    }
    if (place_parts(by) == n && parts == 1)
        return false;
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int t = 0; t < threads; t++) {
        const int64_t first = sort_first_of(n, threads, t), end = sort_first_of(n, threads, t + 1);
        put_parts(by, packing, packed + first, end - first, by->place + (int64_t)t * parts, divided);
    }
    return true;
}
