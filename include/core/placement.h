/** Who sits where: the core that each thread of each rank is on, and the cores that it may use; which threads must share
 *  one, and what to do about it. */
#pragma once

#include "core/comm.h"
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** A thread's place. */
struct seat {
    int rank, thread;
    int host;          /**< as comm->host_index */
    int core;          /**< that it was on when it was asked; -1 where the system does not tell */
    cpu_set_t allowed; /**< cores that it may use: its rank's, or fewer where OpenMP binds it */
};

enum { PLACEMENT_HOST = 64 };

/** All seats, by rank and thread: on rank 0; on the others n is 0. */
struct placement {
    int n;
    struct seat *seats;            /**< [n] */
    char (*hosts)[PLACEMENT_HOST]; /**< [n_hosts] names */
    int n_hosts;
};

/** Start this rank's threads and ask each where it is. Collective over comm->world.
 *  @param[in]  threads  of this rank
 *  @param[out] placement  to be destroyed with placement_destroy; 160 bytes per thread on rank 0 */
void placement_find(const struct comm *comm, int threads, struct placement *placement);
void placement_destroy(struct placement *placement);

/** How many of the seats can have a core of their own at the same time (a maximum matching), all on one host. Not
 *  collective. @param[out] has_own  [n] which of them then do */
int placement_match(const struct seat *seats, int n, bool *has_own);

/** A set of cores as a text: "0-3,8". @param[out] text  [bytes]; ends in "..." where there is no room @return text */
const char *placement_cores(const cpu_set_t *cores, char *text, size_t bytes);

/** Print the seats, at most so many lines of them. Not collective; for rank 0. */
void placement_print(const struct placement *placement, FILE *out, int most);

/** Print, for each host where threads share cores, who does, why, and what to do about it; or that nobody does. Not
 *  collective; for rank 0. */
void placement_advise(const struct placement *placement, FILE *out);
