#include "statistics/exact_sum.h"
#include "core/error.h"
#include "statistics/exact_block.h"
#include "statistics/rational.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Carries move up before 2^29 additions of less than 2^32 each are in a limb, and every merge keeps to it. */
static const int64_t pending_most = (int64_t)1 << 29;

void exact_sum_init(struct exact_sum *sum)
{
    memset(sum, 0, sizeof *sum);
}

/* Bring all limbs but the last, which keeps the sign, to 0 … 2^32 - 1. */
static void carry(struct exact_sum *sum)
{
    int64_t up = 0;
    for (int i = 0; i < EXACT_SUM_LIMBS - 1; i++) {
        const int64_t limb = sum->limb[i] + up;
        up = limb >> 32;
        sum->limb[i] = limb - up * ((int64_t)1 << 32);
    }
    sum->limb[EXACT_SUM_LIMBS - 1] += up;
    sum->pending = 1;
}

static void negate(struct exact_sum *sum)
{
    for (int i = 0; i < EXACT_SUM_LIMBS; i++)
        sum->limb[i] = -sum->limb[i];
}

/* Add count 2^exponent. */
static void add_integer(struct exact_sum *sum, int64_t count, int exponent)
{
    const int place = exponent - EXACT_SUM_UNIT, first = place / 32;
    const __int128 shifted = (__int128)count * ((__int128)1 << (place % 32));
    sum->limb[first] += (int64_t)(shifted & 0xffffffff);
    sum->limb[first + 1] += (int64_t)((shifted >> 32) & 0xffffffff);
    sum->limb[first + 2] += (int64_t)(shifted >> 64);
    if (++sum->pending >= pending_most)
        carry(sum);
}

/* A finite double's significand, with its sign, and the exponent of its unit. */
static int64_t split_double(double x, int *exponent)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int biased = (int)(bits >> 52 & 0x7ff);
    const int64_t fraction = (int64_t)(bits & (((uint64_t)1 << 52) - 1));
    const int64_t magnitude = biased == 0 ? fraction : fraction | ((int64_t)1 << 52);
    *exponent = (biased == 0 ? 1 : biased) - 1075;
    return bits >> 63 ? -magnitude : magnitude;
}

static void add_value(struct exact_sum *sum, double x)
{
    if (isinf(x)) {
        sum->infinities++;
        return;
    }
    int exponent = 0;
    const int64_t count = split_double(x, &exponent);
    add_integer(sum, count, exponent);
}

/* The halves' products have at most 53 bits and fit what add_integer takes. */
static void add_product(struct exact_sum *sum, double x, double y)
{
    if (isinf(x) || isinf(y)) {
        sum->infinities++;
        return;
    }
    int exponent_x = 0, exponent_y = 0;
    const int64_t a = split_double(x, &exponent_x), b = split_double(y, &exponent_y);
    const int64_t unit = (int64_t)1 << 27;
    const int64_t a_high = a / unit, a_low = a % unit, b_high = b / unit, b_low = b % unit;
    const int exponent = exponent_x + exponent_y;
    add_integer(sum, a_high * b_high, exponent + 54);
    add_integer(sum, a_high * b_low + a_low * b_high, exponent + 27);
    add_integer(sum, a_low * b_low, exponent);
}

static void add_counts(struct exact_sum *sum, const int64_t *count, int counts, int unit)
{
    for (int j = 0; j < counts; j++)
        add_integer(sum, count[j], unit - EXACT_BLOCK_STEP * j);
}

/* The range of a block's magnitudes: |x| < 2^(top + 1), and every nonzero |x| >= 2^bottom. */
struct range {
    int top, bottom;
};

static struct range range_of(const double *x, int n)
{
    uint64_t greatest = 0, least = 0;
    exact_block_range(x, n, &greatest, &least);
    if (least > greatest)
        return (struct range){0, 0};
    return (struct range){(int)(greatest >> 52) - 1023, (int)(least >> 52) - 1023};
}

/* Exponents far from both ends of the doubles, so that no unit is subnormal and nothing overflows; this also
 * sends infinities the slow way. */
static bool in_middle(struct range r)
{
    return r.top < 400 && r.bottom > -400;
}

static int unit_of(struct range r)
{
    return r.top - 50;
}

/* A product is below 2^(top + top' + 2). */
static int product_unit_of(struct range x, struct range y)
{
    return x.top + y.top - 49;
}

