/* Cuts at even steps divide the sorted order into parts: first into batches, so many that a
 * batch fits the buffers, and every batch into as many parts as there are ranks and threads. A part lies strictly
 * between two splitters, so it has about its fair share of values, however they are distributed; values that equal a
 * splitter, and there may be any number of them, are counted only. For each batch the ranks pick their values of it,
 * send each part to its rank, which sorts it, and visit.
 *
 * Picking reads all values once a batch. Beside a copy of the array, which a sort in one go would need, that is
 * cheap: a batch is 1/16 of the values, and a pass takes 1/20 of the time that sorting does. */
#include "statistics/sample_sort.h"
#include "statistics/key.h"
#include "statistics/order.h"
#include "statistics/sort_block.h"
#include "statistics/sort_labels.h"
#include "statistics/sort_parts.h"
#include <omp.h>
#include <stdlib.h>

/* Values of a batch on a rank, and batches at most, unless a message would then exceed MPI's counts. */
static const int64_t batch_least = INT64_C(1) << 17, batch_greatest = INT64_C(1) << 27;
enum { BATCHES = 16, PARTS_FROM_SAMPLE = 64 };

/* What all ranks together know of a part: the values that equal the splitter at its lower end, and those above it up to
 * the next splitter. */
struct part {
    int64_t ties, values;
    int64_t ties_sum, values_sum; /* as sample_sort_fixed counts them */
};

struct sweep {
    MPI_Comm comm;
    int rank, size;
    int threads, shares; /* shares: parts of a batch that each rank gets */
    const struct sample_sort_array *array;
    struct sample_sort_fixed fixed;
    sample_sort_visitor *visit;
    void *context;
    int parts; /* of a batch: size × shares */
    int64_t batches;
    struct packing packing; /* of the range of keys that is at work */
    struct sort_labels labels;
    int64_t *splitter;   /* [batches × parts] keys at the parts' lower ends; the first is below all */
    struct part *part;   /* [threads][parts] of one batch: local, by thread, then the sum */
    int64_t *place;      /* [threads][parts] where the next key of a part goes */
    int *send, *receive; /* [parts] counts by rank and share: to send, and received; then [size] for MPI */
    int *send_count, *send_place, *receive_count, *receive_place; /* [size] */
    int64_t *block, *buffer[3];                                   /* [room] each, in one block */
    int64_t room, common_room; /* common_room: what every rank has at least */
    int64_t position, sum;     /* where the range begins: values below it, and their sum */
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

static void add_part(struct part *to, const struct part *from)
{
    to->ties += from->ties;
    to->values += from->values;
    to->ties_sum += from->ties_sum;
    to->values_sum += from->values_sum;
}

/* Count keys by part, and their fixed-point values. */
static void count_parts(
    struct sweep *s, const int64_t *splitter, const int64_t *packed, int64_t n, struct part *part)
{
    struct sort_labels_ties ties = {.n = 0};
    for (int64_t begin = 0; begin < n; begin += SORTED_BLOCK) {
        int64_t keys[SORTED_BLOCK], fixed[SORTED_BLOCK];
        const int size = n - begin < SORTED_BLOCK ? (int)(n - begin) : SORTED_BLOCK;
        sample_sort_unpack(packed + begin, size, s->packing, s->fixed, keys, fixed);
        for (int i = 0; i < size; i++) {
            const int p = sort_part_of(splitter, s->parts, keys[i]);
            if (keys[i] == splitter[p]) {
                part[p].ties++;
                part[p].ties_sum += fixed[i];
                sort_labels_tie(&s->labels, &ties, p, packed[begin + i]);
            } else {
                part[p].values++;
                part[p].values_sum += fixed[i];
            }
        }
    }
    sort_labels_note(&ties);
}

/* Count picked keys by part, put those above their part's splitter in order of parts into the second buffer, and sum
 * the counts over the ranks. */
static void divide(struct sweep *s, const int64_t *splitter, int64_t picked)
{
    const int parts = s->parts, threads = s->threads;
    const int64_t *keys = s->buffer[0];
    memset(s->part, 0, (size_t)threads * (size_t)parts * sizeof *s->part);
    sort_labels_clear(&s->labels, parts);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int t = 0; t < threads; t++) {
        const int64_t first = sort_first_of(picked, threads, t), end = sort_first_of(picked, threads, t + 1);
        count_parts(s, splitter, keys + first, end - first, s->part + (int64_t)t * parts);
    }
    int64_t place = 0;
    for (int p = 0; p < parts; p++) {
        s->send[p] = 0;
        for (int t = 0; t < threads; t++) {
            const struct part *part = &s->part[(int64_t)t * parts + p];
            s->place[(int64_t)t * parts + p] = place;
            place += part->values;
            ENSURE(place <= INT32_MAX);
            s->send[p] += (int)part->values;
            if (t > 0)
                add_part(&s->part[p], part);
        }
    }
    if (place == picked && parts == 1) { /* all are in order of parts */
        int64_t *held = s->buffer[0];
        s->buffer[0] = s->buffer[1];
        s->buffer[1] = held;
        picked = 0;
    }
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int t = 0; t < threads; t++) {
        int64_t *next = s->place + (int64_t)t * parts;
        const int64_t end = sort_first_of(picked, threads, t + 1);
        for (int64_t i = sort_first_of(picked, threads, t); i < end; i++) {
            const int64_t key = packing_key(s->packing, keys[i]);
            const int p = sort_part_of(splitter, parts, key);
            if (key != splitter[p])
                s->buffer[1][next[p]++] = keys[i];
        }
    }
    ENSURE(parts <= INT32_MAX / 4);
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, s->part, 4 * parts, MPI_INT64_T, MPI_SUM, s->comm));
}

