/** The types of vectors, and what is the same for all lengths. For the files of levels, after LANES. */
#pragma once

/** The operators + - * / & | ^ << >> work lane by lane; a cast from one type to another keeps the bits. Of the last three,
 *  which are halves of words as numbers of single precision and as integers, a vector has SINGLES. */
typedef double lanes_double __attribute__((vector_size(8 * LANES)));
typedef uint64_t lanes_word __attribute__((vector_size(8 * LANES)));
typedef float lanes_single __attribute__((vector_size(8 * LANES)));
typedef uint32_t lanes_half __attribute__((vector_size(8 * LANES)));
typedef int32_t lanes_integer __attribute__((vector_size(8 * LANES)));
enum { SINGLES = 2 * LANES };

LANES_INLINE lanes_word lanes_load_words(const uint64_t *from)
{
    lanes_word a;
    memcpy(&a, from, sizeof a);
    return a;
}

LANES_INLINE void lanes_store_words(uint64_t *to, lanes_word a)
{
    memcpy(to, &a, sizeof a);
}

LANES_INLINE lanes_double lanes_load(const double *from)
{
    lanes_double a;
    memcpy(&a, from, sizeof a);
    return a;
}

LANES_INLINE void lanes_store(double *to, lanes_double a)
{
    memcpy(to, &a, sizeof a);
}

LANES_INLINE lanes_single lanes_load_singles(const float *from)
{
    lanes_single a;
    memcpy(&a, from, sizeof a);
    return a;
}

LANES_INLINE void lanes_store_singles(float *to, lanes_single a)
{
    memcpy(to, &a, sizeof a);
}
