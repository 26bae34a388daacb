#include "commands/documents.h"
#include "core/option_completion.h"
#include "core/option_manual.h"
#include <stdio.h>
#include <string.h>

static const char *const description[] = {
    "wealthsim simulates the wealth of a large population of households, on a laptop or a cluster, and "
    "answers with the exact median, quantiles, inequality and tails of the cross-section. The household is "
    "that of the QuantEcon lecture \"Numba\", w' = (1 + r) exp(v1 zeta) s w + exp(v2 xi), or another one "
    "that a model file describes.",
    "It is an MPI program with OpenMP threads: mpirun or srun starts its ranks, and without them it runs as "
    "one. The same parameters and seed give the same bytes, which the hash shows, on any number of ranks, "
    "threads and hosts, with any vector code, straight through or stopped and resumed.",
    "The command stands first, then options. Options may stand in an INI file too (--config). Whole numbers "
    "may be written as 1e6. A TIME is a number of seconds, or what else Slurm writes. All faults of command "
    "line and file are reported in one go, before the simulation; so is a population that does not fit into "
    "memory, or a result that does not fit onto the disk.",
    NULL};

static const struct manual_item files[] = {
    {"wealthsim.h5",
        "The result, unless --output says otherwise: HDF5 that is valid netCDF-4, complete or not there. The "
        "results of other commands have names of their own."},
    {"FILE.1, FILE.2, ...",
        "The checkpoints of --checkpoint FILE, of which the newest two are kept, and FILE.lock, which "
        "says whose they are."},
    {"share/wealthsim/data",
        "Below the prefix of the installation: the lecture's parameters, model files, a table of "
        "scenarios, and README.md, which lists every variable, attribute and input format."},
    {"share/wealthsim/jobs",
        "Below the prefix too: job scripts, pictures (plot.py), tables (collect.py), calibration "
        "(calibrate.py), scripts that write model files, and their README.md."},
    {NULL, NULL}};

static const struct manual_item environment[] = {
    {"OMP_NUM_THREADS", "Threads of each rank, where --threads does not say."},
    {"OMP_PLACES, OMP_PROC_BIND", "Where threads stay; wealthsim info says where they are."},
    {"WEALTHSIM_VECTOR",
        "The vector code to use in place of the best that the processor can run: portable, avx2, avx512 or "
        "neon. The answer is the same."},
    {"SLURM_JOB_END_TIME",
        "The end of a Slurm job: a run with --checkpoint stops in time for it, as with --max-time."},
    {"WEALTHSIM", "The program that the Python package starts."}, {NULL, NULL}};

static const struct manual_item exit_status[] = {{"0", "Done."},
    {"1", "Failed while running; the message says what became of an earlier result file."},
    {"2", "The command line, the configuration or an input file is wrong; nothing was written."},
    {"75", "Stopped early, on request or at its time limit, with a checkpoint in place: run it again with "
           "--resume."},
    {NULL, NULL}};

static const struct manual_item examples[] = {
    {"mpirun -np 16 wealthsim -n 1e8 -T 1000 --r 0.05 --record-every 10",
        "A hundred million households, recorded every ten periods."},
    {"mpirun -np 16 wealthsim -n 1e8 -T 100000 --checkpoint run.ck --resume",
        "A long run: the first start, and every later one."},
    {"mpirun -np 16 wealthsim --model mine.h5 --scenarios table.txt",
        "The household of a model file, with each row of a table of parameters, on the same shocks."},
    {"wealthsim path --household 7 --csv", "What household 7 had in each period."},
    {"mpirun -np 16 wealthsim verify", "Whether the right answers are found here."},
    {"eval \"$(wealthsim --launcher)\"",
        "Let this shell's mpirun start more ranks than there are cores, and root start them."},
    {NULL, NULL}};

static const char *const see_also[] = {
    "mpirun(1), srun(1), ncdump(1), h5dump(1), and README.md in share/doc/wealthsim below the prefix of the "
    "installation.",
    NULL};

static const struct manual_section before[] = {
    {.title = "DESCRIPTION", .paragraphs = description}, {.title = NULL}};
static const struct manual_section behind[] = {{.title = "FILES", .items = files},
    {.title = "ENVIRONMENT", .items = environment}, {.title = "EXIT STATUS", .items = exit_status},
    {.title = "EXAMPLES", .items = examples}, {.title = "SEE ALSO", .paragraphs = see_also}, {.title = NULL}};

static const struct manual manual = {
    .summary = "the wealth of a large population of households", .before = before, .behind = behind};

/* The shell that the words --completion=SHELL or --completion SHELL name, or -1. */
static int shell_of(int argc, char **argv)
{
    static const char option[] = "--completion";
    const size_t n = sizeof option - 1;
    const char *name = argc == 3 && strcmp(argv[1], option) == 0                            ? argv[2]
                       : argc == 2 && strncmp(argv[1], option, n) == 0 && argv[1][n] == '=' ? argv[1] + n + 1
                                                                                            : "";
    for (int i = 0; i < COMPLETION_SHELLS; i++)
        if (strcmp(name, option_completion_shell(i)) == 0)
            return i;
    return -1;
}

bool documents_answer(
    const struct option_command *const *commands, int n, int argc, char **argv, enum status *status)
{
    const int shell = shell_of(argc, argv);
    const bool is_manual = argc == 2 && strcmp(argv[1], "--manual") == 0;
    if (is_manual)
        *status = option_manual_print(commands, n, &manual);
    else if (shell >= 0)
        *status = option_completion_print(shell, commands, n);
    return is_manual || shell >= 0;
}
