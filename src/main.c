/* wealthsim: the wealth of a large population of households, on a cluster. */

#include "commands/commands.h"
#include "core/comm.h"
#include "core/error.h"
#include "core/launcher.h"
#include "core/options.h"
#include "core/output.h"
#include "core/stop.h"
#include "files/shared.h"

int main(int argc, char **argv)
{
    static const struct command *const all[] = {&command_run, &command_path, &command_pi, &command_gridmax,
        &command_eigvals, &command_scaling, &command_verify, &command_info};
    struct comm comm;
    struct options options;

    stop_listen();
    output_start();
    if (launcher_answers(argc, argv))
        return (int)output_flush();
    comm_start(&comm, &argc, &argv);
    stop_listen(); /* MPI may have put handlers of its own in place */
    enum status status = options_parse(&options, &comm, all, (int)(sizeof all / sizeof all[0]), argc, argv);
    if (status == WS_OK && options.checkpoint[0] == '\0')
        stop_end_at_once(comm.rank == 0);
    if (status == WS_OK && !options.is_answered)
        status = shared_check_folders(&options, all[options.command]->takes, &comm);
    if (status == WS_OK && !options.is_answered)
        status = all[options.command]->run(&options, &comm);
    status = output_end(&comm, status);
    error_report(comm.world);
    return comm_end(&comm, (int)status);
}