/* Send every part to its rank; then this rank's parts stand one after another in the first buffer. */
static void exchange(struct sweep *s)
{
    const int size = s->size, shares = s->shares;
    MPI_CHECK(MPI_Alltoall(s->send, shares, MPI_INT, s->receive, shares, MPI_INT, s->comm));
    int64_t sent = 0, received = 0;
    for (int r = 0; r < size; r++) {
        s->send_count[r] = s->receive_count[r] = 0;
        s->send_place[r] = (int)sent;
        s->receive_place[r] = (int)received;
        for (int i = 0; i < shares; i++) {
            s->send_count[r] += s->send[r * shares + i];
            s->receive_count[r] += s->receive[r * shares + i];
        }
        sent += s->send_count[r];
        received += s->receive_count[r];
        ENSURE(sent <= INT32_MAX && received <= INT32_MAX);
    }
    MPI_CHECK(MPI_Alltoallv(s->buffer[1], s->send_count, s->send_place, MPI_INT64_T, s->buffer[2],
        s->receive_count, s->receive_place, MPI_INT64_T, s->comm));

    int64_t place = 0;
    for (int i = 0; i < shares; i++)
        for (int r = 0; r < size; r++) {
            const int count = s->receive[r * shares + i];
            memcpy(s->buffer[0] + place, s->buffer[2] + s->receive_place[r], (size_t)count * sizeof(int64_t));
            s->receive_place[r] += count;
            place += count;
        }
}

