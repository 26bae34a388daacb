/** What the launcher of this build's MPI is told, and how: as words of its command line, for advice, and as environment
 *  variables, for scripts. The only place that knows how Open MPI 4, Open MPI 5 and MPICH differ here. srun is told by
 *  Slurm's own options. */
#pragma once

#include <stdbool.h>

struct launcher {
    const char *mpi;     /**< whose: "Open MPI 4" */
    const char *program; /**< "mpirun" */
    const char *unbound; /**< words that leave ranks on all cores */
    const char *
        pinned; /**< words that give each rank cores for all its threads: a format with one %d for the threads */
    const char *one_core;  /**< words that bind each rank to a core of its own */
    bool holds_back_lines; /**< it passes on what ranks print when a line is whole */
};

/** The launcher of the MPI that this was compiled with. Needs no MPI_Init. */
const struct launcher *launcher(void);

/** Advice to start ranks so that each one's threads have cores of their own, for example "mpirun --bind-to none or
 *  --map-by slot:PE=4 --bind-to core". @return text, of bytes bytes. */
char *launcher_advice(int threads, char *text, unsigned long bytes);

/** Answer `wealthsim --launcher`: print shell commands that set what mpirun is to know where ranks may outnumber cores
 *  (they wait without keeping a core from others, and are not bound) and where root starts them; `--launcher=cluster`:
 *  what lets a job of several nodes end in time. Variables that are set already are left as they are. Before MPI_Init,
 *  which may need the settings. @return whether that was asked for. */
bool launcher_answers(int argc, char **argv);