void exact_sum_add(struct exact_sum *sum, const double *x, int64_t n)
{
    for (int64_t begin = 0; begin < n; begin += EXACT_BLOCK) {
        const double *block = x + begin;
        const int size = n - begin < EXACT_BLOCK ? (int)(n - begin) : EXACT_BLOCK;
        const struct range range = range_of(block, size);
        if (in_middle(range) && range.top - range.bottom <= EXACT_BLOCK_SPAN) {
            int64_t count[2];
            exact_block_sum(block, size, unit_of(range), count);
            add_counts(sum, count, 2, unit_of(range));
        } else {
            for (int i = 0; i < size; i++)
                add_value(sum, block[i]);
        }
    }
}

void exact_sum_add_moments(struct exact_sum *values, struct exact_sum *squares, const double *x, int64_t n)
{
    for (int64_t begin = 0; begin < n; begin += EXACT_BLOCK) {
        const double *block = x + begin;
        const int size = n - begin < EXACT_BLOCK ? (int)(n - begin) : EXACT_BLOCK;
        const struct range range = range_of(block, size);
        if (in_middle(range) && 2 * (range.top - range.bottom) <= EXACT_BLOCK_PRODUCT_SPAN) {
            const int unit = unit_of(range), square_unit = product_unit_of(range, range);
            int64_t count[2], square_count[3];
            exact_block_moments(block, size, unit, count, square_unit, square_count);
            add_counts(values, count, 2, unit);
            add_counts(squares, square_count, 3, square_unit);
        } else {
            for (int i = 0; i < size; i++) {
                add_value(values, block[i]);
                add_product(squares, block[i], block[i]);
            }
        }
    }
}

void exact_sum_add_products(struct exact_sum *sum, const double *x, const double *y, int64_t n)
{
    for (int64_t begin = 0; begin < n; begin += EXACT_BLOCK) {
        const int size = n - begin < EXACT_BLOCK ? (int)(n - begin) : EXACT_BLOCK;
        const struct range a = range_of(x + begin, size), b = range_of(y + begin, size);
        if (in_middle(a) && in_middle(b) && a.top - a.bottom + b.top - b.bottom <= EXACT_BLOCK_PRODUCT_SPAN) {
            const int unit = product_unit_of(a, b);
            int64_t count[3];
            exact_block_products(x + begin, y + begin, size, unit, count);
            add_counts(sum, count, 3, unit);
        } else {
            for (int i = 0; i < size; i++)
                add_product(sum, x[begin + i], y[begin + i]);
        }
    }
}

void exact_sum_merge(struct exact_sum *sum, const struct exact_sum *other)
{
    for (int i = 0; i < EXACT_SUM_LIMBS; i++)
        sum->limb[i] += other->limb[i];
    sum->pending += other->pending;
    sum->infinities += other->infinities;
    if (sum->pending >= pending_most)
        carry(sum);
}

void exact_sum_merge_weighted(struct exact_sum *sum, const struct exact_sum *other, int64_t weight)
{
    struct exact_sum term = *other;
    carry(&term);
    /* The last limb carries little but the sign. */
    for (int i = 0; i < EXACT_SUM_LIMBS - 1; i++) {
        const __int128 product = (__int128)term.limb[i] * weight;
        sum->limb[i] += (int64_t)(product & 0xffffffff);
        sum->limb[i + 1] += (int64_t)(product >> 32);
    }
    sum->limb[EXACT_SUM_LIMBS - 1] += term.limb[EXACT_SUM_LIMBS - 1] * weight;
    sum->infinities += other->infinities;
    carry(sum);
}

/* The limbs that a sum is sent with: none above its own size is other than zero, and those of a negative one are negative;
 * below 2^32, so that 2^30 ranks cannot overflow them. */
static void settle(struct exact_sum *sum)
{
    carry(sum);
    if (sum->limb[EXACT_SUM_LIMBS - 1] < 0) {
        negate(sum);
        carry(sum);
        negate(sum);
    }
}

/* A few sums travel whole, in one message; of many at a time only the limbs that are not zero on all ranks, a tenth of them
 * as a rule, in a second one. */
enum { FEW = 4, MANY = 64, WORDS = sizeof(struct exact_sum) / sizeof(int64_t) };

