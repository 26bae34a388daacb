/** What only `run` can see of its options: that streams, memory, disk and files will do. */
#pragma once

#include "commands/run_options.h"

/** Adds every fault with error_add. Collective over comm->world; options are the same on all ranks.
 *  @return WS_OK or WS_USAGE, on each rank its own. */
enum status run_check(const struct options *all, const struct comm *comm);
