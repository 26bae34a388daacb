/* Wealth far above the knots follows w' = A w + …, with A = s_z R(z'), s_z the slope of the state's rule beyond its last
 * knot: the tail is that of a process with Markov multipliers, which newborns leave. */
#include "models/tabulated_theory.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* A chain larger than this is not looked at: each step of each power is one pass over its entries. */
enum { MOST_ENTRIES = 1 << 22, MOST_ROUNDS = 20000 };

/* A tail index above this is none that matters. */
static const double largest_index = 200;

/* What is left of the start when the run no longer depends on it. */
static const double forgotten = 1e-3;

struct tail {
    const struct tabulated_data *data;
    int64_t n_states;
    double *slope;  /* [n_states] of the rule beyond its last knot */
    double *growth; /* [n_states] E R(z')^κ of the index that is tried; 0 where newborn */
    double *v, *next;
    bool *is_reached;
};

/* ---- what the file says --------------------------------------------------------------------------------------------- */

static double value_of(const struct tail *tail, enum tabulated_variable variable, int64_t state)
{
    const double *values = tail->data->values[variable];
    return values ? values[state] : 0;
}

static double outer_slope(const struct tail *tail, int64_t state)
{
    const struct tabulated_data *data = tail->data;
    const int64_t n = data->length[TABULATED_POINT], first = tabulated_policy_of(data, 0, state) * n;
    const double *x = data->values[POLICY_WEALTH] + first, *a = data->values[POLICY_SAVINGS] + first;
    int64_t last = n - 1, before = n - 1;
    while (last > 0 && x[last - 1] == x[n - 1])
        last--;
    before = last - 1;
    return before < 0 ? 0 : (a[last] - a[before]) / (x[last] - x[before]);
}

static double outer_share(const struct tail *tail, int64_t state)
{
    const struct tabulated_data *data = tail->data;
    const int64_t n = data->length[TABULATED_POINT];
    const double *share = data->values[POLICY_SHARE];
    return share ? share[(tabulated_policy_of(data, 0, state) + 1) * n - 1] : 1;
}

/* E (c + b exp(mean + sd ζ))^index by the trapezoidal rule about where it is largest, which for such integrands is exact to
 * rounding. */
static double moment(double c, double b, double mean, double sd, double index)
{
    static const double step = 0.05, width = 12;
    if (b == 0 || sd == 0)
        return pow(c + b * exp(mean), index);
    if (c == 0)
        return pow(b, index) * exp(index * mean + index * index * sd * sd / 2);
    const double high = index * sd + width, low = -width;
    double sum = 0;
    for (double x = low; x <= high; x += step)
        sum += pow(c + b * exp(mean + sd * x), index) * exp(-x * x / 2);
    return sum * step / sqrt(2 * M_PI);
}

/* The moment of the multiplier on the way from one state to another; a share may differ between states, so that it is of
 * both. */
static double multiplier(const struct tail *tail, int64_t from, int64_t to, double index)
{
    const double share = outer_share(tail, from), slope = tail->slope[from];
    const bool has_shock = tail->data->values[RETURN_LOG_MEAN] || tail->data->values[RETURN_LOG_SD];
    if (slope == 0 || value_of(tail, NEWBORN, to) != 0)
        return 0;
    const double c = value_of(tail, RETURN_CONSTANT, to) + share * value_of(tail, RISKY_CONSTANT, to);
    return pow(slope, index) * moment(c, has_shock ? share : 0, value_of(tail, RETURN_LOG_MEAN, to),
                                   value_of(tail, RETURN_LOG_SD, to), index);
}

/* ---- the chain ------------------------------------------------------------------------------------------------------ */

/* One pass: next = (M + 1) v / its sum, M of the multipliers' moments. @return the eigenvalue that it comes to */
static double pass(struct tail *tail, double index)
{
    double sum = 0, before = 0;
    for (int64_t z = 0; z < tail->n_states; z++) {
        const struct tabulated_moves moves = tabulated_moves_from(tail->data, 0, z);
        double value = tail->v[z];
        before += value;
        for (int64_t j = 0; j < moves.n && tail->is_reached[z]; j++)
            if (moves.probability[j] > 0) {
                const int64_t to = tabulated_move_to(&moves, j);
                const double growth = tail->growth ? tail->growth[to] * pow(tail->slope[z], index)
                                                   : multiplier(tail, z, to, index);
                value += moves.probability[j] * growth * tail->v[to];
            }
        tail->next[z] = tail->is_reached[z] ? value : 0;
        sum += tail->next[z];
    }
    for (int64_t z = 0; z < tail->n_states; z++)
        tail->v[z] = tail->next[z] / sum;
    return sum / before - 1;
}

/* Where all states have one share, the multiplier's moment is a state's slope times one of the next state. */
static void tabulate_growth(struct tail *tail, double index)
{
    for (int64_t z = 0; tail->growth && z < tail->n_states; z++) {
        const double slope = tail->slope[z];
        tail->slope[z] = 1;
        tail->growth[z] = multiplier(tail, z, z, index);
        tail->slope[z] = slope;
    }
}

/* The largest eigenvalue of E A^index P, NaN where it is not found. */
static double radius(struct tail *tail, double index)
{
    double last = NAN, now = 0;
    tabulate_growth(tail, index);
    for (int64_t z = 0; z < tail->n_states; z++)
        tail->v[z] = tail->is_reached[z];
    for (int i = 0; i < MOST_ROUNDS; i++) {
        now = pass(tail, index);
        if (fabs(now - last) <= 1e-13 * (1 + fabs(now)))
            return now;
        last = now;
    }
    return NAN;
}

/* Mark what can be reached from the states that are marked; newborns go to those of the initial sample. */
static void reach(const struct tail *tail, bool *is_reached)
{
    const double *initial = tail->data->values[INITIAL_STATE];
    for (bool is_new = true; is_new;) {
        is_new = false;
        for (int64_t z = 0; z < tail->n_states; z++) {
            const struct tabulated_moves moves = tabulated_moves_from(tail->data, 0, z);
            for (int64_t j = 0; j < moves.n && is_reached[z]; j++) {
                const int64_t to = tabulated_move_to(&moves, j);
                if (moves.probability[j] > 0 && value_of(tail, NEWBORN, to) == 0 && !is_reached[to])
                    is_reached[to] = is_new = true;
            }
        }
    }
    (void)initial;
}

/* The states that households start in, and those they come to. */
static void reach_from_start(const struct tail *tail)
{
    const double *initial = tail->data->values[INITIAL_STATE];
    for (int64_t i = 0; initial && i < tail->data->length[TABULATED_SAMPLE]; i++)
        tail->is_reached[(int64_t)initial[i]] = true;
    if (!initial)
        tail->is_reached[0] = true;
    reach(tail, tail->is_reached);
}
