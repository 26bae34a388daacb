#include "models/tabulated_theory.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { MOST_ENTRIES = 1 << 18, MOST_ROUNDS = 100000 };

/* Products of a radius, at most: a run does not wait for its theory. */
static const double most_work = 3e7;

/* A tail index above this is none that matters. */
static const double largest_index = 1000;

/* Wealth that is forgotten more slowly is taken to be kept for ever: the radius is found to so many digits. */
static const double least_rate = 1e-9;

/* What is left of the start when a run no longer depends on it. */
static const double forgotten = 1e-3;

/* The chain of the multipliers: entry k leads from state z, first[z] <= k < first[z + 1], to state to[k]. */
struct tail {
    const struct tabulated_data *data;
    int64_t n_states, *first, *to;
    double *weight;    /* [entries] P(z, z') E A^κ of the index that is tried; 0 to newborns */
    double *v, *next;  /* [n_states] */
    bool *marks;       /* [n_states] */
    bool is_unsettled; /* some radius was not found within the work allowed */
};

/* ---- what the file says --------------------------------------------------------------------------------------------- */

static double value_of(const struct tail *tail, enum tabulated_variable variable, int64_t state)
{
    const double *values = tail->data->values[variable];
    return values ? values[state] : 0;
}

/* The slope of a state's rule beyond its last knot. */
static double outer_slope(const struct tail *tail, int64_t state)
{
    const struct tabulated_data *data = tail->data;
    const int64_t n = data->length[TABULATED_POINT], first = tabulated_policy_of(data, 0, state) * n;
    const double *x = data->values[POLICY_WEALTH] + first, *a = data->values[POLICY_SAVINGS] + first;
    int64_t last = n - 1;
    while (last > 0 && x[last - 1] == x[n - 1])
        last--;
    if (last == 0 || data->extrapolation == EXTRAPOLATION_FLAT)
        return 0;
    return (a[last] - a[last - 1]) / (x[last] - x[last - 1]);
}

static double outer_share(const struct tail *tail, int64_t state)
{
    const struct tabulated_data *data = tail->data;
    const int64_t n = data->length[TABULATED_POINT];
    const double *share = data->values[POLICY_SHARE];
    return share ? share[(tabulated_policy_of(data, 0, state) + 1) * n - 1] : 1;
}

/* The parts of R = c + b exp(mean + sd ζ) on the way from one state to another. */
struct gross {
    double c, b, mean, sd;
};

static struct gross gross_of(const struct tail *tail, int64_t from, int64_t to)
{
    const double share = outer_share(tail, from);
    const bool has_shock = tail->data->values[RETURN_LOG_MEAN] || tail->data->values[RETURN_LOG_SD];
    return (struct gross){
        .c = value_of(tail, RETURN_CONSTANT, to) + share * value_of(tail, RISKY_CONSTANT, to),
        .b = has_shock ? share : 0,
        .mean = value_of(tail, RETURN_LOG_MEAN, to),
        .sd = value_of(tail, RETURN_LOG_SD, to)};
}

/* E R^index, where there is no closed form by the trapezoidal rule, which for such integrands is exact to rounding. */
static double moment(const struct gross *gross, double index)
{
    static const double step = 0.05, width = 12;
    const double c = gross->c, b = gross->b, mean = gross->mean, sd = gross->sd;
    double sum = 0;
    if (b == 0 || sd == 0)
        return pow(c + b * exp(mean), index);
    if (c == 0)
        return pow(b, index) * exp(index * mean + index * index * sd * sd / 2);
    const int n = (int)((2 * width + index * sd) / step);
    for (int i = 0; i <= n; i++) {
        const double x = -width + i * step;
        sum += pow(c + b * exp(mean + sd * x), index) * exp(-x * x / 2);
    }
    return sum * step / sqrt(2 * M_PI);
}

/* ---- the chain ------------------------------------------------------------------------------------------------------ */

static void *room(int64_t n, size_t bytes)
{
    return n > 0 ? calloc((size_t)n, bytes) : NULL;
}

static void tail_free(struct tail *tail)
{
    free(tail->first);
    free(tail->to);
    free(tail->weight);
    free(tail->v);
    free(tail->next);
    free(tail->marks);
}

static int64_t count_entries(const struct tabulated_data *data)
{
    int64_t n = 0;
    for (int64_t z = 0; z < data->length[TABULATED_STATE]; z++)
        n += tabulated_moves_from(data, 0, z).n;
    return n;
}

