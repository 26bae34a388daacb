/* wealthsim: the wealth of a large population of households, on a cluster. */

#include "commands/commands.h"
#include "commands/documents.h"
#include "commands/preflight.h"
#include "core/comm.h"
#include "core/error.h"
#include "core/launcher.h"
#include "core/options.h"
#include "core/output.h"
#include "core/stop.h"

static const struct command *const commands[] = {&command_run, &command_path, &command_pi, &command_gridmax,
    &command_eigvals, &command_scaling, &command_verify, &command_info};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* What the command line asks for. Collective. */
static enum status do_as_asked(
    const struct comm *comm, const struct option_command *const *lines, int argc, char **argv)
{
    struct options options;
    enum status status = options_parse(&options, comm, lines, COMMANDS, argc, argv);
    if (options.values && !options.is_answered) {
        status = preflight(commands[options.command], &options, comm, status);
        if (status == WS_OK)
            status = commands[options.command]->run(&options, comm);
        if (commands[options.command]->release)
            commands[options.command]->release(&options);
    }
    options_free(&options);
    return status;
}

int main(int argc, char **argv)
{
    struct comm comm;
    const struct option_command *lines[COMMANDS];
    for (int i = 0; i < COMMANDS; i++)
        lines[i] = &commands[i]->line;
    enum status status = WS_OK;
    stop_listen();
    output_start();
    if (launcher_answers(argc, argv) || documents_answer(lines, COMMANDS, argc, argv, &status))
        return (int)output_end_alone(status);
    comm_start(&comm, &argc, &argv);
    stop_listen(); /* MPI may have put handlers of its own in place */
    status = output_end(&comm, do_as_asked(&comm, lines, argc, argv));
    error_report(comm.world);
    return comm_end(&comm, (int)status);
}
