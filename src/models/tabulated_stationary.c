#include "models/tabulated_stationary.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECT_MOST = 1000 };

/* What an iteration ends with: so little change, or so many products of a probability. */
static const double change_least = 1e-14, products_most = 1e10;

/* The chain in one aggregate state, with a node behind the states for newborns, from where the sample's states are next. */
struct graph {
    const struct tabulated_data *data;
    int64_t aggregate;
    const double *newborn;
    int64_t n;      /* states; the node of newborns is n */
    double *sample; /* [n] probability of a state among newborns, and at the start */
};

static struct tabulated_moves moves_from(const struct graph *graph, int64_t node)
{
    if (node == graph->n)
        return (struct tabulated_moves){.n = graph->n, .probability = graph->sample};
    return tabulated_moves_from(graph->data, graph->aggregate, node);
}

/* The node that a move leads to. */
static int64_t target(const struct graph *graph, const struct tabulated_moves *moves, int64_t j)
{
    const int64_t state = tabulated_move_to(moves, j);
    return graph->newborn && graph->newborn[state] != 0 ? graph->n : state;
}

static enum status graph_create(struct graph *graph, const struct tabulated_data *data, int64_t aggregate)
{
    const double *state = data->values[INITIAL_STATE], *weight = data->values[INITIAL_WEIGHT];
    *graph = (struct graph){.data = data,
        .aggregate = aggregate,
        .newborn = tabulated_values(data, NEWBORN, aggregate),
        .n = data->length[TABULATED_STATE]};
    graph->sample = calloc((size_t)graph->n, sizeof *graph->sample);
    if (!graph->sample)
        return error_memory((size_t)graph->n * sizeof *graph->sample, "the chain's stationary law");
    double sum = 0;
    for (int64_t i = 0; state && i < data->length[TABULATED_SAMPLE]; i++)
        sum += weight ? weight[i] : 1;
    for (int64_t i = 0; state && i < data->length[TABULATED_SAMPLE]; i++)
        graph->sample[(int64_t)state[i]] += (weight ? weight[i] : 1) / sum;
    if (!state)
        graph->sample[0] = 1;
    return WS_OK;
}

/* ---- classes: Tarjan 1972, SIAM J. Comput. 1, without recursion --------------------------------------------------- */

struct node {
    int64_t order; /* in which it was found, from 1; 0: not yet */
    int64_t low;   /* the first found to which there is a way from here */
    int64_t next;  /* move that is looked at next */
    int64_t class; /* -1: not known yet */
    bool is_left;  /* of the class of this number: whether there is a way out */
};

struct search {
    const struct graph *graph;
    struct node *node; /* [n + 1] */
    int64_t *open;     /* [n + 1] nodes without a class, as they were found */
    int64_t *trail;    /* [n + 1] from the start to where the search is */
    int64_t n_found, n_open, n_trail, n_classes;
};

static void enter(struct search *search, int64_t at)
{
    struct node *node = &search->node[at];
    *node = (struct node){.order = ++search->n_found, .low = search->n_found, .class = -1};
    search->open[search->n_open++] = at;
    search->trail[search->n_trail++] = at;
}

/* All that there is a way to was looked at. */
static void leave(struct search *search, int64_t at)
{
    const struct node *node = &search->node[at];
    search->n_trail--;
    for (int64_t member = -1; node->low == node->order && member != at;) {
        member = search->open[--search->n_open];
        search->node[member].class = search->n_classes;
        search->n_classes += member == at;
    }
    if (search->n_trail == 0)
        return;
    struct node *before = &search->node[search->trail[search->n_trail - 1]];
    if (node->low < before->low)
        before->low = node->low;
}

