/* Two stages, each a sort by parts as in sample_sort.c: splitters, which are exact order statistics, cut the order into
 * batches that fit the buffers, and each batch into a part for every rank, who divides it into shares for its threads. A part is
 * sorted where it belongs; values that equal a splitter, and there may be any number of them, are ranked where they are.
 *
 *   1. By x: each value's rank goes home to its owner, who writes it over the value, as a NaN, which no later batch picks.
 *   2. By y, with the rank of x beside it: the sums of the ranks' products.
 *
 * Ranks are doubled, so that means of them are integers, and counted from their mean: a value with `below` less than it and
 * `equal` equal to it, of n, has 2 below + equal - n, which lies between -n and n. */
#include "statistics/rank_correlation.h"
#include "statistics/boxed_rank.h"
#include "statistics/correlation.h"
#include "statistics/exchange.h"
#include "statistics/key.h"
#include "statistics/order.h"
#include "statistics/pair_shares.h"
#include "statistics/pairs.h"
#include "statistics/sort_parts.h"
#include <math.h>
#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide;

/* Values of a batch on a rank, and batches at most, unless a message would then exceed MPI's counts. */
static const int64_t batch_least = INT64_C(1) << 15, batch_greatest = INT64_C(1) << 26;
enum { BATCHES = 16, SHARE_SAMPLE = 1024 };

/* What all ranks together know of a part: the values that equal the splitter at its lower end, and those above it up to the
 * next splitter. */
struct part {
    int64_t ties, values;
};

/* Of a thread: of ranks, and of ranks of x and y. */
struct sums {
    wide squares, products;
};

struct sweep {
    MPI_Comm comm;
    int rank, size;
    int threads;
    int64_t batches, n, n_global;
    bool is_second;
    const double *values;      /* [n] that are sorted */
    double *ranked;            /* [n] x, which becomes ranks */
    int64_t *splitter;         /* [batches × size] keys at the parts' lower ends; the first is below all */
    struct part *part;         /* [size] of one batch, of all ranks: a part for each */
    int64_t *mine, *ties;      /* [threads][size] picked pairs, and values that equal splitters */
    int64_t *tie_rank;         /* [batches × size] of values that equal the splitter */
    int64_t *first;            /* [size] position of the part's first value in the order of all */
    int64_t *place;            /* [threads][size] where the next pair of a part goes */
    struct pair_shares shares; /* of this rank's part, where there are threads */
    struct exchange exchange;
    struct pair *block, *picked, *sent, *received; /* [room] each, in one block */
    int64_t *reply;                                /* [room] ranks of what was received */
    int64_t room;
    int64_t position;  /* where the batch begins: values below it */
    struct sums *sums; /* [threads] */
};

static int64_t rank_of(const struct sweep *s, int64_t below, int64_t equal)
{
    return 2 * below + equal - s->n_global;
}

/* ---- picking and dividing ------------------------------------------------------------------------------------------- */

/* Pick this rank's values with keys in first … last as far as there is room, but for those that equal their part's splitter,
 * which are counted. @return how many there are */
static int64_t pick(struct sweep *s, const int64_t *splitter, int64_t first, int64_t last)
{
    int64_t picked = 0;
    memset(s->ties, 0, (size_t)s->threads * (size_t)s->size * sizeof *s->ties);
#pragma omp parallel for num_threads(s->threads) schedule(static) if (s->threads > 1)
    for (int64_t begin = 0; begin < s->n; begin += PAIRS_BLOCK) {
        int64_t keys[PAIRS_BLOCK], place, *ties = s->ties + (int64_t)omp_get_thread_num() * s->size;
        uint16_t places[PAIRS_BLOCK];
        struct pair pairs[PAIRS_BLOCK];
        const int size = s->n - begin < PAIRS_BLOCK ? (int)(s->n - begin) : PAIRS_BLOCK;
        const int inside = pairs_pick(s->values + begin, size, first, last, keys, places);
        int kept = 0;
        for (int i = 0; i < inside; i++) {
            const int64_t at = begin + places[i];
            const int p = sort_part_of(splitter, s->size, keys[i]);
            const bool is_tie = keys[i] == splitter[p];
            pairs[kept] = (struct pair){
                .key = keys[i], .load = s->is_second ? boxed_rank_of(s->ranked[at], s->n_global) : at};
            ties[p] += is_tie;
            kept += !is_tie;
        }
#pragma omp atomic capture
        {
            place = picked;
            picked += kept;
        }
        if (place + kept <= s->room)
            memcpy(s->picked + place, pairs, (size_t)kept * sizeof *pairs);
    }
    return picked;
}

