/** Reading options as the program does, without what its commands do with them. */
#pragma once

#include "commands/commands.h"
#include "target.h"
#include <math.h>

static inline enum status check_nothing(const struct options *options, const struct comm *world)
{
    (void)options;
    (void)world;
    return WS_OK;
}

/** What was read keeps to the promises of options.h. */
static inline void check_options(const struct options *options)
{
    struct option_value value;
    for (int i = 0; options_value(options, FOR_ALL, i, &value); i++) {
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
    static const struct command *const all[] = {&command_run, &command_path, &command_pi, &command_gridmax,
        &command_eigvals, &command_scaling, &command_verify, &command_info};
    enum { N = sizeof all / sizeof all[0] };
    static struct command commands[N];
    static const struct command *pointers[N];
    static struct options options;
    for (int i = 0; i < N; i++) {
        commands[i] = *all[i];
        commands[i].check = check_nothing;
        pointers[i] = &commands[i];
    }
    const enum status status = options_parse(&options, &comm, pointers, N, argc, argv);
    if (status == WS_OK && !options.is_answered)
        check_options(&options);
    target_check_message(status);
}
