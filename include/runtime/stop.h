/** Requests from outside: signals that ask a run for a checkpoint, or to stop with one.
 *
 *  SIGUSR1 asks for a checkpoint. SIGUSR2, SIGTERM and SIGINT ask to stop; a second SIGINT ends the process at
 *  once (not so SIGTERM, of which launchers and batch systems send several). Handlers only set a flag: the ranks agree on it at their next common boundary. */
#pragma once

#include <stdbool.h>

/** Listen from now on. Not collective; every rank calls it. */
void stop_listen(void);

/** Whether this process was asked since the last call (checkpoint), or ever (to stop). */
bool stop_checkpoint_wanted(void);
bool stop_wanted(void);

/** Seconds from now until the job's end by SLURM_JOB_END_TIME, or +inf where that is not set. */
double stop_seconds_to_job_end(void);