/* Buffers of at least so many pairs each, in one block; what is in them is lost. */
static enum status make_room(struct sweep *s, int64_t room)
{
    if (room <= s->room)
        return WS_OK;
    free(s->block);
    s->room = 0;
    const size_t bytes = (size_t)room * (3 * sizeof(struct pair) + sizeof(int64_t));
    s->block = malloc(bytes);
    if (!s->block)
        return error_memory(bytes, "ranks");
    s->room = room;
    s->picked = s->block;
    s->sent = s->block + room;
    s->received = s->block + 2 * room;
    s->reply = (int64_t *)(void *)(s->block + 3 * room);
    return WS_OK;
}

/* Count what was picked by part, on all ranks, and find where each part begins in the order of all. */
static void count_parts(struct sweep *s, const int64_t *splitter, int64_t picked)
{
    const int parts = s->size, threads = s->threads;
    memset(s->mine, 0, (size_t)threads * (size_t)parts * sizeof *s->mine);
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int t = 0; t < threads; t++) {
        int64_t *mine = s->mine + (int64_t)t * parts;
        const int64_t end = sort_first_of(picked, threads, t + 1);
        for (int64_t i = sort_first_of(picked, threads, t); i < end; i++)
            mine[sort_part_of(splitter, parts, s->picked[i].key)]++;
    }
    int64_t place = 0;
    for (int p = 0; p < parts; p++) {
        const int64_t begin = place;
        s->part[p] = (struct part){.ties = 0};
        for (int t = 0; t < threads; t++) {
            s->place[(int64_t)t * parts + p] = place;
            place += s->mine[(int64_t)t * parts + p];
            s->part[p].ties += s->ties[(int64_t)t * parts + p];
        }
        s->part[p].values = place - begin;
        ENSURE(place <= INT32_MAX);
        s->exchange.send[p] = (int)(place - begin);
    }
    ENSURE(parts <= INT32_MAX / 2);
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, s->part, 2 * parts, MPI_INT64_T, MPI_SUM, s->comm));
    for (int p = 0; p < parts; p++) {
        s->first[p] = s->position;
        s->position += s->part[p].ties + s->part[p].values;
    }
}

/* A value's rank is known. */
static void take_rank(const struct sweep *s, struct sums *sums, int64_t rank, int64_t load, bool is_home)
{
    if (s->is_second)
        sums->products += (wide)rank * load;
    else if (is_home)
        s->ranked[load] = boxed_rank(rank, s->n_global);
    else
        s->reply[load] = rank;
}

static void swap(struct pair **a, struct pair **b)
{
    struct pair *held = *a;
    *a = *b;
    *b = held;
}

/* Put what was picked in order of parts. */
static void divide(struct sweep *s, const int64_t *splitter, int64_t picked)
{
    const int parts = s->size, threads = s->threads;
    if (parts == 1) {
        swap(&s->picked, &s->sent);
        return;
    }
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int t = 0; t < threads; t++) {
        int64_t *next = s->place + (int64_t)t * parts;
        const int64_t end = sort_first_of(picked, threads, t + 1);
        for (int64_t i = sort_first_of(picked, threads, t); i < end; i++)
            s->sent[next[sort_part_of(splitter, parts, s->picked[i].key)]++] = s->picked[i];
    }
}

/* The ranks of a batch's values that equal splitters; rank 0 counts them. */
static void rank_ties(struct sweep *s, int64_t *tie_rank)
{
    for (int p = 0; p < s->size; p++) {
        tie_rank[p] = rank_of(s, s->first[p], s->part[p].ties);
        if (s->rank == 0)
            s->sums[0].squares += (wide)tie_rank[p] * tie_rank[p] * s->part[p].ties;
    }
}

/* Values that equal a splitter take their ranks, once all batches are done. */
static void take_ties(struct sweep *s)
{
    const int count = (int)s->batches * s->size;
#pragma omp parallel for num_threads(s->threads) schedule(static) if (s->threads > 1)
    for (int64_t i = 0; i < s->n; i++) {
        const int64_t key = key_of(s->values[i]);
        const int at = sort_part_of(s->splitter, count, key);
        if (key == s->splitter[at] && !isnan(s->values[i])) /* else it is a rank already */
            take_rank(s, &s->sums[omp_get_thread_num()], s->tie_rank[at],
                s->is_second ? boxed_rank_of(s->ranked[i], s->n_global) : i, true);
    }
}

/* ---- a batch -------------------------------------------------------------------------------------------------------- */

/* Send every part to its rank: then this rank's part stands where pairs are received. In the first stage their loads are where
 * they stood when they came. */
static enum status gather_part(struct sweep *s, int64_t *n)
{
    const enum status status = exchange_plan(&s->exchange, n);
    if (status != WS_OK)
        return status;
    ENSURE(*n <= s->room);
    exchange_send(&s->exchange, s->sent, s->received);
    for (int64_t i = 0; i < *n && !s->is_second; i++)
        s->received[i].load = i;
    return WS_OK;
}

