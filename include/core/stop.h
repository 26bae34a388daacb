/** Requests from outside: signals that ask a run for a checkpoint, or to stop with one.
 *
 *  SIGUSR1 asks for a checkpoint. SIGUSR2, SIGTERM, SIGINT, SIGHUP (the terminal is gone; not where it was ignored from
 *  the start, as under nohup) and SIGXCPU (a soft limit of processor time) ask to stop; a second SIGINT ends the process
 *  at once (not so SIGTERM, of which launchers and batch systems send several). Handlers only set a flag: the ranks agree
 *  on it at their next common boundary. What has no checkpoints ends at once instead, by the signal, as any program; it
 *  outlives SIGUSR1. SIGXFSZ is ignored: at a limit of file size a write fails, which is no reason to die. */
#pragma once

#include <stdbool.h>

/** Listen from now on: first of all in the process, and once more when libraries that may have put handlers of their own
 *  in place have started. Not collective; every rank calls it. */
void stop_listen(void);

/** From now on there is nothing to stop with: a signal, also one that came before, ends the process at once.
 *  @param[in] speaks  whether this process says so on standard error */
void stop_end_at_once(bool speaks);

/** Whether this process was asked since the last call (checkpoint), or ever (to stop). */
bool stop_checkpoint_wanted(void);
bool stop_wanted(void);

/** Seconds from now until the job's end by SLURM_JOB_END_TIME, or +inf where that is not set. */
double stop_seconds_to_job_end(void);
