#include "random/numbers.h"
#include "random/normals.h"
#include <string.h>

/* As the significand of a number in [1, 2), less 1. */
static double uniform_of(uint64_t word)
{
    const uint64_t bits = word >> 12 | 0x3ff0000000000000;
    double one_to_two;
    memcpy(&one_to_two, &bits, sizeof bits);
    return one_to_two - 1;
}

void numbers_of(const uint64_t *words, int n_normals, int n_uniforms, double *numbers)
{
    for (int i = 0; i < n_normals; i += NORMALS)
        normals_of(words + i, numbers + i);
    for (int i = n_normals; i < n_normals + n_uniforms; i++)
        numbers[i] = uniform_of(words[i]);
}