/* Send the ranks home. */
static void send_back(struct sweep *s)
{
    int64_t *home = (int64_t *)(void *)s->received;
    int64_t n = 0;
    for (int r = 0; r < s->size; r++)
        n += s->exchange.send[r];
    exchange_return(&s->exchange, s->reply, home);
#pragma omp parallel for num_threads(s->threads) schedule(static) if (s->threads > 1)
    for (int64_t i = 0; i < n; i++)
        s->ranked[s->sent[i].load] = boxed_rank(home[i], s->n_global);
}

/* Sort a share, whose first pair has a position in the order of all, and take the ranks. */
static void visit_share(const struct sweep *s, struct sums *sums, struct pair *pairs, int64_t n,
    struct pair *scratch, int64_t position)
{
    pairs_sort(pairs, n, scratch);
    for (int64_t begin = 0, end = 0; begin < n; begin = end) {
        end = begin + 1;
        while (end < n && pairs[end].key == pairs[begin].key)
            end++;
        const int64_t rank = rank_of(s, position + begin, end - begin);
        sums->squares += (wide)rank * rank * (end - begin);
        for (int64_t i = begin; i < end; i++)
            take_rank(s, sums, rank, pairs[i].load, s->size == 1);
    }
}

/* This rank's part of a batch, n pairs, share by share. The first and the last of the three buffers may be overwritten; of one
 * rank alone, all. */
static void visit_part(struct sweep *s, int64_t n)
{
    const int64_t first = s->first[s->rank] + s->part[s->rank].ties;
    const int threads = s->threads;
    struct pair *pairs = s->size > 1 ? s->received : s->sent, *spare = s->picked;
    if (threads > 1) {
        pair_shares_divide(&s->shares, pairs, n, spare);
        swap(&pairs, &spare);
    }
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (threads > 1)
    for (int i = 0; i < threads; i++) {
        const int64_t begin = i > 0 ? pair_shares_end(&s->shares, i - 1) : 0,
                      end = i < threads - 1 ? pair_shares_end(&s->shares, i) : n;
        visit_share(
            s, &s->sums[omp_get_thread_num()], pairs + begin, end - begin, spare + begin, first + begin);
    }
}

static enum status sweep_batch(struct sweep *s, int64_t batch)
{
    const int64_t *splitter = s->splitter + batch * s->size;
    const int64_t last = batch + 1 < s->batches ? splitter[s->size] - 1 : KEY_GREATEST;
    enum status status = WS_OK;
    int64_t picked = pick(s, splitter, splitter[0], last);
    if (picked > s->room) {
        status = make_room(s, picked);
        if (status == WS_OK)
            picked = pick(s, splitter, splitter[0], last);
    }
    status = error_agree(s->comm, status);
    if (status != WS_OK)
        return status; // NOLINT(clang-analyzer-unix.Malloc): rank_correlation frees it
    count_parts(s, splitter, picked);
    divide(s, splitter, picked);
    rank_ties(s, s->tie_rank + batch * s->size);
    int64_t n = s->part[0].values;
    if (s->size > 1)
        status = gather_part(s, &n);
    if (status != WS_OK)
        return status;
    visit_part(s, n);
    if (s->size > 1 && !s->is_second)
        send_back(s);
    return WS_OK;
}

/* ---- both stages ---------------------------------------------------------------------------------------------------- */

/* Keys at even steps of the sorted order. */
static enum status find_splitters(struct sweep *s)
{
    const int64_t count = s->batches * s->size;
    ENSURE(count <= INT32_MAX);
    s->splitter[0] = KEY_LEAST - 1;
    int64_t *position = malloc((size_t)count * sizeof *position);
    double *value = malloc((size_t)count * sizeof *value);
    enum status status = error_agree(
        s->comm, position && value ? WS_OK : error_memory((size_t)count * sizeof *value, "ranks"));
    if (status == WS_OK) {
        for (int64_t c = 0; c < count; c++)
            position[c] = (int64_t)((__int128)s->n_global * c / count);
        status =
            order_statistics(s->comm, s->threads, s->values, s->n, position + 1, (int)count - 1, value + 1);
    }
    for (int64_t c = 1; c < count && status == WS_OK; c++)
        s->splitter[c] = key_of(value[c]);
    free(position);
    free(value);
    return status;
}

static enum status sort_stage(struct sweep *s, bool is_second, const double *values)
{
    s->is_second = is_second;
    s->values = values;
    s->position = 0;
    memset(s->sums, 0, (size_t)s->threads * sizeof *s->sums);
    enum status status = find_splitters(s);
    for (int64_t b = 0; b < s->batches && status == WS_OK; b++)
        status = sweep_batch(s, b);
    if (status == WS_OK)
        take_ties(s);
    return status;
}

