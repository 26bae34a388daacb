/* A sample of 1,024 values, spread over the whole array, tells where the asked positions lie, near enough to
 * put 4,096 bins there. One pass counts the values by bin, which narrows each position down to its bin; a
 * second pass collects the values of those bins, the candidates: at most 2^20 of them on all ranks together.
 * They are counted in finer bins until 1,024 are left, which every rank gets. Should the bins hold too many
 * values to collect, which takes a population spread over thousands of powers of two or one that the sample
 * misses, another pass over the data counts them in finer bins first. Bins of a single key need no candidates:
 * ties cost nothing. Every rank takes part in every step, and none sends more than BINS_MOST integers. */
#include "statistics/order.h"
#include "statistics/bins.h"
#include "statistics/key.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { SHARED = 1024 };                                  /* keys that every rank gets, at most */
static const int64_t candidates_most = INT64_C(1) << 20; /* on all ranks together */

/* A range of keys that holds asked positions. Ranges are ascending and do not overlap. */
struct range {
    int64_t first, last; /* keys, both inclusive */
    int64_t below;       /* values of the population below it */
    int64_t count;       /* values of the population in it */
    struct bins bins;    /* over it, for the next count */
    int offset;          /* of those bins' counts among all */
};

/* An asked position and where its answer goes. */
struct asked {
    int64_t position;
    int index, range;
};

struct search {
    MPI_Comm comm;
    int threads;
    const double *x;
    int64_t n, n_global;
    struct bins bins; /* the first ones, and those among them that hold asked positions */
    bool wanted[BINS_MOST];
    struct asked *asked; /* [nk] by position; those not yet answered */
    int nk;
    struct range *ranges; /* [nk] room; n_ranges in use */
    struct range *old;    /* [nk] room for the ranges before */
    int n_ranges;
    int64_t *count; /* [threads][count_room]; the first row then takes the sums over threads and ranks */
    int count_room;
    int64_t *candidates; /* NULL until they are collected: this rank's values in the ranges */
    int64_t n_candidates;
    double *out;
};

static int compare_asked(const void *a, const void *b)
{
    const struct asked *first = a, *second = b;
    return (first->position > second->position) - (first->position < second->position);
}

static void sum_over_ranks(MPI_Comm comm, int64_t *values, int count)
{
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_INT64_T, MPI_SUM, comm));
}

/* How many values the ranks before this one hold. */
static int64_t sum_before(MPI_Comm comm, int64_t mine)
{
    int rank = 0;
    int64_t before = 0;
    MPI_CHECK(MPI_Comm_rank(comm, &rank));
    MPI_CHECK(MPI_Exscan(&mine, &before, 1, MPI_INT64_T, MPI_SUM, comm));
    return rank == 0 ? 0 : before; /* MPI leaves the first rank's undefined */
}

int order_sample(MPI_Comm comm, const double *x, int64_t n, int64_t n_global, int64_t *sample)
{
    const int size = n_global < ORDER_SAMPLE ? (int)n_global : ORDER_SAMPLE;
    int64_t scratch[ORDER_SAMPLE];
    const int64_t before = sum_before(comm, n);
    for (int i = 0; i < size; i++) {
        /* (2 i + 1) n_global / (2 size), in parts that stay in range */
        const int64_t whole = n_global / (2 * size), part = n_global % (2 * size);
        const int64_t place = (2 * i + 1) * whole + (2 * i + 1) * part / (2 * size) - before;
        sample[i] = place >= 0 && place < n ? key_of(x[place]) : 0;
    }
    sum_over_ranks(comm, sample, size);
    key_sort(sample, size, scratch, 0);
    return size;
}

/* The first bins: from the least to the greatest asked position, with four standard errors of the sample's
 * quantiles on either side. */
static struct bins bins_around(const struct search *s, const int64_t *sample, int size)
{
    const double low = (double)s->asked[0].position / (double)s->n_global * size,
                 high = (double)s->asked[s->nk - 1].position / (double)s->n_global * size;
    const double first = floor(low - 4 * sqrt(low * (1 - low / size)) - 2),
                 last = ceil(high + 4 * sqrt(high * (1 - high / size)) + 2);
    return bins_over(
        sample[first < 0 ? 0 : (int)first], sample[last > size - 1 ? size - 1 : (int)last], BINS_MOST);
}

/* Bins over every range, so that all together are about BINS_MOST. */
static int divide_ranges(struct search *s)
{
    const int most = BINS_MOST / s->n_ranges < 4 ? 4 : BINS_MOST / s->n_ranges;
    int bins = 0;
    for (int r = 0; r < s->n_ranges; r++) {
        s->ranges[r].bins = bins_over(s->ranges[r].first, s->ranges[r].last, most);
        s->ranges[r].offset = bins;
        bins += s->ranges[r].bins.count;
    }
    return bins;
}

