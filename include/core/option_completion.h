/** Completion of command lines by shells: commands, options, the values of options that have a few, files. */
#pragma once

#include "core/options.h"

enum { COMPLETION_SHELLS = 2 };

/** The name of the i-th shell: "bash", "zsh". */
const char *option_completion_shell(int i);

/** Print on standard output the functions that the i-th shell needs, in its language. Not collective.
 *  @param[in] commands  [n], the first is the default
 *  @return WS_OK, or WS_FAILED without memory (error_memory) */
enum status option_completion_print(int shell, const struct option_command *const *commands, int n);