/* Add a sum up over threads and ranks, in words that cannot overflow. */
static void reduce(const struct sweep *s, bool is_of_squares, mpz_t out)
{
    wide sum = 0;
    for (int t = 0; t < s->threads; t++)
        sum += is_of_squares ? s->sums[t].squares : s->sums[t].products;
    int64_t words[3] = {(int64_t)(sum & UINT32_MAX), (int64_t)(sum >> 32 & UINT32_MAX), (int64_t)(sum >> 64)};
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, words, 3, MPI_INT64_T, MPI_SUM, s->comm));
    mpz_set_si(out, words[2]);
    for (int i = 1; i >= 0; i--) {
        mpz_mul_2exp(out, out, 32);
        mpz_add_ui(out, out, (unsigned long)words[i]);
    }
}

static enum status allocate(struct sweep *s, int64_t room)
{
    const size_t parts = (size_t)s->size, rows = (size_t)s->threads * parts;
    const enum status status = exchange_create(&s->exchange, s->comm, sizeof(struct pair),
        exchange_groups(s->size, room * (int64_t)sizeof(struct pair)));
    s->splitter = malloc((size_t)s->batches * parts * sizeof *s->splitter);
    s->tie_rank = calloc((size_t)s->batches * parts, sizeof *s->tie_rank);
    s->part = malloc(parts * sizeof *s->part);
    s->first = malloc((parts + 3 * rows) * sizeof *s->first);
    s->sums = malloc((size_t)s->threads * sizeof *s->sums);
    const bool has_shares = pair_shares_create(&s->shares, s->threads);
    if (!has_shares || !s->splitter || !s->tie_rank || !s->part || !s->first || !s->sums)
        return error_memory(rows * sizeof *s->part, "ranks");
    s->place = s->first + parts;
    s->mine = s->place + rows;
    s->ties = s->mine + rows;
    return status == WS_OK ? make_room(s, room) : status;
}

/* How many batches, and the values of a fair one, with one that rounding may add. */
static int64_t batches_of(int64_t n_global, int size, int64_t *common_room)
{
    const int64_t fair = (n_global + size - 1) / size;
    const int64_t by_size = (fair + batch_least - 1) / batch_least,
                  by_message = (fair + batch_greatest - 1) / batch_greatest;
    const int64_t batches = by_size < BATCHES ? by_size : BATCHES > by_message ? BATCHES : by_message;
    *common_room = (fair / batches + 1) * 17 / 16 + 64;
    return batches;
}

int64_t rank_correlation_bytes(int64_t n_global, int size, int threads)
{
    int64_t room = 0;
    const int64_t batches = batches_of(n_global, size, &room), parts = size;
    const int64_t of_parts = (threads + 1) * parts * (int64_t)(sizeof(struct part) + 3 * sizeof(int64_t));
    /* splitters; their positions, values and search: a count for each thread of four bins to a splitter */
    return room * (int64_t)(3 * sizeof(struct pair) + sizeof(int64_t)) + of_parts +
           pair_shares_bytes(threads) + batches * parts * (16 + 16 + 144 + 32 * (int64_t)threads) +
           exchange_bytes(size, room * (int64_t)sizeof(struct pair));
}

static void read_result(const struct sweep *s, const mpz_t square_x, double *correlation)
{
    mpz_t square_y, product;
    mpz_inits(square_y, product, NULL);
    reduce(s, true, square_y);
    reduce(s, false, product);
    *correlation = correlation_of(product, square_x, square_y);
    mpz_clears(square_y, product, NULL);
}

enum status rank_correlation(
    MPI_Comm comm, int threads, double *x, const double *y, int64_t n, int64_t n_global, double *correlation)
{
    struct sweep s = {.comm = comm, .threads = threads, .n = n, .n_global = n_global, .ranked = x};
    mpz_t square_x;
    mpz_init(square_x);
    MPI_CHECK(MPI_Comm_rank(comm, &s.rank));
    MPI_CHECK(MPI_Comm_size(comm, &s.size));
    int64_t room = 0;
    s.batches = batches_of(n_global, s.size, &room);
    enum status status = error_agree(comm, allocate(&s, room));
    if (status == WS_OK)
        status = sort_stage(&s, false, x);
    if (status == WS_OK) {
        reduce(&s, true, square_x);
        status = sort_stage(&s, true, y);
    }
    if (status == WS_OK)
        read_result(&s, square_x, correlation);
    mpz_clear(square_x);
    exchange_destroy(&s.exchange);
    free(s.splitter);
    free(s.tie_rank);
    free(s.part);
    free(s.first);
    free(s.sums);
    pair_shares_destroy(&s.shares);
    free(s.block);
    return status;
}
