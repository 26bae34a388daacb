/** Processes by their numbers: whether one that left its number in a file is still there. Not collective. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/** When a process of this space began, in clock ticks since the host did; -1 when there is none of that number, or it
 *  has ended and only waits for its parent to ask. */
long long process_start(pid_t pid);

/** Tells apart the spaces in which a number means one process: this start of the host, and the container. Only of a number
 *  from the same space can be said whether its process is gone. 0 where the system does not tell. */
uint32_t process_space(void);