/* From newborns, who are where all others begin, too. */
static void find_classes(struct search *search)
{
    enter(search, search->graph->n);
    while (search->n_trail > 0) {
        const int64_t at = search->trail[search->n_trail - 1];
        struct node *node = &search->node[at];
        const struct tabulated_moves moves = moves_from(search->graph, at);
        while (node->next < moves.n && moves.probability[node->next] == 0)
            node->next++;
        if (node->next == moves.n) {
            leave(search, at);
            continue;
        }
        const int64_t to = target(search->graph, &moves, node->next++);
        const struct node *other = &search->node[to];
        if (other->order == 0)
            enter(search, to);
        else if (other->class < 0 && other->order < node->low)
            node->low = other->order;
    }
}

static void find_ways_out(struct search *search)
{
    for (int64_t at = 0; at <= search->graph->n; at++) {
        const struct tabulated_moves moves = moves_from(search->graph, at);
        const struct node *node = &search->node[at];
        for (int64_t i = 0; node->order > 0 && i < moves.n; i++)
            if (moves.probability[i] > 0 &&
                search->node[target(search->graph, &moves, i)].class != node->class)
                search->node[node->class].is_left = true;
    }
}

/* Which states are in closed classes. */
static void count(const struct search *search, struct tabulated_stationary *law, bool *is_recurrent)
{
    for (int64_t class = 0; class < search->n_classes; class ++)
        law->n_closed += !search->node[class].is_left;
    for (int64_t z = 0; z < search->graph->n; z++) {
        const struct node *node = &search->node[z];
        is_recurrent[z] = node->order > 0 && !search->node[node->class].is_left;
        law->n_reached += node->order > 0;
        law->n_recurrent += is_recurrent[z];
    }
}

static enum status classify(const struct graph *graph, struct tabulated_stationary *law, bool *is_recurrent)
{
    const size_t n = (size_t)graph->n + 1;
    struct search search = {.graph = graph,
        .node = calloc(n, sizeof *search.node),
        .open = malloc(n * sizeof *search.open),
        .trail = malloc(n * sizeof *search.trail)};
    enum status status = WS_OK;
    if (!search.node || !search.open || !search.trail) {
        status = error_memory(n * sizeof *search.node, "the chain's classes");
    } else {
        find_classes(&search);
        find_ways_out(&search);
        count(&search, law, is_recurrent);
    }
    free(search.node);
    free(search.open);
    free(search.trail);
    return status;
}

/* ---- the law of a closed class ------------------------------------------------------------------------------------ */

/* One period of a distribution, in which newborns are where they begin. */
static void advance(const struct graph *graph, const double *now, double *next)
{
    double born = 0;
    memset(next, 0, (size_t)graph->n * sizeof *next);
    for (int64_t z = 0; z < graph->n; z++) {
        const struct tabulated_moves moves = moves_from(graph, z);
        for (int64_t i = 0; now[z] > 0 && i < moves.n; i++) {
            const int64_t to = target(graph, &moves, i);
            if (to == graph->n)
                born += now[z] * moves.probability[i];
            else
                next[to] += now[z] * moves.probability[i];
        }
    }
    for (int64_t z = 0; z < graph->n; z++)
        next[z] += born * graph->sample[z];
}

static double count_moves(const struct graph *graph)
{
    double n = 0;
    for (int64_t z = 0; z < graph->n; z++)
        n += (double)moves_from(graph, z).n;
    return n;
}

static enum status iterate(
    const struct graph *graph, const bool *is_recurrent, struct tabulated_stationary *law)
{
    const double periods = products_most / count_moves(graph);
    double *now = law->probability, *next = malloc((size_t)graph->n * sizeof *next);
    if (!next)
        return error_memory((size_t)graph->n * sizeof *next, "the chain's stationary law");
    for (int64_t z = 0; z < graph->n; z++)
        now[z] = is_recurrent[z] ? 1 / (double)law->n_recurrent : 0;
    law->change = INFINITY;
    for (double period = 0; period < periods && law->change > change_least; period++) {
        advance(graph, now, next);
        double sum = 0;
        law->change = 0;
        for (int64_t z = 0; z < graph->n; z++) {
            law->change += fabs(next[z] - now[z]);
            sum += now[z] = 0.5 * (now[z] + next[z]);
        }
        for (int64_t z = 0; z < graph->n; z++)
            now[z] /= sum;
    }
    free(next);
    return WS_OK;
}

