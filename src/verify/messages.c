#include "core/words.h"
#include "verify/checks.h"
#include <stdio.h>

/* Up to ALL ranks, every rank sends to each. With more that would take longer than all else, and a switch that loses
 * messages does so between any: then to those at powers of two before and behind, and to some at distances by chance. */
enum { MESSAGE = 4096, ALL = 64, BY_CHANCE = 16 };

static uint64_t mix(uint64_t a, uint64_t b)
{
    return a * 0x9e3779b97f4a7c15 + b * 0xbf58476d1ce4e5b9;
}

/* Word i of the message from one rank to another. */
static uint64_t word_of(int from, int to, int i)
{
    return mix((uint64_t)from * 1000003 + (uint64_t)to, (uint64_t)i);
}

/* How many powers of two there are below the number of ranks. */
static int powers_below(int size)
{
    int powers = 0;
    while (INT64_C(1) << powers < size)
        powers++;
    return powers;
}

static int distances(int size)
{
    return size <= ALL ? size : 1 + 2 * powers_below(size) + BY_CHANCE;
}

/* From each rank to its partners in a step, 0 … size - 1: the same for all, so that each gets one message a step. */
static int distance_of(int size, int step)
{
    const int powers = powers_below(size);
    if (size <= ALL || step == 0)
        return step;
    if (step <= 2 * powers)
        return step <= powers ? 1 << (step - 1) : size - (1 << (step - powers - 1));
    return (int)((mix((uint64_t)step, (uint64_t)size) >> 32) % (uint64_t)size);
}

bool check_messages(struct verification *verification)
{
    const struct comm *comm = verification->comm;
    const int size = comm->size, steps = distances(size);
    uint64_t sent[MESSAGE], got[MESSAGE];
    bool right = true;
    for (int step = 0; step < steps; step++) {
        const int distance = distance_of(size, step);
        const int to = (int)(((int64_t)comm->rank + distance) % size),
                  from = (int)(((int64_t)comm->rank - distance + size) % size);
        for (int i = 0; i < MESSAGE; i++)
            sent[i] = word_of(comm->rank, to, i);
        MPI_CHECK(MPI_Sendrecv(sent, MESSAGE, MPI_UINT64_T, to, 0, got, MESSAGE, MPI_UINT64_T, from, 0,
            comm->world, MPI_STATUS_IGNORE));
        if (step == steps - 1 && verification_breaks(verification, "messages"))
            got[MESSAGE - 1] ^= 1;
        for (int i = 0; i < MESSAGE; i++)
            right = right && got[i] == word_of(from, comm->rank, i);
    }
    char partners[32] = "each";
    if (size > ALL)
        snprintf(partners, sizeof partners, "%d others", steps - 1);
    snprintf(verification->said, sizeof verification->said,
        "%d bytes from each of %d rank%s to %s over %d host%s", MESSAGE * 8, size, words_plural(size),
        partners, comm->n_hosts, words_plural(comm->n_hosts));
    return right;
}
