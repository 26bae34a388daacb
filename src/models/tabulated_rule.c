/* The savings rule's pieces, and the guide to them. */
#include "models/tabulated_tables.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    OCTAVES = 40, /* below the farthest knot: how near to the lowest one the origin may be */
    SIGNIFICAND = 52
};

/* Steeper rules than this are not told from jumps. */
static const double steepest = 1e100;

/* Whose powers of two by OCTAVES are normal numbers, still. */
static const double narrowest = 1e-250;

/* A function on the knots, from below and at each of them. */
struct function {
    double *below, *at; /* [n] */
};

enum { SHARE, OUTCOMES, FUNCTIONS = OUTCOMES + TABULATED_OUTCOMES };

/* A policy's knots, each abscissa once, with savings and the other functions that there are. */
struct rule {
    int64_t n;
    double *x, *below, *at;            /* [n] */
    struct function others[FUNCTIONS]; /* the share, and outcomes; flat beyond the knots */
    int n_others;
    double first, last; /* slopes of savings beyond them */
    bool
        goes_on; /* the first piece holds below the lowest knot too, which therefore is no border of pieces */
};

static bool rule_create(struct rule *rule, int64_t n, int n_others)
{
    double *all = tabulated_take((size_t)(3 + 2 * n_others) * (size_t)n, sizeof *all);
    *rule = (struct rule){.x = all, .n_others = n_others};
    if (!all)
        return false;
    rule->below = all + n;
    rule->at = all + 2 * n;
    for (int i = 0; i < n_others; i++)
        rule->others[i] = (struct function){.below = all + (3 + 2 * i) * n, .at = all + (4 + 2 * i) * n};
    return true;
}

/* @param others  [n_others] values of each on the knots; NULL: 1 */
static void rule_read(
    struct rule *rule, const double *x, const double *savings, const double *const *others, int64_t n)
{
    rule->n = 0;
    for (int64_t i = 0; i < n; i++) {
        const bool is_jump = rule->n > 0 && x[i] == rule->x[rule->n - 1];
        const int64_t k = is_jump ? rule->n - 1 : rule->n++;
        rule->x[k] = x[i] + 0.0;
        rule->at[k] = savings[i];
        if (!is_jump)
            rule->below[k] = savings[i];
        for (int j = 0; j < rule->n_others; j++) {
            rule->others[j].at[k] = others[j] ? others[j][i] : 1;
            if (!is_jump)
                rule->others[j].below[k] = rule->others[j].at[k];
        }
    }
}

static double slope(double x0, double y0, double x1, double y1)
{
    return fmin(fmax((y1 - y0) / (x1 - x0), -steepest), steepest);
}

/* Of the piece behind knot j. */
static double slope_at(const struct rule *rule, int64_t j)
{
    return j == rule->n - 1 ? rule->last : slope(rule->x[j], rule->at[j], rule->x[j + 1], rule->below[j + 1]);
}

static struct tabulated_share share_at(const struct rule *rule, const struct function *of, int64_t j)
{
    return (struct tabulated_share){
        of->at[j], j == rule->n - 1 ? 0 : slope(rule->x[j], of->at[j], rule->x[j + 1], of->below[j + 1])};
}

/* Whether the first piece says what holds below the lowest knot: of an outcome its value there does, without a jump. */
static bool does_go_on(const struct rule *rule)
{
    bool goes_on = rule->below[0] == rule->at[0] && rule->first == slope_at(rule, 0) &&
                   share_at(rule, &rule->others[SHARE], 0).slope == 0;
    for (int i = 0; i < rule->n_others; i++)
        goes_on = goes_on && rule->others[i].below[0] == rule->others[i].at[0];
    return goes_on;
}

/* What is beyond the knots. */
static void rule_extend(struct rule *rule, enum tabulated_extrapolation extrapolation)
{
    const int64_t n = rule->n;
    rule->first = rule->last = 0;
    if (extrapolation == EXTRAPOLATION_LINEAR && n > 1) {
        rule->first = slope(rule->x[0], rule->at[0], rule->x[1], rule->below[1]);
        rule->last = slope(rule->x[n - 2], rule->at[n - 2], rule->x[n - 1], rule->below[n - 1]);
    }
    rule->goes_on = does_go_on(rule);
}

/* Where pieces meet. */
static int64_t borders(const struct rule *rule, const double **x)
{
    const int skipped = rule->goes_on ? 1 : 0;
    *x = rule->x + skipped;
    return rule->n - skipped;
}

static void set_piece(double piece[TABULATED_PIECE], double start, double value, double slope, double end)
{
    piece[PIECE_START] = start;
    piece[PIECE_VALUE] = value;
    piece[PIECE_SLOPE] = slope;
    piece[PIECE_END] = end;
}