/* Sort one part and visit it: the ties with its splitter, then what lies above. */
static void visit_part(const struct sweep *s, int share, int64_t splitter, int64_t *keys, int64_t *scratch,
    int64_t position, int64_t sum)
{
    const struct part *part = &s->part[s->rank * s->shares + share];
    const int thread = omp_get_thread_num();
    if (part->ties > 0) {
        struct sorted_run run = {
            .first = position, .n = part->ties, .value = key_value(splitter), .sum_below = sum};
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

static int64_t *keys_of(const struct sweep *s)
{
    return s->size > 1 ? s->buffer[0] : s->buffer[1];
}

/* How many values of each label there are in this rank's parts, and below them. Collective. */
static void count_labels(struct sweep *s)
{
    const struct part *own = s->part + s->rank * s->shares;
    const int64_t *keys = keys_of(s);
    int64_t ties = 0;
    if (s->array->labels.n == 0)
        return;
    for (int p = 0; p < s->parts; p++)
        ties += s->part[p].ties;
    sort_labels_sum_ties(&s->labels, s->comm, s->shares, ties > 0);
    for (int i = 0; i < s->shares; keys += own[i++].values)
        sort_labels_count(&s->labels, i, keys, own[i].values, s->threads);
    sort_labels_place(&s->labels, s->comm, s->rank, s->size, s->shares);
}

/* This rank's parts of a range, by its threads. */
static void visit_parts(struct sweep *s, const int64_t *splitter)
{
    int64_t *keys = keys_of(s), *scratch = s->buffer[2];
    const int first = s->rank * s->shares;
#pragma omp parallel for num_threads(s->threads) schedule(dynamic) if (s->threads > 1)
    for (int i = 0; i < s->shares; i++) {
        int64_t position = s->position, sum = s->sum, place = 0;
        for (int p = 0; p < first + i; p++) {
            position += s->part[p].ties + s->part[p].values;
            sum += s->part[p].ties_sum + s->part[p].values_sum;
            place += p < first ? 0 : s->part[p].values;
        }
        visit_part(s, i, splitter[first + i], keys + place, scratch + place, position, sum);
    }
    for (int p = 0; p < s->parts; p++) {
        s->position += s->part[p].ties + s->part[p].values;
        s->sum += s->part[p].ties_sum + s->part[p].values_sum;
    }
}

/* Room for what this rank is about to receive: there is, unless the splitters are those of a sample. */
static enum status make_room_for_all(struct sweep *s)
{
    int64_t most = 0, mine = 0, sent = 0;
    for (int r = 0; r < s->size; r++) {
        int64_t received = 0;
        for (int i = 0; i < s->shares; i++)
            received += s->part[r * s->shares + i].values;
        most = received > most ? received : most;
        mine = r == s->rank ? received : mine;
    }
    if (most <= s->common_room)
        return WS_OK;
    for (int p = 0; p < s->parts; p++)
        sent += s->send[p];
    return error_agree(s->comm, make_room(s, mine, sent));
}

/* The values of a batch whose keys lie in first … last, which can be packed. */
static enum status sweep_range(struct sweep *s, const int64_t *splitter, int64_t first, int64_t last)
{
    enum status status = WS_OK;
    s->packing.base = first;
    int64_t picked = pick(s, last);
    if (picked > s->room) {
        status = make_room(s, picked, 0);
        if (status == WS_OK)
            picked = pick(s, last);
    }
    status = error_agree(s->comm, status);
    if (status != WS_OK)
        return status;
    divide(s, splitter, picked);
    if (s->size > 1) {
        status = make_room_for_all(s);
        if (status != WS_OK)
            return status;
        exchange(s);
    }
    count_labels(s);
    visit_parts(s, splitter);
    return WS_OK;
}

/* A batch at once, or where its keys lie too far apart for packing, as those around zero do, the ranges of it that can be
 * packed and have values. */
static enum status sweep_batch(struct sweep *s, int64_t batch)
{
    const int64_t *splitter = s->splitter + batch * s->parts;
    const int64_t last = batch + 1 < s->batches ? splitter[s->parts] - 1 : key_of(s->array->maximum);
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
        if (occupied[range])
            status = sweep_range(s, splitter, first, range == span >> shift ? last : end);
    }
    return status;
}

/* Keys at even steps of the sorted order: of a sample where this is only about fair shares of a small array, else
 * of the array itself, whose parts then have their share at most. */
static enum status find_cuts(struct sweep *s, int64_t n_global)
{
    const int64_t count = s->batches * s->parts;
    s->splitter[0] = key_of(s->array->minimum) - 1;
    if (count == 1)
        return WS_OK;
    if (s->batches == 1 && s->parts <= PARTS_FROM_SAMPLE) {
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
    const size_t parts = (size_t)s->parts, rows = (size_t)s->threads * parts, size = (size_t)s->size;
    s->splitter = malloc((size_t)s->batches * parts * sizeof *s->splitter);
    s->part = malloc(rows * sizeof *s->part);
    s->place = malloc(rows * sizeof *s->place);
    s->send = malloc((2 * parts + 4 * size) * sizeof *s->send);
    if (!s->splitter || !s->part || !s->place || !s->send)
        return error_memory(rows * sizeof *s->part, "sorting");
    s->receive = s->send + parts;
    s->send_count = s->receive + parts;
    s->send_place = s->send_count + size;
    s->receive_count = s->send_place + size;
    s->receive_place = s->receive_count + size;
    const enum status status = sort_labels_create(&s->labels, &s->array->labels, s->parts, s->shares);
    return status == WS_OK ? make_room(s, room, 0) : status;
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
    const int64_t batches = batches_of(n_global, size, &room), parts = (int64_t)size * threads;
    const int64_t splitters = batches * parts;
    const int64_t of_parts = threads * parts * (int64_t)(sizeof(struct part) + sizeof(int64_t));
    /* splitters; their positions, values and search: a count for each thread of four bins to a splitter */
    return 3 * room * (int64_t)sizeof(int64_t) + of_parts +
           splitters * (8 + 16 + 144 + 32 * (int64_t)threads) +
           sort_labels_bytes(n_labels, (int)parts, threads);
}

enum status sample_sort_visit(MPI_Comm comm, int threads, const struct sample_sort_array *array,
    struct sample_sort_fixed fixed, sample_sort_visitor *visit, void *context)
{
    struct sweep s = {.comm = comm,
        .threads = threads,
        .shares = threads,
        .array = array,
        .fixed = fixed,
        .visit = visit,
        .context = context,
        .packing = {.bits = sort_labels_bits(array->labels.n)}};
    MPI_CHECK(MPI_Comm_rank(comm, &s.rank));
    MPI_CHECK(MPI_Comm_size(comm, &s.size));
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, &s.shares, 1, MPI_INT, MPI_MAX, comm));
    ENSURE(s.size <= INT32_MAX / 4 / s.shares);
    s.parts = s.size * s.shares;

    s.batches = batches_of(array->n_global, s.size, &s.common_room);
    const int64_t picked = s.batches == 1 ? array->n : 0;
    enum status status = error_agree(comm, allocate(&s, picked > s.common_room ? picked : s.common_room));
    if (status == WS_OK)
        status = find_cuts(&s, array->n_global);
    for (int64_t b = 0; b < s.batches && status == WS_OK; b++)
        status = sweep_batch(&s, b);
    sort_labels_destroy(&s.labels);
    free(s.splitter);
    free(s.part);
    free(s.place);
    free(s.send);
    free(s.block);
    return status;
}
