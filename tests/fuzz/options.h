/** Reading options as the program does, without what its commands do with them. */
#pragma once

#include "commands/commands.h"
#include "target.h"
#include <math.h>

/** What was read keeps to the promises of core/options.h. */
static inline void check_options(const struct option_command *command, const struct options *options)
{
    struct option_value value;
    for (int i = 0; options_value(command, options->values, i, &value); i++) {
        if (value.text)
            ENSURE(strnlen(value.text, OPTION_TEXT) < OPTION_TEXT);
        ENSURE(!isinf(value.real));
        for (int64_t j = 0; j < value.n_numbers; j++)
            ENSURE(j == 0 || value.numbers[j] > value.numbers[j - 1]);
    }
    ENSURE(strnlen(options->command_line, OPTION_TEXT) < OPTION_TEXT);
}

static inline void read_options(int argc, char **argv)
{
    static const struct option_command *const commands[] = {&command_run.line, &command_path.line,
        &command_pi.line, &command_gridmax.line, &command_eigvals.line, &command_scaling.line,
        &command_verify.line, &command_info.line};
    struct options options;
    const enum status status =
        options_parse(&options, &comm, commands, sizeof commands / sizeof commands[0], argc, argv);
    if (status == WS_OK && !options.is_answered)
        check_options(commands[options.command], &options);
    options_free(&options);
    target_check_message(status);
}
