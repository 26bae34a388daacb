/* Cuts at even steps divide the sorted order into parts: first into batches, so many that a batch fits the buffers, and every
 * batch into a part for each rank. A part lies strictly between two splitters, so it has about its fair share of values,
 * however they are distributed; values that equal a splitter, and there may be any number of them, are counted only. For each
 * batch the ranks pick their values of it and send each part to its rank, which divides it once more, by a sample of it, into
 * shares for its threads, sorts them, and visits. A single rank divides into shares at once.
 *
 * Picking reads all values once a batch. Beside a copy of the array, which a sort in one go would need, that is
 * cheap: a batch is 1/16 of the values, and a pass takes 1/20 of the time that sorting does. */
#include "statistics/sample_sort.h"
#include "statistics/exchange.h"
#include "statistics/key.h"
#include "statistics/order.h"
#include "statistics/sort_block.h"
#include "statistics/sort_divide.h"
#include "statistics/sort_labels.h"
#include "statistics/sort_parts.h"
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>

/* Values of a batch on a rank, and batches at most, unless a message would then exceed MPI's counts. */
static const int64_t batch_least = INT64_C(1) << 17, batch_greatest = INT64_C(1) << 27;
enum { BATCHES = 16, PARTS_FROM_SAMPLE = 64, SHARE_SAMPLE = 1024 };

struct sweep {
    MPI_Comm comm;
    int rank, size;
    int threads;
    const struct sample_sort_array *array;
    struct sample_sort_fixed fixed;
    sample_sort_visitor *visit;
    void *context;
    int64_t batches;
    struct packing packing; /* of the range of keys that is at work */
    struct sort_labels labels;
    int64_t *splitter;       /* [batches × size] keys at the parts' lower ends; the first is below all */
    int64_t *share_splitter; /* [threads] of the part that is this rank's */
    struct sort_division by_rank;  /* of a batch: its parts, or a single rank's shares */
    struct sort_division by_share; /* of this rank's part */
    const struct sort_part *own;   /* [threads] this rank's shares */
    const int64_t *own_splitter;   /* [threads] */
    struct exchange exchange;
    int64_t *block, *buffer[3]; /* [room] each, in one block */
    int64_t room, common_room;  /* common_room: what every rank has at least */
    int64_t position, sum;      /* where the range begins: values below it, and their sum */
};

/* Pick this rank's keys in packing.base … last into the buffer as far as there is room. @return how many there are */
static int64_t pick(const struct sweep *s, int64_t last)
{
    const struct sample_sort_array *array = s->array;
    int64_t picked = 0;
#pragma omp parallel for num_threads(s->threads) schedule(static) if (s->threads > 1)
    for (int64_t begin = 0; begin < array->n; begin += SORTED_BLOCK) {
        uint8_t room[SORTED_BLOCK];
        int64_t packed[SORTED_BLOCK], place;
        const int size = array->n - begin < SORTED_BLOCK ? (int)(array->n - begin) : SORTED_BLOCK;
        const uint8_t *labels = sort_labels_of(&array->labels, begin, size, room);
        const int inside = sample_sort_pick(array->x + begin, labels, size, s->packing, last, packed);
#pragma omp atomic capture
        {
            place = picked;
            picked += inside;
        }
        if (place + inside <= s->room)
            memcpy(s->buffer[0] + place, packed, (size_t)inside * sizeof *packed);
    }
    return picked;
}

/* Buffers of at least `room` keys each; those in the second one are kept. One block for all: freed, it is kept by
 * the C library for the next call, where three would go back to the system and come as new pages. */
static enum status make_room(struct sweep *s, int64_t room, int64_t kept)
{
    if (room <= s->room)
        return WS_OK;
    int64_t *block = malloc(3 * (size_t)room * sizeof *block);
    if (!block)
        return error_memory(3 * (size_t)room * sizeof *block, "sorting");
    if (kept > 0)
        memcpy(block + room, s->buffer[1], (size_t)kept * sizeof *block);
    free(s->block);
    s->block = block;
    s->room = room;
    for (int i = 0; i < 3; i++)
        s->buffer[i] = block + i * room;
    return WS_OK;
}

static void swap(struct sweep *s, int i, int j)
{
    int64_t *held = s->buffer[i];
    s->buffer[i] = s->buffer[j];
    s->buffer[j] = held;
}

/* Divide n keys of a buffer, into another. */
static void divide(struct sweep *s, const struct sort_division *by, int from, int to, int64_t n)
{
    if (!sort_divide(by, s->packing, s->fixed, &s->labels, s->buffer[from], n, s->buffer[to]))
        swap(s, from, to);
}

