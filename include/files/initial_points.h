/** Which of M values the households of a population start at: household i of N at value floor((2i + 1) M / (2N)), the one at
 *  (i + 1/2)/N of them. So each value has its share of the households, to the nearest number of them, whatever N and M
 *  are (systematic resampling: Kitagawa 1996, J. Comput. Graph. Stat. 5, with the offset 1/2). Not collective. */
#pragma once

#include <stdint.h>

/** Where a household starts: value goes up with the household. */
struct initial_points {
    int64_t value; /**< 0 … M - 1 */
    uint64_t rest; /**< of (2i + 1) M, divided by 2N */
    uint64_t step_value, step_rest, parts;
};

/** Of household i of N, 0 <= i < N <= 2^38, with M values, M >= 1. */
struct initial_points initial_points_at(int64_t i, int64_t n, int64_t m);

/** Go on to the next household. */
void initial_points_next(struct initial_points *points);
