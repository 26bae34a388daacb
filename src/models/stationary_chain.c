/* The chain's transition density is a mixture of normals of width v1, smooth in both arguments; log w
 * itself would not do as its state, since its density has a peak of width v2 wherever a low A makes wealth
 * a fresh start. The integral equation of v's density is discretised by the trapezoid rule, which
 * converges exponentially for such kernels (Trefethen, Weideman, SIAM Review 56 (2014)): at a step of v1 /
 * 1.4 its error is about exp(-2 π² 1.4²), 2e-17.
 *
 * Where v1 is small against the spread of the law, that step would be needlessly fine, and for v1 = 0
 * there would be none. There the normal of width v1 is replaced by one of width σ = 1.5 steps times the
 * polynomial that gives the product the same first 11 moments: to a density that varies on the scale of 12
 * steps they are the same to 1e-11.
 *
 * The stationary vector comes from elimination of states instead of iteration (Grassmann, Taksar, Heyman,
 * Operations Research 33 (1985)), so that slow mixing costs nothing: no diagonal is ever formed, and rare
 * states keep their relative accuracy. States go from both ends towards one in the middle, and since the
 * chain moves at most a band's width, nothing is filled in: long tails are cheap. */

#include "models/stationary_chain.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    TERMS = sizeof((struct kernel *)0)->polynomial / sizeof(double),
    ENTRIES_MOST = 12000000, /* of the banded matrix: 96 MB */
    DEPOSITS_MOST = 4000000, /* of the kernel: about a second */
    STEPS_MOST = 1000000000, /* of the elimination: about a second */
};

static const double reach = 8.2; /* the normal density is cut here: 2e-16 of it is lost */
static const double shocks = CHAIN_SHOCKS;
static const double root_2pi = 2.5066282746310005024;

/* N(0, v1²) = exp(-(σ² - v1²) / 2 D²) N(0, σ²), the exponential cut after TERMS terms; D^2k of a normal
 * density is the density times the Hermite polynomial He_2k(x / σ) / σ^2k. */
static struct kernel kernel_of(double v1, double sigma)
{
    struct kernel kernel = {.sigma = sigma, .polynomial = {1}};
    const double excess = 1 - (v1 / sigma) * (v1 / sigma);
    if (excess < 1e-12)
        return kernel;
    kernel.degree = TERMS - 1;
    double previous[2 * TERMS + 1] = {0}, he[2 * TERMS + 1] = {1}, factor = 1;
    for (int order = 1; order <= 2 * (TERMS - 1); order++) {
        double next[2 * TERMS + 1] = {0};
        for (int i = 0; i < 2 * TERMS; i++)
            next[i + 1] = he[i];
        for (int i = 0; i <= 2 * TERMS; i++)
            next[i] -= (order - 1) * previous[i];
        memcpy(previous, he, sizeof he);
        memcpy(he, next, sizeof he);
        if (order % 2 == 0) {
            factor *= -excess / order; /* (-excess / 2)^k / k! */
            for (int i = 0; i < TERMS; i++)
                kernel.polynomial[i] += factor * he[2 * i];
        }
    }
    return kernel;
}

static int nearest(const struct grid *grid, double v)
{
    const double i = nearbyint((v - grid->start) / grid->step);
    return i < -1e9 ? -1000000000 : i > 1e9 ? 1000000000 : (int)i;
}

static int half_width(const struct kernel *kernel, double step)
{
    return (int)ceil(reach * kernel->sigma / step);
}

/* A normal density alone, all nodes of which are there; out[0] stands for the node at its middle. The same operations as
 * below for each node, both sides at a time: each multiplication waits for the one before on its side. */
static void spread_whole(
    const double *restrict powers, double e0, double ratio, int half, double *restrict out)
{
    const double inverse = 1 / ratio;
    double right = e0 * ratio, left = e0 * inverse;
    /* NOLINTBEGIN(clang-analyzer-core.*): there are half + 1 powers */
    out[0] += e0 * powers[0];
    for (int k = 1; k <= half; k++, right *= ratio, left *= inverse) {
        out[k] += right * powers[k];
        out[-k] += left * powers[k];
    }
    /* NOLINTEND(clang-analyzer-core.*) */
}

/* Add `weight` times the kernel about v to the nodes first … last of a grid, out[0] standing for node
 * `first`. The normal density at equal steps is a product of three factors, two of which are powers and
 * one of which is tabulated: Greengard, Lee, SIAM Review 46 (2004). */
