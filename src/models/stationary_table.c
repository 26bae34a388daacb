#include "models/stationary_table.h"
#include <math.h>
#include <stdlib.h>

enum { LEFT = TABLE_WIDTH / 2 - 1 }; /* points of an interpolation left of the interval's left end */

const double gauss_x[GAUSS] = {0.033765242898423986, 0.169395306766867743, 0.380690406958401546,
    0.619309593041598454, 0.830604693233132257, 0.966234757101576014};
const double gauss_w[GAUSS] = {0.085662246189585173, 0.180380786524069304, 0.233956967286345524,
    0.233956967286345524, 0.180380786524069304, 0.085662246189585173};

/* Lagrange's weights of TABLE_WIDTH equally spaced points for the place x in 0 … 1 past point LEFT, up to a factor.
 * @return their sum, which makes them weights */
static double lagrange(double x, double *weights)
{
    static const double binomial[TABLE_WIDTH] = {1, -11, 55, -165, 330, -462, 462, -330, 165, -55, 11, -1};
    double sum = 0;
    for (int k = 0; k < TABLE_WIDTH; k++) {
        const double apart = x + (double)LEFT - k;
        weights[k] = binomial[k] / (fabs(apart) < 1e-14 ? 1e-14 : apart);
        sum += weights[k];
    }
    return sum;
}

/* The density of V on the finer grid, and its integrals by Gauss's rule on each cell. */
enum chain_outcome table_create(struct table *table, const struct chain *chain)
{
    const struct grid *of = &chain->grid,
                      grid = {of->start, of->step / (double)TABLE_REFINE, (of->n - 1) * TABLE_REFINE + 1};
    const size_t n = (size_t)grid.n;
    double *density = malloc(n * sizeof *density);
    table->grid = grid;
    table->above = calloc(n, sizeof *table->above);
    table->wealth = calloc(n, sizeof *table->wealth);
    if (!density || !table->above || !table->wealth || chain_density(chain, &grid, density) != CHAIN_FOUND)
        return free(density), CHAIN_NO_MEMORY;

    double weights[GAUSS][TABLE_WIDTH];
    for (int q = 0; q < GAUSS; q++) {
        const double whole = lagrange(gauss_x[q], weights[q]);
        for (int k = 0; k < TABLE_WIDTH; k++)
            weights[q][k] /= whole;
    }
    for (int i = LEFT; i + TABLE_WIDTH - LEFT < grid.n; i++) {
        double mass = 0, first = 0, second = 0;
        for (int q = 0; q < GAUSS; q++) {
            double g = 0;
            for (int k = 0; k < TABLE_WIDTH; k++)
                g += weights[q][k] * density[i - LEFT + k];
            g *= gauss_w[q] * grid.step;
            const double v = exp(grid.start + (i + gauss_x[q]) * grid.step);
            mass += g;
            first += g * v;
            second += g * v * v;
        }
        table->above[i] = mass;
        table->wealth[i + 1] = table->wealth[i] + first;
        table->second += second;
    }
    for (int i = grid.n - TABLE_WIDTH + LEFT + 1; i < grid.n; i++)
        table->wealth[i] = table->wealth[i - 1];
    for (int i = grid.n - 2; i >= 0; i--)
        table->above[i] += table->above[i + 1];
    free(density);
    return CHAIN_FOUND;
}

void table_free(struct table *table)
{
    free(table->above);
    free(table->wealth);
    *table = (struct table){.above = NULL};
}

double table_above(const struct table *table, double v, double *wealth)
{
    const struct grid *grid = &table->grid;
    const double place = (v - grid->start) / grid->step;
    if (wealth)
        *wealth = 0;
    if (!table->above)
        return 0;
    if (!(place > (double)LEFT))
        return 1;
    if (place >= grid->n - TABLE_WIDTH + LEFT) {
        if (wealth)
            *wealth = table->wealth[grid->n - 1];
        return 0;
    }
    const int i = (int)place;
    const double *above = table->above + i - LEFT, *held = table->wealth + i - LEFT;
    double weights[TABLE_WIDTH], sum = 0, sum_wealth = 0;
    const double whole = lagrange(place - i, weights);
    for (int k = 0; k < TABLE_WIDTH; k++)
        sum += weights[k] * above[k];
    for (int k = 0; k < TABLE_WIDTH && wealth; k++)
        sum_wealth += weights[k] * held[k];
    if (wealth)
        *wealth = sum_wealth / whole;
    return sum / whole;
}