static int first_limb(const struct exact_sum *sum)
{
    int i = 0;
    while (i < EXACT_SUM_LIMBS && sum->limb[i] == 0)
        i++;
    return i;
}

static int last_limb(const struct exact_sum *sum)
{
    int i = EXACT_SUM_LIMBS - 1;
    while (i >= 0 && sum->limb[i] == 0)
        i--;
    return i;
}

static void reduce_many(MPI_Comm comm, struct exact_sum *sums, int count)
{
    int16_t ends[MANY][2]; /* of each sum: the greatest of -first and of last */
    int64_t words[MANY * (EXACT_SUM_LIMBS + 1)];
    int n = 0;
    for (int i = 0; i < count; i++) {
        ends[i][0] = (int16_t)-first_limb(&sums[i]);
        ends[i][1] = (int16_t)last_limb(&sums[i]);
    }
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, ends, 2 * count, MPI_INT16_T, MPI_MAX, comm));
    for (int i = 0; i < count; i++) {
        words[n++] = sums[i].infinities;
        for (int limb = -ends[i][0]; limb <= ends[i][1]; limb++)
            words[n++] = sums[i].limb[limb];
    }
    MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, words, n, MPI_INT64_T, MPI_SUM, comm));
    n = 0;
    for (int i = 0; i < count; i++) {
        sums[i].infinities = words[n++];
        for (int limb = -ends[i][0]; limb <= ends[i][1]; limb++)
            sums[i].limb[limb] = words[n++];
    }
}

void exact_sum_reduce(MPI_Comm comm, struct exact_sum *sums, int count)
{
    for (int i = 0; i < count; i++)
        settle(&sums[i]);
    if (count <= FEW)
        MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, sums, count * WORDS, MPI_INT64_T, MPI_SUM, comm));
    for (int i = 0; i < count && count > FEW; i += MANY)
        reduce_many(comm, sums + i, count - i < MANY ? count - i : MANY);
    for (int i = 0; i < count; i++)
        carry(&sums[i]);
}

void exact_sum_integer(const struct exact_sum *sum, mpz_t integer)
{
    struct exact_sum carried = *sum;
    carry(&carried);
    const bool is_negative = carried.limb[EXACT_SUM_LIMBS - 1] < 0;
    if (is_negative) {
        negate(&carried);
        carry(&carried);
    }
    enum { PAIRS = EXACT_SUM_LIMBS / 2 }; /* words as long as GMP's, as a rule, which it copies */
    uint64_t words[PAIRS];
    for (int i = 0; i < PAIRS; i++)
        words[i] = (uint64_t)carried.limb[2 * i] | (uint64_t)carried.limb[2 * i + 1] << 32;
    ENSURE(carried.limb[EXACT_SUM_LIMBS - 1] <= UINT32_MAX);
    mpz_import(integer, PAIRS, -1, sizeof words[0], 0, 0, words);
    if (is_negative)
        mpz_neg(integer, integer);
}

double exact_sum_value(const struct exact_sum *sum)
{
    return exact_sum_mean(sum, 1);
}

double exact_sum_mean(const struct exact_sum *sum, int64_t n)
{
    if (sum->infinities > 0)
        return HUGE_VAL;
    mpz_t total, divisor;
    mpz_init(total);
    mpz_init_set_si(divisor, n);
    exact_sum_integer(sum, total);
    const double mean = rational_round(total, divisor, EXACT_SUM_UNIT);
    mpz_clears(total, divisor, NULL);
    return mean;
}

double exact_sum_variance(const struct exact_sum *values, const struct exact_sum *squares, int64_t n)
{
    if (values->infinities > 0 || squares->infinities > 0)
        return HUGE_VAL;
    mpz_t first, second, divisor;
    mpz_inits(first, second, NULL);
    mpz_init_set_si(divisor, n);
    exact_sum_integer(values, first);
    exact_sum_integer(squares, second);

    /* In units of 2^(2 EXACT_SUM_UNIT), like (Σx)². */
    mpz_mul(first, first, first);
    mpz_mul(second, second, divisor);
    mpz_mul_2exp(second, second, -EXACT_SUM_UNIT);
    mpz_sub(second, second, first);
    mpz_mul(divisor, divisor, divisor);
    const double variance = rational_round(second, divisor, 2L * EXACT_SUM_UNIT);
    mpz_clears(first, second, divisor, NULL);
    return variance;
}
