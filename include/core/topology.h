/** Threads, cores and memory of this host as the run may use them. */
#pragma once

#include "core/comm.h"
#include <stdint.h>
#include <stdio.h>

/** How many threads this rank should run. Collective over comm->host.
 *  @param[in] asked  > 0: taken as it is; 0: OMP_NUM_THREADS if that is set, else the cores that this rank may
 *                    use divided by the ranks of its host that share any of them, and no more than its share of a
 *                    quota, at least 1 */
int topology_threads(const struct comm *comm, int asked);

/** Cores that this process may run on (its affinity mask). */
int topology_cores(void);

/** Cores of the whole run that its ranks may use, each counted once. Collective over comm->world. */
int topology_cores_in_use(const struct comm *comm);

/** Warn on rank 0's standard error, in words, where threads will share cores although others are free: ranks
 *  bound to fewer cores than they have threads. Collective over comm->world. */
void topology_warn(const struct comm *comm, int threads);

/** Print a line where the environment asks OpenMP to bind threads (OMP_PLACES, OMP_PROC_BIND) and this OpenMP library
 *  does not. Not collective; topology_warn has it too. @param[in] before  what the line begins with */
void topology_advise_openmp(FILE *out, const char *before);

/** Cores' worth of time that a quota of this process's control groups allows, +inf without one. Not collective. */
double topology_quota(void);

/** Bytes of memory that this host can still give: MemAvailable, and what the control groups leave. Not collective. */
int64_t topology_memory_available(void);