static bool tail_create(struct tail *tail, const struct tabulated_data *data)
{
    const int64_t n_states = data->length[TABULATED_STATE], entries = count_entries(data);
    *tail = (struct tail){.data = data, .n_states = n_states};
    if (entries > MOST_ENTRIES)
        return false;
    tail->first = room(n_states + 1, sizeof *tail->first);
    tail->to = room(entries, sizeof *tail->to);
    tail->weight = room(entries, sizeof *tail->weight);
    tail->v = room(n_states, sizeof *tail->v);
    tail->next = room(n_states, sizeof *tail->next);
    tail->marks = room(n_states, sizeof *tail->marks);
    if (!tail->first || !tail->to || !tail->weight || !tail->v || !tail->next || !tail->marks)
        return false;
    for (int64_t z = 0, k = 0; z < n_states; z++) {
        const struct tabulated_moves moves = tabulated_moves_from(data, 0, z);
        for (int64_t j = 0; j < moves.n; j++)
            if (moves.probability[j] > 0) {
                tail->weight[k] = moves.probability[j];
                tail->to[k++] = tabulated_move_to(&moves, j);
            }
        tail->first[z + 1] = k;
    }
    return true;
}

/* Whether a household that comes to this state is born anew, in some state of the initial sample. */
static bool is_newborn(const struct tail *tail, int64_t state)
{
    return value_of(tail, NEWBORN, state) != 0;
}

static int64_t starts(const struct tail *tail)
{
    return tail->data->values[INITIAL_STATE] ? tail->data->length[TABULATED_SAMPLE] : 1;
}

static int64_t start_of(const struct tail *tail, int64_t i)
{
    const double *states = tail->data->values[INITIAL_STATE];
    return states ? (int64_t)states[i] : 0;
}

/* Whether any start of a newborn is marked. */
static bool is_start_marked(const struct tail *tail, const bool *marks)
{
    bool is = false;
    for (int64_t i = 0; i < starts(tail); i++)
        is = is || marks[start_of(tail, i)];
    return is;
}

/* Mark where households come to from their starts. */
static void mark_reached(const struct tail *tail, bool *marks)
{
    for (int64_t i = 0; i < starts(tail); i++)
        marks[start_of(tail, i)] = true;
    for (bool is_new = true; is_new;) {
        is_new = false;
        for (int64_t z = 0; z < tail->n_states; z++)
            for (int64_t k = tail->first[z]; k < tail->first[z + 1] && marks[z]; k++)
                if (!marks[tail->to[k]] && !is_newborn(tail, tail->to[k]))
                    marks[tail->to[k]] = is_new = true;
    }
}

/* Whether all that are marked lead back to the first start, some by their death. */
static bool do_all_return(const struct tail *tail)
{
    bool *returns = room(tail->n_states, sizeof *returns), all = returns;
    if (!returns)
        return false;
    returns[start_of(tail, 0)] = true;
    for (bool is_new = true; is_new;) {
        const bool born = is_start_marked(tail, returns);
        is_new = false;
        for (int64_t z = 0; z < tail->n_states; z++)
            for (int64_t k = tail->first[z]; k < tail->first[z + 1] && !returns[z]; k++)
                if (is_newborn(tail, tail->to[k]) ? born : returns[tail->to[k]])
                    returns[z] = is_new = true;
    }
    for (int64_t z = 0; z < tail->n_states; z++)
        all = all && (returns[z] || !tail->marks[z]);
    free(returns);
    return all;
}

/* Whether wealth and returns can be negative far out. */
static bool is_positive(const struct tail *tail)
{
    for (int64_t z = 0; z < tail->n_states; z++)
        for (int64_t k = tail->first[z]; k < tail->first[z + 1]; k++) {
            const struct gross gross = gross_of(tail, z, tail->to[k]);
            if (gross.c < 0 || gross.b < 0 || outer_slope(tail, z) < 0)
                return false;
        }
    return true;
}

/* What a row's probabilities are of: 1, but for the file's rounding, which is no death. */
static double sum_of(const struct tabulated_moves *moves)
{
    double sum = 0;
    for (int64_t j = 0; j < moves->n; j++)
        sum += moves->probability[j];
    return sum;
}

/* The spectral radius of the multipliers' moments on the states that are reached: power iteration with M + 1, which has no
 * period. */