static void spread(const struct kernel *kernel, const struct grid *grid, const double *powers, double v,
    double weight, int first, int last, double *restrict out)
{
    const int centre = nearest(grid, v), half = half_width(kernel, grid->step);
    const double d = grid->step / kernel->sigma;
    const double x0 = (grid->start + centre * grid->step - v) / kernel->sigma;
    const double e0 = weight * exp(-x0 * x0 / 2), ratio = exp(-x0 * d);
    if (kernel->degree == 0 && centre - half >= first && centre + half <= last) {
        spread_whole(powers, e0, ratio, half, out + centre - first);
        return;
    }
    for (int side = 0; side < 2; side++) {
        const int sign = side ? -1 : 1;
        const double r = side ? 1 / ratio : ratio;
        double e = side ? e0 * r : e0;
        for (int k = side; k <= half; k++, e *= r) {
            const int i = centre + sign * k;
            if (i < first || i > last)
                continue;
            double value = e * powers[k]; // NOLINT(clang-analyzer-core.*): there are half + 1 powers
            if (kernel->degree) {
                const double x = x0 + sign * k * d, y = x * x;
                double p = kernel->polynomial[kernel->degree];
                for (int t = kernel->degree - 1; t >= 0; t--)
                    p = p * y + kernel->polynomial[t];
                value *= p;
            }
            out[i - first] += value;
        }
    }
}

static double *powers_of(const struct kernel *kernel, double step)
{
    const int half = half_width(kernel, step);
    double *powers = malloc(((size_t)half + 1) * sizeof *powers);
    if (!powers)
        return NULL;
    for (int k = 0; k <= half; k++)
        powers[k] = exp(-0.5 * (k * step / kernel->sigma) * (k * step / kernel->sigma));
    return powers;
}

double chain_log_sum(double a, double b)
{
    return fmax(a, b) + log1p(exp(-fabs(a - b)));
}

/* The values of income that stand for all in a move from v, by the trapezoid rule in a variable τ. Three
 * scales are to be resolved: of the normal density and of the bend of log(e^v + Y), together a step `calm`
 * in ξ, and of the kernel, one step of the grid in the image. Steps equal in ξ are cheap to make; where
 * wealth dwarfs income but for the luckiest, few suffice that are equal in τ = ξ / calm + log(1 + Y / e^v)
 * / step. */
struct incomes {
    double v2, step, calm;
    bool is_graded;
    int n;
    double start, spacing; /* of τ, or of ξ */
};

static struct incomes incomes_of(const struct chain *chain, double v)
{
    const double v2 = chain->v2, step = chain->grid.step, slope = v2 / (1 + exp(v - shocks * v2));
    struct incomes in = {.v2 = v2, .step = step, .calm = fmin(0.72, 0.6 / v2), .n = 1};
    if (v2 == 0)
        return in;
    const double equal = 2 * shocks / fmin(in.calm, step / slope);
    const double graded = 2 * shocks / in.calm +
                          (chain_log_sum(0, v2 * shocks - v) - chain_log_sum(0, -v2 * shocks - v)) / step;
    in.is_graded = graded * 4 < equal;
    in.start = in.is_graded ? -shocks / in.calm + chain_log_sum(0, -v2 * shocks - v) / step : -shocks;
    in.n = (int)fmin(1e9, ceil(in.is_graded ? graded : equal)) + 1;
    in.spacing = (in.is_graded ? graded : 2 * shocks) / (in.n - 1);
    return in;
}

/* Spread all moves from v, of total probability `weight`. */
static void move(const struct chain *chain, const struct grid *grid, const double *powers, double v,
    double weight, int first, int last, double *out)
{
    const struct incomes in = incomes_of(chain, v);
    const double log_gain = log(chain->gain), norm = weight / (root_2pi * chain->kernel.sigma);
    double xi = -shocks;
    for (int k = 0; k < in.n; k++) {
        double p = 1;
        if (in.n == 1) {
            xi = 0;
        } else if (in.is_graded) {
            double slope = 0;
            for (int newton = 0; newton < 6; newton++) {
                const double u = in.v2 * xi - v, tau = xi / in.calm + chain_log_sum(0, u) / in.step;
                slope = 1 / in.calm + in.v2 / (1 + exp(-u)) / in.step;
                const double change = (in.start + k * in.spacing - tau) / slope;
                xi += change;
                if (fabs(change) < 1e-13)
                    break;
            }
            p = in.spacing / slope / root_2pi * exp(-xi * xi / 2);
        } else {
            xi = in.start + k * in.spacing;
            p = in.spacing / root_2pi * exp(-xi * xi / 2);
        }
        spread(&chain->kernel, grid, powers, log_gain + chain_log_sum(v, in.v2 * xi), norm * p, first, last,
            out);
    }
}

void chain_free(struct chain *chain)
{
    if (chain->rows)
        free(chain->rows[0]);
    free(chain->rows);
    free(chain->first);
    free(chain->last);
    free(chain->share);
    *chain = (struct chain){.rows = NULL};
}

static int clamp(int i, int low, int high)
{
    return i < low ? low : i > high ? high : i;
}

static enum chain_outcome fill(struct chain *chain)
{
    const struct grid *grid = &chain->grid;
    const int n = grid->n, half = half_width(&chain->kernel, grid->step);
    chain->first = malloc((size_t)n * sizeof *chain->first);
    chain->last = malloc((size_t)n * sizeof *chain->last);
    chain->share = malloc((size_t)n * sizeof *chain->share);
    chain->rows = calloc((size_t)n, sizeof *chain->rows);
    double *powers = powers_of(&chain->kernel, grid->step);
    if (!chain->first || !chain->last || !chain->share || !chain->rows || !powers)
        return free(powers), CHAIN_NO_MEMORY;