static void set_other(const struct tabulated_tables *tables, int i, int64_t k, struct tabulated_share piece)
{
    struct tabulated_share *of = i == SHARE ? tables->shares : tables->outcomes[i - OUTCOMES];
    if (of)
        of[k] = piece;
}

/* The pieces of a rule, one more than borders, and padding. @return where the next policy's begin */
static int64_t add_pieces(
    const struct rule *rule, int64_t k, int64_t padded, const struct tabulated_tables *tables)
{
    const int64_t n = rule->n;
    if (!rule->goes_on) {
        set_piece(tables->pieces[k], rule->x[0], rule->below[0], rule->first, rule->x[0]);
        for (int i = 0; i < rule->n_others; i++)
            set_other(tables, i, k, (struct tabulated_share){rule->others[i].below[0], 0});
        k++;
    }
    for (int64_t j = 0; j < n; j++, k++) {
        const double end = j == n - 1 ? INFINITY : rule->x[j + 1];
        set_piece(tables->pieces[k], rule->x[j], rule->at[j], slope_at(rule, j), end);
        for (int i = 0; i < rule->n_others; i++)
            set_other(tables, i, k, share_at(rule, &rule->others[i], j));
    }
    for (int64_t j = 0; j < padded; j++, k++)
        set_piece(tables->pieces[k], 0, 0, 0, INFINITY);
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

/* The first step of a bisection among so many: the greatest power of two up to them. */
static int step_among(int64_t most)
{
    int step = 1;
    while (step <= most / 2)
        step *= 2;
    return most > 0 ? step : 0;
}

/* All rules, and the range of their borders. */
struct rules {
    struct rule *of; /* [n] */
    int64_t n, n_pieces;
    double lowest, width;
};

static void find_range(struct rules *rules)
{
    double lowest = INFINITY, highest = -INFINITY;
    for (int64_t policy = 0; policy < rules->n; policy++) {
        const double *x;
        const int64_t n = borders(&rules->of[policy], &x);
        lowest = n > 0 ? fmin(lowest, x[0]) : lowest;
        highest = n > 0 ? fmax(highest, x[n - 1]) : highest;
        rules->n_pieces += n + 1;
    }
    rules->lowest = lowest < INFINITY ? lowest : 0;
    rules->width = highest > lowest ? fmax(highest - lowest, narrowest) : 1;
}

/* The most borders of any policy in a cell, or some number of at least enough. */
static int64_t most_in_a_cell(
    const struct tabulated_tables *tables, const struct rules *rules, int64_t enough)
{
    int64_t most = 0;
    for (int64_t policy = 0; policy < rules->n && most < enough; policy++) {
        const double *x;
        const int64_t n_borders = borders(&rules->of[policy], &x);
        for (int64_t i = 0, n = 0, last = -1; i < n_borders && most < enough; i++) {
            const int64_t cell = cell_of(tables, x[i]);
            n = cell == last ? n + 1 : 1;
            last = cell;
            most = n > most ? n : most;
        }
    }
    return most;
}

/* Cells for an origin so far, in powers of two of all borders' width, below the lowest border, with so many bits of the
 * significand. */
static void set_cells(struct tabulated_tables *tables, const struct rules *rules, int octave, int bits)
{
    const double before = ldexp(rules->width, -octave);
    tables->origin = rules->lowest - before;
    tables->nearest = before;
    tables->farthest = before + rules->width;
    tables->shift = SIGNIFICAND - bits;
    tables->base = bits_of(tables->nearest) >> tables->shift;
    tables->pieces_guide.cells = cell_of(tables, INFINITY) + 1;
}

/* The fewest steps that so many cells allow, and the fewest cells for them. */
static void choose_cells(struct tabulated_tables *tables, const struct rules *rules)
{
    const int64_t allowed = tabulated_cells_most(rules->n_pieces);
    struct tabulated_tables best = *tables;
    set_cells(&best, rules, 0, 0);
    best.pieces_step = step_among(most_in_a_cell(&best, rules, INT64_MAX));
    for (int octave = 0; octave <= OCTAVES; octave++)
        for (int bits = 0; bits <= TABULATED_BITS; bits++) {
            set_cells(tables, rules, octave, bits);
            if (tables->pieces_guide.cells * rules->n > allowed)
                break;
            const bool is_smaller = tables->pieces_guide.cells < best.pieces_guide.cells;
            const int64_t too_many = is_smaller ? 2 * best.pieces_step : best.pieces_step;
            const int64_t most = most_in_a_cell(tables, rules, too_many);
            if (most < too_many) {
                tables->pieces_step = step_among(most);
                best = *tables;
            }
        }
    *tables = best;
}

/* Where each cell's bisection begins: at the piece behind all borders of lower cells. */
static void fill_guide(
    struct tabulated_tables *tables, const struct rule *rule, int64_t policy, int64_t first_piece)
{
    const int64_t cells = tables->pieces_guide.cells;
    uint32_t *guide = tables->pieces_guide.first + policy * cells;
    const double *x;
    const int64_t n = borders(rule, &x);
    int64_t k = 0;
    for (int64_t cell = 0; cell < cells; cell++) {
        while (k < n && cell_of(tables, x[k]) < cell)
            k++;
        guide[cell] = (uint32_t)(first_piece + k);
    }
}

static enum status fill_rule_tables(struct tabulated_tables *tables, const struct tabulated_data *data,
    int64_t aggregate, const struct rules *rules)
{
    const int64_t n_policies = rules->n, n_states = data->length[TABULATED_STATE];
    const int64_t padded = tables->pieces_step > 0 ? tables->pieces_step - 1 : 0; /* a bisection looks at */
    const size_t n_pieces = (size_t)(rules->n_pieces + n_policies * padded);
    int64_t k = 0;
    tables->pieces = tabulated_take(n_pieces, sizeof *tables->pieces);
    tables->shares = data->values[POLICY_SHARE] ? tabulated_take(n_pieces, sizeof *tables->shares) : NULL;
    bool has_room = true;
    for (int i = 0; i < data->n_outcomes; i++) {
        tables->outcomes[i] = tabulated_take(n_pieces, sizeof *tables->outcomes[i]);
        has_room = has_room && tables->outcomes[i];
    }
    tables->pieces_guide.first =
        tabulated_take((size_t)(n_policies * tables->pieces_guide.cells), sizeof(uint32_t));
    tables->guide_of_state = tabulated_take((size_t)n_states, sizeof *tables->guide_of_state);
    tables->lowest = tabulated_take((size_t)n_states, sizeof *tables->lowest);
    tables->highest = tabulated_take((size_t)n_states, sizeof *tables->highest);
    if (!has_room || !tables->pieces || (data->values[POLICY_SHARE] && !tables->shares) ||
        !tables->pieces_guide.first || !tables->guide_of_state || !tables->lowest || !tables->highest)
        return WS_FAILED;
    for (int64_t policy = 0; policy < n_policies; policy++) {
        fill_guide(tables, &rules->of[policy], policy, k);
        k = add_pieces(&rules->of[policy], k, padded, tables);
    }
    for (int64_t state = 0; state < n_states; state++) {
        const int64_t policy = tabulated_policy_of(data, aggregate, state);
        const struct rule *rule = &rules->of[policy];
        tables->guide_of_state[state] = (uint32_t)(policy * tables->pieces_guide.cells);
        tables->lowest[state] = rule->x[0];
        tables->highest[state] = rule->x[rule->n - 1];
    }
    return WS_OK;
}

/* @return whether there is memory */
static enum status rule_make(
    struct rule *rule, const struct tabulated_data *data, int64_t aggregate, int64_t policy)
{
    const int64_t n = data->length[TABULATED_POINT], first = policy * n;
    const double *others[FUNCTIONS];
    for (int i = 0; i < OUTCOMES + data->n_outcomes; i++) {
        const int variable = i == SHARE ? (int)POLICY_SHARE : TABULATED_VARIABLES + i - OUTCOMES;
        const double *values = tabulated_values(data, (enum tabulated_variable)variable, aggregate);
        others[i] = values ? values + first : NULL;
    }
    if (!rule_create(rule, n, OUTCOMES + data->n_outcomes))
        return WS_FAILED;
    rule_read(rule, tabulated_values(data, POLICY_WEALTH, aggregate) + first,
        tabulated_values(data, POLICY_SAVINGS, aggregate) + first, others, n);
    rule_extend(rule, data->extrapolation);
    return WS_OK;
}

enum status tabulated_rule_create(
    struct tabulated_tables *tables, const struct tabulated_data *data, int64_t aggregate)
{
    struct rules rules = {.n = data->length[TABULATED_POLICY]};
    rules.of = tabulated_take((size_t)rules.n, sizeof *rules.of);
    enum status status = rules.of ? WS_OK : WS_FAILED;
    for (int64_t policy = 0; policy < rules.n && status == WS_OK; policy++)
        status = rule_make(&rules.of[policy], data, aggregate, policy);
    if (status == WS_OK) {
        find_range(&rules);
        choose_cells(tables, &rules);
        status = fill_rule_tables(tables, data, aggregate, &rules);
    }
    for (int64_t policy = 0; rules.of && policy < rules.n; policy++)
        free(rules.of[policy].x);
    free(rules.of);
    return status;
}
