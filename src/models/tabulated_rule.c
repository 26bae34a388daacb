/* The savings rule's pieces, and the guide to them. */
#include "models/tabulated_tables.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    OCTAVES = 40, /* below the farthest knot: what is nearer to the origin shares a cell */
    SIGNIFICAND = 52
};

/* Steeper rules than this are not told from jumps. */
static const double steepest = 1e100;

/* A policy's knots, each abscissa once: savings and share from below and at it. */
struct rule {
    int64_t n;
    double *x, *below, *at, *share_below, *share_at; /* [n] */
};

static bool rule_create(struct rule *rule, int64_t n)
{
    double *all = tabulated_take(5 * (size_t)n, sizeof *all);
    *rule = (struct rule){.x = all, .below = all, .at = all, .share_below = all, .share_at = all};
    if (!all)
        return false;
    rule->below += n;
    rule->at += 2 * n;
    rule->share_below += 3 * n;
    rule->share_at += 4 * n;
    return true;
}

static void rule_read(
    struct rule *rule, const double *x, const double *savings, const double *share, int64_t n)
{
    rule->n = 0;
    for (int64_t i = 0; i < n; i++) {
        const bool is_jump = rule->n > 0 && x[i] == rule->x[rule->n - 1];
        const int64_t k = is_jump ? rule->n - 1 : rule->n++;
        rule->x[k] = x[i] + 0.0;
        rule->at[k] = savings[i];
        rule->share_at[k] = share ? share[i] : 1;
        if (!is_jump) {
            rule->below[k] = savings[i];
            rule->share_below[k] = rule->share_at[k];
        }
    }
}

static double slope(double x0, double y0, double x1, double y1)
{
    return fmin(fmax((y1 - y0) / (x1 - x0), -steepest), steepest);
}

/* Slopes beyond the knots. */
static void outer_slopes(
    const struct rule *rule, enum tabulated_extrapolation extrapolation, double *first, double *last)
{
    const int64_t n = rule->n;
    *first = *last = 0;
    if (extrapolation != EXTRAPOLATION_LINEAR || n < 2)
        return;
    *first = slope(rule->x[0], rule->at[0], rule->x[1], rule->below[1]);
    *last = slope(rule->x[n - 2], rule->at[n - 2], rule->x[n - 1], rule->below[n - 1]);
}