    size_t entries = 0;
    double deposits = 0, steps = 0;
    for (int i = 0; i < n; i++) {
        const double v = grid->start + i * grid->step, most = shocks * chain->v2;
        chain->first[i] = clamp(nearest(grid, log(chain->gain) + chain_log_sum(v, -most)) - half, 0, n - 1);
        chain->last[i] = clamp(nearest(grid, log(chain->gain) + chain_log_sum(v, most)) + half, 0, n - 1);
        entries += (size_t)(chain->last[i] - chain->first[i]) + 1;
        deposits += incomes_of(chain, v).n;
        steps += fmax(i - chain->first[i], 0) * fmax(chain->last[i] - i, 0);
    }
    if (entries > ENTRIES_MOST || deposits > (double)DEPOSITS_MOST || steps > (double)STEPS_MOST)
        return free(powers), CHAIN_NOT_FOUND;
    chain->rows[0] = calloc(entries, sizeof **chain->rows); /* one block for all rows */
    if (!chain->rows[0])
        return free(powers), CHAIN_NO_MEMORY;
    for (int i = 0; i < n; i++) {
        if (i > 0)
            chain->rows[i] = chain->rows[i - 1] + (chain->last[i - 1] - chain->first[i - 1] + 1);
        move(chain, grid, powers, grid->start + i * grid->step, grid->step, chain->first[i], chain->last[i],
            chain->rows[i]);
    }
    free(powers);
    return CHAIN_FOUND;
}

static double *entry(const struct chain *chain, int i, int j)
{
    return chain->rows[i] + (j - chain->first[i]);
}

static bool reaches(const struct chain *chain, int i, int j)
{
    return j >= chain->first[i] && j <= chain->last[i];
}

/* Take state m out of the chain whose other remaining states are from … to: whoever moved to m goes where
 * m would have gone. The rates into m, over the rate out of it, stay behind for the way back. @return
 * whether there is a way out. */
static bool eliminate(struct chain *chain, int m, int from, int to)
{
    const int a = from > chain->first[m] ? from : chain->first[m],
              b = to < chain->last[m] ? to : chain->last[m];
    double out = 0;
    for (int c = a; c <= b; c++)
        out += *entry(chain, m, c);
    if (!(out > 0))
        return false;
    const double *row = entry(chain, m, a);
    for (int i = m < from ? from : to; i >= from && i <= to && reaches(chain, i, m); i += m < from ? 1 : -1) {
        const double f = *entry(chain, i, m) /= out;
        double *target = entry(chain, i, a);
        for (int c = 0; f != 0 && c <= b - a; c++)
            target[c] += f * row[c];
    }
    return true;
}

static void restore(struct chain *chain, int m, int from, int to)
{
    double sum = 0;
    for (int i = m < from ? from : to; i >= from && i <= to && reaches(chain, i, m); i += m < from ? 1 : -1)
        sum += chain->share[i] * *entry(chain, i, m);
    chain->share[m] = sum;
}

/* The stationary vector, by elimination towards the state `middle`. Rows' ends grow with the row, so no
 * entry outside the band is touched. */
static bool solve(struct chain *chain, int middle)
{
    const int n = chain->grid.n;
    for (int m = n - 1; m > middle; m--)
        if (!eliminate(chain, m, 0, m - 1))
            return false;
    for (int m = 0; m < middle; m++)
        if (!eliminate(chain, m, m + 1, middle))
            return false;
    chain->share[middle] = 1;
    for (int m = middle - 1; m >= 0; m--)
        restore(chain, m, m + 1, middle);
    for (int m = middle + 1; m < n; m++)
        restore(chain, m, 0, m - 1);

    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += chain->share[i];
    for (int i = 0; i < n; i++)
        chain->share[i] /= sum;
    return isfinite(sum) && sum > 0;
}

enum chain_outcome chain_solve(
    struct chain *chain, double gain, double v1, double v2, double sigma, const struct grid *grid, double v)
{
    *chain = (struct chain){.gain = gain, .v2 = v2, .grid = *grid, .kernel = kernel_of(v1, sigma)};
    const enum chain_outcome outcome = fill(chain);
    if (outcome != CHAIN_FOUND)
        return outcome;
    return solve(chain, clamp(nearest(grid, v), 1, grid->n - 2)) ? CHAIN_FOUND : CHAIN_NOT_FOUND;
}

enum chain_outcome chain_density(const struct chain *chain, const struct grid *grid, double *density)
{
    double *powers = powers_of(&chain->kernel, grid->step);
    if (!powers)
        return CHAIN_NO_MEMORY;
    memset(density, 0, (size_t)grid->n * sizeof *density);
    for (int i = 0; i < chain->grid.n; i++)
        if (fabs(chain->share[i]) > 1e-19)
            move(chain, grid, powers, chain->grid.start + i * chain->grid.step, chain->share[i], 0,
                grid->n - 1, density);
    free(powers);
    return CHAIN_FOUND;
}
