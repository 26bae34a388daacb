/** What the cores did: the seconds of all ranks and threads, on rank 0. */
#pragma once

#include "core/comm.h"
#include "core/timers.h"
#include <stdio.h>

enum { CORE_USE_HOST = 64 };

struct core_use {
    int ranks, threads; /**< threads of the rank that has most */
    double *
        seconds; /**< [PHASES][ranks][threads], NaN for threads that a rank does not have; NULL but on rank 0 */
    double *core;                 /**< [ranks][threads] numbers of the cores; -1 or NaN where there is none */
    char (*hosts)[CORE_USE_HOST]; /**< [ranks] */
};

/** Collective over comm->world. @param[out] use  to be destroyed with core_use_destroy, on all ranks */
void core_use_gather(const struct comm *comm, const struct timers *timers, struct core_use *use);
void core_use_destroy(struct core_use *use);

/** The seconds of a phase, [ranks][threads]; NULL but on rank 0. */
double *core_use_phase(const struct core_use *use, enum phase phase);

/** Print a line for each rank and thread, at most so many: where it sat, its seconds, and the share of a core that its
 *  computing took of the elapsed seconds. Not collective; for rank 0. */
void core_use_print(const struct core_use *use, double elapsed, FILE *out, int most);
