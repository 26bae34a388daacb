/** What surrounds the program and would make its answers wrong, or many answers of one, without a word. */
#pragma once

#include "core/comm.h"
#include "core/error.h"

/** Look at how this process was started and at its arithmetic: a processor that flushes subnormal numbers or rounds
 *  otherwise; a launcher that started several processes where MPI knows one. Adds every fault with error_add. Not collective: ranks may differ.
 *  @return WS_OK or WS_USAGE */
enum status environment_check(const struct comm *comm);

/** The launcher's variable that tells of more processes than MPI does, or NULL. Not collective.
 *  @param[in] size  of the run, as MPI says */
const char *environment_foreign_launcher(int size);