/* Splitters of shares, at even steps of a sample of n keys, which lie above the first one. */
static void choose_shares(struct sweep *s, int64_t first, const int64_t *packed, int64_t n)
{
    int64_t sample[SHARE_SAMPLE], scratch[SHARE_SAMPLE];
    const int size = s->threads == 1 ? 0 : n < SHARE_SAMPLE ? (int)n : SHARE_SAMPLE;
    for (int i = 0; i < size; i++)
        sample[i] = packing_key(s->packing, packed[sort_first_of(n, size, i)]);
    key_sort(sample, size, scratch, 0);
    s->share_splitter[0] = first;
    for (int t = 1; t < s->threads; t++)
        s->share_splitter[t] = size > 0 ? sample[(int64_t)size * t / s->threads] : first;
}

/* The part that this rank has, n keys of the second buffer, divided into shares for its threads. */
static void share_out(struct sweep *s, int64_t splitter, int64_t n)
{
    const struct sort_part *part = &s->by_rank.part[s->rank];
    s->own = part;
    s->own_splitter = &s->by_rank.splitter[s->rank];
    if (s->threads == 1)
        return;
    choose_shares(s, splitter, s->buffer[1], n);
    divide(s, &s->by_share, 1, 0, n);
    swap(s, 0, 1);
    s->by_share.part[0].ties = part->ties;
    s->by_share.part[0].ties_sum = part->ties_sum;
    s->own = s->by_share.part;
    s->own_splitter = s->share_splitter;
}

/* Sort one share and visit it: the ties with its splitter, then what lies above. */
static void visit_share(
    const struct sweep *s, int share, int64_t *keys, int64_t *scratch, int64_t position, int64_t sum)
{
    const struct sort_part *part = &s->own[share];
    const int thread = omp_get_thread_num();
    if (part->ties > 0) {
        struct sorted_run run = {
            .first = position, .n = part->ties, .value = key_value(s->own_splitter[share]), .sum_below = sum};
        sort_labels_of_ties(&s->labels, share, &run);
        s->visit(s->context, thread, &run);
    }
    if (part->values > 0) {
        key_sort(keys, part->values, scratch, s->packing.bits);
        double *values = (double *)scratch;
        sample_sort_values(keys, (int)part->values, s->packing, values);
        struct sorted_run run = {.first = position + part->ties,
            .n = part->values,
            .values = values,
            .sum_below = sum + part->ties_sum};
        sort_labels_of_values(&s->labels, share, keys, &run);
        s->visit(s->context, thread, &run);
    }
}

/* How many values of each label there are in this rank's shares, and below them. Collective. */
static void count_labels(struct sweep *s, bool is_last)
{
    const int64_t *keys = s->buffer[1];
    if (s->array->labels.n == 0)
        return;
    for (int i = 0; i < s->threads; keys += s->own[i++].values)
        sort_labels_count(&s->labels, i, keys, s->own[i].values, s->threads);
    sort_labels_place(&s->labels, s->comm, s->rank, s->size, s->threads, is_last);
}

/* This rank's shares of a range, by its threads. */
static void visit_shares(struct sweep *s)
{
    const struct sort_division *by = &s->by_rank;
    struct sort_part below = {.values = s->position, .values_sum = s->sum};
    for (int p = 0; p < by->parts; p++) {
        if (p == s->rank && s->size > 1)
            below = (struct sort_part){.values = s->position, .values_sum = s->sum};
        s->position += by->part[p].ties + by->part[p].values;
        s->sum += by->part[p].ties_sum + by->part[p].values_sum;
    }
#pragma omp parallel for num_threads(s->threads) schedule(dynamic) if (s->threads > 1)
    for (int i = 0; i < s->threads; i++) {
        struct sort_part before = below;
        int64_t place = 0;
        for (int p = 0; p < i; p++) {
            sort_part_add(&before, &s->own[p]);
            place += s->own[p].values;
        }
        visit_share(s, i, s->buffer[1] + place, s->buffer[2] + place, before.ties + before.values,
            before.ties_sum + before.values_sum);
    }
}

/* Room for what this rank is about to receive: there is, unless the splitters are those of a sample. */
static enum status make_room_for_all(struct sweep *s)
{
    int64_t most = 0, sent = 0;
    for (int r = 0; r < s->size; r++) {
        most = s->by_rank.part[r].values > most ? s->by_rank.part[r].values : most;
        sent += s->exchange.send[r];
    }
    if (most <= s->common_room)
        return WS_OK;
    return error_agree(s->comm, make_room(s, s->by_rank.part[s->rank].values, sent));
}