/* The recurrent states' own chain: [m][m], in their order. */
static void fill_square(const struct graph *graph, const bool *is_recurrent, double *square, int64_t m)
{
    double *alone = square + m * m, *next = alone + graph->n; /* [n] each */
    for (int64_t z = 0, k = 0; z < graph->n; z++) {
        if (!is_recurrent[z])
            continue;
        memset(alone, 0, (size_t)graph->n * sizeof *alone);
        alone[z] = 1;
        advance(graph, alone, next);
        for (int64_t to = 0, j = 0; to < graph->n; to++)
            if (is_recurrent[to])
                square[k * m + j++] = next[to];
        k++;
    }
}

/* States are taken out of the chain one by one, the last first, then put back. */
static void eliminate(double *a, int64_t m)
{
    for (int64_t k = m - 1; k > 0; k--) {
        double sum = 0;
        for (int64_t j = 0; j < k; j++)
            sum += a[k * m + j];
        for (int64_t i = 0; i < k; i++) {
            const double into = a[i * m + k] /= sum;
            for (int64_t j = 0; j < k; j++)
                a[i * m + j] += into * a[k * m + j];
        }
    }
}

static enum status solve(
    const struct graph *graph, const bool *is_recurrent, struct tabulated_stationary *law)
{
    const int64_t m = law->n_recurrent;
    const size_t values = (size_t)(m * m + 2 * graph->n + m);
    double *square = calloc(values, sizeof *square), sum = 1;
    if (!square)
        return error_memory(values * sizeof *square, "the chain's stationary law");
    double *x = square + m * m + 2 * graph->n;
    fill_square(graph, is_recurrent, square, m);
    eliminate(square, m);
    x[0] = 1;
    for (int64_t k = 1; k < m; k++) {
        x[k] = 0;
        for (int64_t i = 0; i < k; i++)
            x[k] += x[i] * square[i * m + k];
        sum += x[k];
    }
    for (int64_t z = 0, k = 0; z < graph->n; z++)
        law->probability[z] = is_recurrent[z] ? x[k++] / sum : 0;
    free(square);
    return WS_OK;
}

/* ---- all of it ---------------------------------------------------------------------------------------------------- */

enum status tabulated_stationary_find(
    const struct tabulated_data *data, int64_t aggregate, struct tabulated_stationary *law)
{
    struct graph graph;
    const size_t n = (size_t)data->length[TABULATED_STATE];
    *law = (struct tabulated_stationary){.probability = calloc(n, sizeof *law->probability)};
    bool *is_recurrent = calloc(n, sizeof *is_recurrent);
    enum status status = graph_create(&graph, data, aggregate);
    if (status == WS_OK && (!law->probability || !is_recurrent))
        status = error_memory(n * sizeof *law->probability, "the chain's stationary law");
    if (status == WS_OK)
        status = classify(&graph, law, is_recurrent);
    if (status == WS_OK && law->n_closed == 1)
        status = law->n_recurrent <= DIRECT_MOST ? solve(&graph, is_recurrent, law)
                                                 : iterate(&graph, is_recurrent, law);
    free(graph.sample);
    free(is_recurrent);
    return status;
}

void tabulated_stationary_free(struct tabulated_stationary *law)
{
    free(law->probability);
    law->probability = NULL;
}

double tabulated_mean_income(const struct tabulated_data *data, int64_t aggregate, int64_t state)
{
    const double *constant = tabulated_values(data, INCOME_CONSTANT, aggregate);
    const double *mean = tabulated_values(data, INCOME_LOG_MEAN, aggregate);
    const double *sd = tabulated_values(data, INCOME_LOG_SD, aggregate);
    const double of_mean = mean ? mean[state] : 0, of_sd = sd ? sd[state] : 0;
    return (constant ? constant[state] : 0) + (mean || sd ? exp(of_mean + of_sd * of_sd / 2) : 0);
}
