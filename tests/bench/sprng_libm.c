/* A rival: the lecture's computation as one writes it first in C, with two calls of sprng() a household and
 * period, Box-Muller and libm. Uses nothing of wealthsim.
 *
 *     sprng_libm HOUSEHOLDS PERIODS      prints the seconds and the median */
#include "random/sprng_library.h"
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double live(int *stream, int periods)
{
    const double r = 0.1, s = 0.3, v1 = 0.1, v2 = 1.0;
    double wealth = 1.0;
    for (int t = 0; t < periods; t++) {
        const double radius = sqrt(-2.0 * log(1.0 - sprng(stream)));
        const double angle = 2.0 * M_PI * sprng(stream);
        wealth = (1.0 + r) * exp(v1 * radius * cos(angle)) * s * wealth + exp(v2 * radius * sin(angle));
    }
    return wealth;
}

int main(int argc, char **argv)
{
    const int households = argc > 1 ? atoi(argv[1]) : 50000, periods = argc > 2 ? atoi(argv[2]) : 1000;
    int *stream = init_sprng(SPRNG_MLFG, 0, 1, 1, 3);
    double *wealth = malloc((size_t)households * sizeof *wealth);
    if (!stream || !wealth)
        return 1;
    const double start = omp_get_wtime();
    for (int i = 0; i < households; i++)
        wealth[i] = live(stream, periods);
    const double seconds = omp_get_wtime() - start;
    qsort(wealth, (size_t)households, sizeof *wealth, ascending);
    printf("%.9f %.17g\n", seconds, wealth[households / 2]);
    free(wealth);
    free_sprng(stream);
    return 0;
}