/* From this rank's keys by part, in the second buffer, to its part of all ranks' keys there. Collective. */
static enum status exchange_parts(struct sweep *s, int64_t *n)
{
    const int size = s->size;
    int64_t all = 0, ties = 0;
    for (int r = 0; r < size; r++) {
        all += s->by_rank.part[r].values;
        ENSURE(all <= INT32_MAX);
        s->exchange.send[r] = (int)s->by_rank.part[r].values;
    }
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, s->by_rank.part, 4 * size, MPI_INT64_T, MPI_SUM, s->comm));
    for (int r = 0; r < size; r++)
        ties += s->by_rank.part[r].ties;
    sort_labels_sum_ties(&s->labels, s->comm, s->threads, ties > 0);
    enum status status = make_room_for_all(s);
    if (status == WS_OK)
        status = exchange_plan(&s->exchange, n);
    if (status != WS_OK)
        return status;
    exchange_send(&s->exchange, s->buffer[1], s->buffer[2]);
    swap(s, 1, 2);
    return WS_OK;
}

/* The values of a batch whose keys lie in first … last, which can be packed. */
static enum status sweep_range(
    struct sweep *s, const int64_t *splitter, int64_t first, int64_t last, bool is_last)
{
    enum status status = WS_OK;
    s->packing.base = first;
    int64_t n = pick(s, last);
    if (n > s->room) {
        status = make_room(s, n, 0);
        if (status == WS_OK)
            n = pick(s, last);
    }
    /* One batch of them all has had room from the beginning. */
    if (s->batches > 1)
        status = error_agree(s->comm, status);
    if (status != WS_OK)
        return status;
    s->by_rank.splitter = splitter;
    sort_labels_clear(&s->labels, s->by_rank.parts);
    if (s->size == 1) {
        choose_shares(s, splitter[0], s->buffer[0], n);
        s->by_rank.splitter = s->own_splitter = s->share_splitter;
    }
    divide(s, &s->by_rank, 0, 1, n);
    if (s->size > 1) {
        status = exchange_parts(s, &n);
        if (status != WS_OK)
            return status;
        share_out(s, splitter[s->rank], n);
    }
    count_labels(s, is_last);
    visit_shares(s);
    return WS_OK;
}

/* A batch at once, or where its keys lie too far apart for packing, as those around zero do, the ranges of it that can be
 * packed and have values. */
static enum status sweep_batch(struct sweep *s, int64_t batch)
{
    const int64_t *splitter = s->splitter + batch * s->size;
    const int64_t last = batch + 1 < s->batches ? splitter[s->size] - 1 : key_of(s->array->maximum);
    const int shift = 63 - s->packing.bits;
    const uint64_t span = (uint64_t)last - (uint64_t)splitter[0];
    uint8_t occupied[SORT_RANGES];
    if (last < splitter[0])
        return WS_OK;
    sort_labels_ranges(s->comm, s->threads, s->array, splitter[0], last, shift, occupied);
    enum status status = WS_OK;
    for (uint64_t range = 0; range <= span >> shift && status == WS_OK; range++) {
        const int64_t first = (int64_t)((uint64_t)splitter[0] + (range << shift));
        const int64_t end = (int64_t)((uint64_t)first + (((uint64_t)1 << shift) - 1));
        const bool is_last = range == span >> shift;
        if (occupied[range])
            status =
                sweep_range(s, splitter, first, is_last ? last : end, is_last && batch + 1 == s->batches);
    }
    return status;
}

/* Keys at even steps of the sorted order: of a sample where this is only about fair shares of a small array, else
 * of the array itself, whose parts then have their share at most. */
static enum status find_cuts(struct sweep *s, int64_t n_global)
{
    const int64_t count = s->batches * s->size;
    s->splitter[0] = key_of(s->array->minimum) - 1;
    if (count == 1)
        return WS_OK;
    if (s->batches == 1 && s->size <= PARTS_FROM_SAMPLE) {
        int64_t sample[ORDER_SAMPLE];
        const int size = order_sample(s->comm, s->array->x, s->array->n, n_global, sample);
        for (int64_t c = 1; c < count; c++)
            s->splitter[c] = sample[size * c / count];
        return WS_OK;
    }
    ENSURE(count <= INT32_MAX);
    int64_t *position = malloc((size_t)count * sizeof *position);
    double *value = malloc((size_t)count * sizeof *value);
    enum status status = error_agree(
        s->comm, position && value ? WS_OK : error_memory((size_t)count * sizeof *value, "sorting"));
    if (status == WS_OK) {
        for (int64_t c = 0; c < count; c++)
            position[c] = (int64_t)((__int128)n_global * c / count);
        status = order_statistics(
            s->comm, s->threads, s->array->x, s->array->n, position + 1, (int)count - 1, value + 1);
    }
    for (int64_t c = 1; c < count && status == WS_OK; c++)
        s->splitter[c] = key_of(value[c]);
    free(position);
    free(value);
    return status;
}