static const struct range *find_range(const struct search *s, int64_t key)
{
    int low = 0, high = s->n_ranges - 1;
    while (low < high) {
        const int middle = (low + high + 1) / 2;
        if (s->ranges[middle].first <= key)
            low = middle;
        else
            high = middle - 1;
    }
    const struct range *range = &s->ranges[low];
    return key >= range->first && key <= range->last ? range : NULL;
}

static void count_keys(const struct search *s, const int64_t *keys, int64_t n, int64_t *count)
{
    for (int64_t i = 0; i < n; i++) {
        const struct range *range = find_range(s, keys[i]);
        if (range)
            count[range->offset + bins_find(&range->bins, keys[i])]++;
    }
}

/* Values from the first range to the last one, with all between them. */
static int64_t count_span(const struct search *s)
{
    const struct range *last = &s->ranges[s->n_ranges - 1];
    return last->below + last->count - s->ranges[0].below;
}

/* A piece of what is left: at most BINS_BLOCK keys of candidates, or of values in wanted bins. Where the ranges lie
 * close together, as those of one quantile do, the values between them are few enough to be picked too. */
static int load_piece(const struct search *s, int64_t begin, int64_t *keys)
{
    const int64_t left = (s->candidates ? s->n_candidates : s->n) - begin;
    const int size = left < BINS_BLOCK ? (int)left : BINS_BLOCK;
    if (!s->candidates)
        return count_span(s) <= candidates_most ? bins_pick_range(s->x + begin, size, s->ranges[0].first,
                                                      s->ranges[s->n_ranges - 1].last, keys)
                                                : bins_pick(&s->bins, s->wanted, s->x + begin, size, keys);
    memcpy(keys, s->candidates + begin, (size_t)size * sizeof *keys);
    return size;
}

/* Count what is left by the ranges' bins, on all ranks. */
static void count_ranges(struct search *s, int bins)
{
    memset(s->count, 0, (size_t)s->threads * (size_t)s->count_room * sizeof *s->count);
    const int64_t n = s->candidates ? s->n_candidates : s->n;
#pragma omp parallel for num_threads(s->threads) schedule(static) if (s->threads > 1)
    for (int64_t begin = 0; begin < n; begin += BINS_BLOCK) {
        int64_t keys[BINS_BLOCK];
        const int size = load_piece(s, begin, keys);
        count_keys(s, keys, size, s->count + (int64_t)omp_get_thread_num() * s->count_room);
    }
    for (int t = 1; t < s->threads; t++)
        for (int b = 0; b < bins; b++)
            s->count[b] += s->count[(int64_t)t * s->count_room + b];
    sum_over_ranks(s->comm, s->count, bins);
}

/* Move every asked position into the bin that holds it: those bins are the new ranges. Positions whose bin is a
 * single key are answered. */
static void narrow(struct search *s)
{
    struct range *const old = s->ranges;
    s->ranges = s->old;
    s->old = old;
    s->n_ranges = 0;

    int left = 0, bin = 0, in_range = -1;
    int64_t below = 0;
    for (int a = 0; a < s->nk; a++) {
        struct asked asked = s->asked[a];
        const struct range *from = &old[asked.range];
        if (asked.range != in_range) {
            in_range = asked.range;
            bin = 0;
            below = from->below;
        }
        while (asked.position - below >= s->count[from->offset + bin])
            below += s->count[from->offset + bin++];

        struct range to = {.below = below, .count = s->count[from->offset + bin]};
        const int64_t first = bins_first_key(&from->bins, bin), last = bins_last_key(&from->bins, bin);
        to.first = first > from->first ? first : from->first;
        to.last = last < from->last ? last : from->last;
        if (to.first == to.last) {
            s->out[asked.index] = key_value(to.first);
            continue;
        }
        if (s->n_ranges == 0 || s->ranges[s->n_ranges - 1].first != to.first)
            s->ranges[s->n_ranges++] = to;
        asked.range = s->n_ranges - 1;
        s->asked[left++] = asked;
    }
    s->nk = left;
}

static int64_t count_left(const struct search *s)
{
    int64_t left = 0;
    for (int r = 0; r < s->n_ranges; r++)
        left += s->ranges[r].count;
    return left;
}