/* The n + 1 pieces of a rule, and padding. @return where the next policy's begin */
static int64_t add_pieces(const struct rule *rule, enum tabulated_extrapolation extrapolation, int64_t k,
    int64_t padded, struct tabulated_piece *pieces, struct tabulated_share *shares)
{
    const int64_t n = rule->n;
    double first, last;
    outer_slopes(rule, extrapolation, &first, &last);
    pieces[k] = (struct tabulated_piece){rule->x[0], rule->below[0], first, rule->x[0]};
    if (shares)
        shares[k] = (struct tabulated_share){rule->share_below[0], 0};
    k++;
    for (int64_t j = 0; j < n; j++, k++) {
        const bool is_last = j == n - 1;
        pieces[k] = (struct tabulated_piece){rule->x[j], rule->at[j],
            is_last ? last : slope(rule->x[j], rule->at[j], rule->x[j + 1], rule->below[j + 1]),
            is_last ? INFINITY : rule->x[j + 1]};
        if (shares)
            shares[k] = (struct tabulated_share){rule->share_at[j],
                is_last ? 0 : slope(rule->x[j], rule->share_at[j], rule->x[j + 1], rule->share_below[j + 1])};
    }
    for (int64_t j = 0; j < padded; j++)
        pieces[k++] = (struct tabulated_piece){.end = INFINITY};
    return k;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* The cell of a wealth: what the step does for many. */
static int64_t cell_of(const struct tabulated_tables *tables, double wealth)
{
    const double distance = wealth - tables->origin;
    const double within = distance < tables->nearest    ? tables->nearest
                          : distance > tables->farthest ? tables->farthest
                                                        : distance;
    return (int64_t)((bits_of(within) >> tables->shift) - tables->base);
}

/* Cells with so many bits of the significand. */
static void set_cells(struct tabulated_tables *tables, int bits)
{
    tables->shift = SIGNIFICAND - bits;
    tables->base = bits_of(tables->nearest) >> tables->shift;
    tables->pieces_guide.cells = cell_of(tables, INFINITY) + 1;
}

/* The most knots of any policy in a cell. */
static int64_t most_in_a_cell(
    const struct tabulated_tables *tables, const struct rule *rules, int64_t n_policies)
{
    int64_t most = 0;
    for (int64_t policy = 0; policy < n_policies; policy++)
        for (int64_t i = 0, n = 0, last = -1; i < rules[policy].n; i++) {
            const int64_t cell = cell_of(tables, rules[policy].x[i]);
            n = cell == last ? n + 1 : 1;
            last = cell;
            most = n > most ? n : most;
        }
    return most;
}

/* The range of distances from the origin that cells tell apart, and as many of them as it takes. */
static void choose_cells(
    struct tabulated_tables *tables, const struct rule *rules, int64_t n_policies, int64_t n_points)
{
    double origin = INFINITY, nearest = INFINITY, farthest = 0;
    for (int64_t policy = 0; policy < n_policies; policy++)
        origin = fmin(origin, rules[policy].x[0]);
    for (int64_t policy = 0; policy < n_policies; policy++)
        for (int64_t i = 0; i < rules[policy].n; i++) {
            const double distance = rules[policy].x[i] - origin;
            nearest = distance > 0 ? fmin(nearest, distance) : nearest;
            farthest = fmax(farthest, distance);
        }
    tables->origin = origin;
    tables->farthest = farthest > 0 ? farthest : 1;
    tables->nearest = fmin(tables->farthest, fmax(nearest, ldexp(tables->farthest, -OCTAVES)));

    const int64_t most = tabulated_cells_most(n_policies * n_points);
    int best = 0;
    set_cells(tables, best);
    int step = tabulated_step_among(most_in_a_cell(tables, rules, n_policies));
    for (int bits = 1; bits <= TABULATED_BITS && step > 1; bits++) {
        set_cells(tables, bits);
        const int with_bits = tabulated_step_among(most_in_a_cell(tables, rules, n_policies));
        if (tables->pieces_guide.cells * n_policies > most)
            break;
        if (with_bits < step) {
            best = bits;
            step = with_bits;
        }
    }
    set_cells(tables, best);
    tables->pieces_guide.step = step;
}

/* Where each cell's bisection begins: at the piece behind all knots of lower cells. */
static void fill_guide(
    struct tabulated_tables *tables, const struct rule *rule, int64_t policy, int64_t first_piece)
{
    const int64_t cells = tables->pieces_guide.cells;
    uint32_t *guide = tables->pieces_guide.first + policy * cells;
    int64_t k = 0;
    for (int64_t cell = 0; cell < cells; cell++) {
        while (k < rule->n && cell_of(tables, rule->x[k]) < cell)
            k++;
        guide[cell] = (uint32_t)(first_piece + k);
    }
}

static enum status fill_rule_tables(struct tabulated_tables *tables, const struct tabulated_data *data,
    int64_t aggregate, const struct rule *rules)
{
    const int64_t n_policies = data->length[TABULATED_POLICY], n_states = data->length[TABULATED_STATE];
    const int64_t padded = tabulated_padding(tables->pieces_guide.step);
    int64_t n_pieces = 0, k = 0;
    for (int64_t policy = 0; policy < n_policies; policy++)
        n_pieces += rules[policy].n + 1 + padded;
    tables->pieces = tabulated_take((size_t)n_pieces, sizeof *tables->pieces);
    tables->shares =
        data->values[POLICY_SHARE] ? tabulated_take((size_t)n_pieces, sizeof *tables->shares) : NULL;
    tables->pieces_guide.first =
        tabulated_take((size_t)(n_policies * tables->pieces_guide.cells), sizeof(uint32_t));
    tables->guide_of_state = tabulated_take((size_t)n_states, sizeof *tables->guide_of_state);
    tables->lowest = tabulated_take((size_t)n_states, sizeof *tables->lowest);
    tables->highest = tabulated_take((size_t)n_states, sizeof *tables->highest);
    if (!tables->pieces || (data->values[POLICY_SHARE] && !tables->shares) || !tables->pieces_guide.first ||
        !tables->guide_of_state || !tables->lowest || !tables->highest)
        return WS_FAILED;
    for (int64_t policy = 0; policy < n_policies; policy++) {
        fill_guide(tables, &rules[policy], policy, k);
        k = add_pieces(&rules[policy], data->extrapolation, k, padded, tables->pieces, tables->shares);
    }
    for (int64_t state = 0; state < n_states; state++) {
        const int64_t policy = tabulated_policy_of(data, aggregate, state);
        tables->guide_of_state[state] = (uint32_t)(policy * tables->pieces_guide.cells);
        tables->lowest[state] = rules[policy].x[0];
        tables->highest[state] = rules[policy].x[rules[policy].n - 1];
    }
    return WS_OK;
}

enum status tabulated_rule_create(
    struct tabulated_tables *tables, const struct tabulated_data *data, int64_t aggregate)
{
    const int64_t n_policies = data->length[TABULATED_POLICY], n_points = data->length[TABULATED_POINT];
    const double *x = tabulated_values(data, POLICY_WEALTH, aggregate),
                 *savings = tabulated_values(data, POLICY_SAVINGS, aggregate),
                 *share = tabulated_values(data, POLICY_SHARE, aggregate);
    struct rule *rules = tabulated_take((size_t)n_policies, sizeof *rules);
    enum status status = rules ? WS_OK : WS_FAILED;
    for (int64_t policy = 0; policy < n_policies && status == WS_OK; policy++) {
        const int64_t first = policy * n_points;
        if (rule_create(&rules[policy], n_points))
            rule_read(&rules[policy], x + first, savings + first, share ? share + first : NULL, n_points);
        else
            status = WS_FAILED;
    }
    if (status == WS_OK) {
        choose_cells(tables, rules, n_policies, n_points);
        status = fill_rule_tables(tables, data, aggregate, rules);
    }
    for (int64_t policy = 0; rules && policy < n_policies; policy++)
        free(rules[policy].x);
    free(rules);
    return status;
}