static enum status allocate(struct sweep *s, int64_t room)
{
    const int size = s->size, threads = s->threads, parts = size > 1 ? size : threads;
    const size_t splitters = (size_t)s->batches * (size_t)size;
    s->splitter = malloc(splitters * sizeof *s->splitter);
    s->share_splitter = malloc((size_t)threads * sizeof *s->share_splitter);
    enum status status = exchange_create(&s->exchange, s->comm, sizeof(int64_t),
        exchange_groups(size, s->common_room * (int64_t)sizeof(int64_t)));
    const bool has_divisions = sort_division_create(&s->by_rank, parts, threads) &&
                               sort_division_create(&s->by_share, threads, threads);
    s->own = s->by_rank.part;
    s->by_share.splitter = s->share_splitter;
    if (!s->splitter || !s->share_splitter || !has_divisions)
        status = error_memory(
            (size_t)threads * (size_t)parts * sizeof *s->own + splitters * sizeof *s->splitter, "sorting");
    if (status == WS_OK)
        status = sort_labels_create(&s->labels, &s->array->labels, parts, threads);
    return status == WS_OK ? make_room(s, room, 0) : status;
}

static void destroy(struct sweep *s)
{
    exchange_destroy(&s->exchange);
    sort_labels_destroy(&s->labels);
    free(s->splitter);
    free(s->share_splitter);
    sort_division_destroy(&s->by_rank);
    sort_division_destroy(&s->by_share);
    free(s->block);
}

/* How many batches, and the values of a fair one with what chance adds to it. */
static int64_t batches_of(int64_t n_global, int size, int64_t *common_room)
{
    const int64_t fair = (n_global + size - 1) / size;
    const int64_t by_size = (fair + batch_least - 1) / batch_least,
                  by_message = (fair + batch_greatest - 1) / batch_greatest;
    const int64_t batches = by_size < BATCHES ? by_size : BATCHES > by_message ? BATCHES : by_message;
    const int64_t batch = fair / batches + 1;
    *common_room = batch + batch / 16 + 64;
    return batches;
}

int64_t sample_sort_bytes(int64_t n_global, int size, int threads, int n_labels)
{
    int64_t room = 0;
    const int64_t batches = batches_of(n_global, size, &room), splitters = batches * size;
    /* splitters; their positions, values and search: a count for each thread of four bins to a splitter */
    return 3 * room * (int64_t)sizeof(int64_t) + sort_division_bytes(size, threads) +
           sort_division_bytes(threads, threads) + splitters * (8 + 16 + 144 + 32 * (int64_t)threads) +
           exchange_bytes(size, room * (int64_t)sizeof(int64_t)) +
           sort_labels_bytes(n_labels, size > threads ? size : threads, threads);
}

enum status sample_sort_visit(MPI_Comm comm, int threads, const struct sample_sort_array *array,
    struct sample_sort_fixed fixed, sample_sort_visitor *visit, void *context)
{
    struct sweep s = {.comm = comm,
        .threads = threads,
        .array = array,
        .fixed = fixed,
        .visit = visit,
        .context = context,
        .packing = {.bits = sort_labels_bits(array->labels.n)}};
    MPI_CHECK(MPI_Comm_rank(comm, &s.rank));
    MPI_CHECK(MPI_Comm_size(comm, &s.size));
    ENSURE(s.size <= INT32_MAX / 4);

    s.batches = batches_of(array->n_global, s.size, &s.common_room);
    const int64_t picked = s.batches == 1 ? array->n : 0;
    enum status status = error_agree(comm, allocate(&s, picked > s.common_room ? picked : s.common_room));
    if (status == WS_OK)
        status = find_cuts(&s, array->n_global);
    for (int64_t b = 0; b < s.batches && status == WS_OK; b++)
        status = sweep_batch(&s, b);
    if (status == WS_OK)
        ENSURE(s.position == array->n_global); /* all have been visited, and there are as many as was said */
    destroy(&s);
    return status;
}
