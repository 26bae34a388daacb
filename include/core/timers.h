/** Where the time went: seconds of each thread of this rank, by phase. */
#pragma once

#include "core/error.h"

/** Computing is counted in seconds on a core, what else passed meanwhile is waiting (for other threads, or for the
 *  core); communicating and writing are counted as they pass. */
enum phase { PHASE_COMPUTING, PHASE_WAITING, PHASE_COMMUNICATING, PHASE_WRITING, PHASES };

struct timers {
    int threads;
    double (*seconds)[PHASES]; /**< [threads][PHASES] */
    int *core;                 /**< [threads] that the thread was on when it last worked, -1 before */
};

/** "computing", "waiting", "communicating", "writing". */
const char *phase_name(enum phase phase);

/** Zeroed timers for the threads of this rank. Not collective. @return WS_OK, or WS_FAILED (memory). */
enum status timers_create(struct timers *timers, int threads);
void timers_destroy(struct timers *timers);

/** Seconds on a steady clock. */
double timers_now(void);

/** Seconds that the calling thread has been on a core: less than have passed where cores are shared. */
double timers_cpu(void);

/** Count the seconds since start for a thread's phase; @return now, to start the next phase from. A thread may
 *  only add to its own row. */
double timers_add(struct timers *timers, int thread, enum phase phase, double start);

/** A thread's part of what several do together: begin; then its work is done; then all threads' work is. The seconds
 *  on a core until its own end count as computing, the others as waiting. */
struct stretch {
    double began, began_cpu, computing;
    int core;
};
struct stretch timers_begin(void);
void timers_worked(struct stretch *stretch);
void timers_end(struct timers *timers, int thread, const struct stretch *stretch);
