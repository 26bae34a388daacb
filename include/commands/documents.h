/** What is installed beside the program and made by it: its manual page and the completion of its command lines. */
#pragma once

#include "core/options.h"

/** Answer `wealthsim --manual` and `wealthsim --completion=SHELL`, which stand alone, on standard output: before MPI_Init,
 *  for `make install` to need no MPI that starts.
 *  @param[in]  commands  [n], the first is the default
 *  @param[out] status    WS_OK, or WS_FAILED without memory (error_memory); as it was where that was not asked for
 *  @return whether that was asked for */
bool documents_answer(
    const struct option_command *const *commands, int n, int argc, char **argv, enum status *status);
