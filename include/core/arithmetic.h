/** Whether the processor computes as IEEE 754 says: its state can be changed by any library that is loaded. */
#pragma once

/** Try this thread's arithmetic out: subnormal results and operands, rounding to nearest, for doubles and for whatever
 *  long double uses. Threads get the state of the one that makes them. Not collective.
 *  @return NULL, or what is wrong: "subnormal numbers count as zero" */
const char *arithmetic_fault(void);