/* Keep, of what is left, the keys in the ranges: at most `room` of them. */
static void collect(const struct search *s, int64_t *candidates, int64_t *n_candidates, int64_t room)
{
    const int64_t n = s->candidates ? s->n_candidates : s->n;
    int64_t collected = 0;
#pragma omp parallel for num_threads(s->threads) schedule(static) if (s->threads > 1 && !s->candidates)
    for (int64_t begin = 0; begin < n; begin += BINS_BLOCK) {
        int64_t keys[BINS_BLOCK];
        int size = 0;
        const int loaded = load_piece(s, begin, keys);
        for (int i = 0; i < loaded; i++)
            if (find_range(s, keys[i]))
                keys[size++] = keys[i];
        int64_t place;
#pragma omp atomic capture
        {
            place = collected;
            collected += size;
        }
        ENSURE(place + size <= room);
        memcpy(candidates + place, keys, (size_t)size * sizeof *keys);
    }
    *n_candidates = collected;
}

/* Give every rank all candidates, at most SHARED on all of them, and read the answers off. */
static void share_candidates(struct search *s)
{
    int64_t shared[SHARED] = {0}, scratch[SHARED];
    const int total = (int)count_left(s);
    const int64_t before = sum_before(s->comm, s->n_candidates);
    memcpy(shared + before, s->candidates, (size_t)s->n_candidates * sizeof *shared);
    sum_over_ranks(s->comm, shared, total);
    key_sort(shared, total, scratch, 0);

    int64_t offset = 0;
    for (int a = 0, range = 0; a < s->nk; a++) {
        while (range < s->asked[a].range)
            offset += s->ranges[range++].count;
        s->out[s->asked[a].index] = key_value(shared[offset + s->asked[a].position - s->ranges[range].below]);
    }
}

/* From one range that holds everything to answers. */
static enum status search_all(struct search *s)
{
    memset(s->wanted, 0, sizeof s->wanted);
    bins_count(s->threads, &s->bins, s->x, s->n, s->count);
    sum_over_ranks(s->comm, s->count, s->bins.count);
    s->ranges[0] = (struct range){
        .first = KEY_LEAST, .last = KEY_GREATEST, .below = 0, .count = s->n_global, .bins = s->bins};
    s->n_ranges = 1;
    narrow(s);
    for (int r = 0; r < s->n_ranges; r++)
        s->wanted[bins_find(&s->bins, s->ranges[r].first)] = true;

    while (s->n_ranges > 0) {
        const int64_t left = count_left(s);
        if (s->candidates) {
            collect(s, s->candidates, &s->n_candidates, s->n_candidates);
        } else if (left <= candidates_most) {
            const int64_t room = left < s->n ? left : s->n;
            int64_t *candidates = malloc((size_t)(room + 1) * sizeof *candidates);
            const enum status status = error_agree(s->comm,
                candidates ? WS_OK : error_memory((size_t)room * sizeof *candidates, "order statistics"));
            if (status != WS_OK) {
                free(candidates);
                return status;
            }
            collect(s, candidates, &s->n_candidates, room);
            s->candidates = candidates;
        }
        if (left <= SHARED) {
            share_candidates(s);
            break;
        }
        count_ranges(s, divide_ranges(s));
        narrow(s);
    }
    return WS_OK;
}

enum status order_statistics(
    MPI_Comm comm, int threads, const double *x, int64_t n, const int64_t *k, int nk, double *out)
{
    if (nk == 0)
        return WS_OK;
    struct search s = {.comm = comm,
        .threads = threads,
        .x = x,
        .n = n,
        .n_global = n,
        .nk = nk,
        .count_room = nk < BINS_MOST / 4 ? BINS_MOST : 4 * nk,
        .out = out};
    sum_over_ranks(comm, &s.n_global, 1);
    ENSURE(nk <= INT32_MAX / 4 && n >= 0 && s.n_global >= 1);

    s.asked = malloc((size_t)nk * sizeof *s.asked);
    s.ranges = malloc((size_t)nk * sizeof *s.ranges);
    s.old = malloc((size_t)nk * sizeof *s.old);
    const size_t count_bytes = (size_t)threads * (size_t)s.count_room * sizeof *s.count;
    s.count = malloc(count_bytes);
    const bool has_memory = s.asked && s.ranges && s.old && s.count;
    enum status status =
        error_agree(comm, has_memory ? WS_OK : error_memory(count_bytes, "order statistics"));
    if (status == WS_OK) {
        for (int i = 0; i < nk; i++) {
            ENSURE(k[i] >= 0 && k[i] < s.n_global);
            s.asked[i] = (struct asked){.position = k[i], .index = i};
        }
        qsort(s.asked, (size_t)nk, sizeof *s.asked, compare_asked);

        int64_t sample[ORDER_SAMPLE];
        const int size = order_sample(comm, x, n, s.n_global, sample);
        if (size == s.n_global) {
            for (int i = 0; i < nk; i++)
                out[i] = key_value(sample[k[i]]);
        } else {
            s.bins = bins_around(&s, sample, size);
            status = search_all(&s);
        }
    }
    free(s.asked);
    free(s.ranges);
    free(s.old);
    free(s.count);
    free(s.candidates);
    return status;
}