static double radius(struct tail *tail, double index)
{
    const bool has_share = tail->data->values[POLICY_SHARE];
    for (int64_t z = 0; z < tail->n_states && !has_share; z++) {
        const struct gross gross = gross_of(tail, z, z);
        tail->next[z] = moment(&gross, index); /* of all ways to z */
    }
    for (int64_t z = 0; z < tail->n_states; z++) {
        const struct tabulated_moves moves = tabulated_moves_from(tail->data, 0, z);
        const double scale = (index == 0 ? 1 : pow(outer_slope(tail, z), index)) / sum_of(&moves);
        for (int64_t j = 0, k = tail->first[z]; j < moves.n; j++)
            if (moves.probability[j] > 0) {
                const struct gross gross = gross_of(tail, z, tail->to[k]);
                const bool stays = tail->marks[z] && tail->marks[tail->to[k]];
                const double grown = has_share ? moment(&gross, index) : tail->next[tail->to[k]];
                tail->weight[k++] = stays ? moves.probability[j] * scale * grown : 0;
            }
        tail->v[z] = tail->marks[z];
    }
    const double rounds = fmin(MOST_ROUNDS, most_work / (double)tail->first[tail->n_states]);
    double last = NAN, now = 0;
    for (double i = 0; !(fabs(now - last) <= 1e-14 * (1 + now)) && !tail->is_unsettled; i++) {
        double before = 0, sum = 0;
        for (int64_t z = 0; z < tail->n_states; z++) {
            before += tail->v[z];
            tail->next[z] = tail->v[z];
            for (int64_t k = tail->first[z]; k < tail->first[z + 1]; k++)
                tail->next[z] += tail->weight[k] * tail->v[tail->to[k]];
            sum += tail->next[z];
        }
        for (int64_t z = 0; z < tail->n_states; z++)
            tail->v[z] = tail->next[z] / sum;
        last = now;
        now = sum / before - 1;
        tail->is_unsettled = i > rounds;
    }
    return now;
}

/* ---- what follows --------------------------------------------------------------------------------------------------- */

/* The index with radius 1, above low where it is below; infinite where there is none that matters. */
static double find_index(struct tail *tail, double low)
{
    double high = 2 * low;
    while (high <= largest_index && radius(tail, high) < 1) {
        low = high;
        high *= 2;
    }
    if (high > largest_index)
        return INFINITY;
    while (high - low > 1e-10 * high) {
        const double middle = (low + high) / 2;
        if (radius(tail, middle) < 1)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static const char *warning_of(const struct theory *theory)
{
    if (!theory->has_stationary_law)
        return "the model file's law has no stationary law (savings and returns make wealth grow without "
               "end): every "
               "figure is of the last period alone";
    if (!theory->has_mean)
        return "the stationary law has no finite mean (tail index of 1 or less): mean, variance, Gini and "
               "shares mean "
               "nothing";
    if (!theory->has_variance)
        return "the stationary law has no finite variance (tail index of 2 or less): the variance means "
               "nothing";
    return NULL;
}

static struct theory theory_of(struct tail *tail)
{
    static const double small = 1e-3;
    const double at_0 = log(radius(tail, 0)), falls = (log(radius(tail, small)) - at_0) / small;
    const double rate = fmax(-at_0, -falls); /* of forgetting, a period */
    struct theory theory = {.mean = NAN, .variance = NAN, .tail_index = NAN, .memory = INFINITY};
    theory.has_stationary_law = rate > least_rate || radius(tail, small) == 0;
    if (theory.has_stationary_law) {
        theory.tail_index = find_index(tail, small);
        theory.memory = ceil(-log(forgotten) / rate);
        theory.has_mean = theory.tail_index > 1;
        theory.has_variance = theory.tail_index > 2;
        theory.has_fourth_moment = theory.tail_index > 4;
    }
    theory.warning = warning_of(&theory);
    return tail->is_unsettled ? theory_unknown : theory;
}

struct theory tabulated_theory(const struct tabulated_data *data)
{
    struct theory theory = theory_unknown;
    struct tail tail;
    if (data->values[LEVEL_GROWTH] || data->values[LEVEL_LOADING] || data->values[AGGREGATE_PATH] ||
        data->extrapolation == EXTRAPOLATION_ERROR || data->upper_bound < TABULATED_BOUND)
        return theory;
    if (tail_create(&tail, data)) {
        mark_reached(&tail, tail.marks);
        if (is_positive(&tail) && do_all_return(&tail))
            theory = theory_of(&tail);
    }
    tail_free(&tail);
    return theory;
}
