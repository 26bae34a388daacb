#include "commands/commands.h"
#include "commands/preflight.h"
#include "core/topology.h"
#include "core/version.h"
#include "core/words.h"
#include "files/atomic_file.h"
#include "simd/simd.h"
#include "verify/verification.h"
#include <stdio.h>

struct verify_options {
    struct common_options common;
    int64_t class; /* enum verify_class */
};

// clang-format off
static const struct option_row rows[] = {
    {.group = "Verification",
     .name = "class", .argument = "CLASS", .type = OPTION_CHOICE, .offset = offsetof(struct verify_options, class),
     .fallback = "small", .choice = verify_class_name, .n_choices = VERIFY_CLASSES, .range = "tiny, small or large",
     .help = "Size of the population: tiny takes a second, small about 10 s on two cores, large is for a cluster"},
};
// clang-format on
static const struct option_table table = OPTION_TABLE(rows);

/* The population, another one that goes on from its checkpoint; and both its files. */
static enum status check(const struct options *all, const struct comm *comm)
{
    const struct verify_options *options = all->values;
    char what[64];
    int64_t mine = 2 * verification_bytes((enum verify_class)options->class, comm), of_all = 0;
    MPI_CHECK(MPI_Reduce(&mine, &of_all, 1, MPI_INT64_T, MPI_SUM, 0, comm->world));
    snprintf(what, sizeof what, "--class: %s", verify_class_name((int)options->class));
    const enum status memory = preflight_memory(comm, mine, what, "take a smaller class, or more hosts");
    if (comm->rank != 0)
        return memory;
    const enum status checks[] = {memory, atomic_file_check("wealthsim-verify", "class", of_all)};
    return worst_of(checks, sizeof checks / sizeof checks[0]);
}

static void print_head(const struct verify_options *options, const struct comm *comm, int threads)
{
    printf("wealthsim %s, class %s, %d rank%s x %d thread%s on %d host%s, %s code\n\n", version_wealthsim(),
        verify_class_name((int)options->class), comm->size, words_plural(comm->size), threads,
        words_plural(threads), comm->n_hosts, words_plural(comm->n_hosts), simd_name());
    fflush(stdout);
}

/* One check, and its line. Collective. @return whether it passed on all ranks */
static bool run_check(const struct check *check, struct verification *verification, bool is_quiet)
{
    const struct comm *comm = verification->comm;
    verification->said[0] = '\0';
    const int mine = check->holds(verification) ? comm->size : comm->rank;
    int first_failed = 0;
    MPI_CHECK(MPI_Allreduce(&mine, &first_failed, 1, MPI_INT, MPI_MIN, comm->world));
    const bool passed = first_failed == comm->size;
    error_report(comm->world); /* what a library said */
    if (comm->rank == 0 && (!is_quiet || !passed)) {
        printf("  %s  %-17s %s", passed ? "PASS" : "FAIL", check->name, verification->said);
        if (!passed && first_failed > 0)
            printf(" (failed on rank %d)", first_failed);
        printf("\n");
        fflush(stdout);
    }
    return passed;
}

static enum status run_checks(struct verification *verification, double start, bool is_quiet)
{
    const struct comm *comm = verification->comm;
    const struct check *checks = NULL;
    const int n = verification_checks(&checks);
    int passed = 0;
    for (int i = 0; i < n; i++)
        passed += run_check(&checks[i], verification, is_quiet);
    if (comm->rank == 0 && !is_quiet)
        printf("\n  %d of %d checks passed, %.3g s\n", passed, n, timers_now() - start);
    if (passed == n)
        return WS_OK;
    return comm->rank == 0
               ? error_set(WS_FAILED, "%d of %d checks failed: do not rely on this build's results here",
                     n - passed, n)
               : WS_FAILED;
}

static enum status run(const struct options *all, const struct comm *comm)
{
    const double start = timers_now();
    const struct verify_options *options = all->values;
    struct verification verification;
    const int threads = topology_threads(comm, (int)options->common.threads);
    topology_warn(comm, threads);
    if (comm->rank == 0 && !options->common.quiet)
        print_head(options, comm, threads);
    enum status status = verification_begin(&verification, (enum verify_class)options->class, threads, comm);
    if (status == WS_OK)
        status = run_checks(&verification, start, options->common.quiet);
    verification_end(&verification);
    return status;
}

static const struct option_part parts[] = {{&table, 0}, {&process_option_table, 0}, {NULL, 0}};

const struct command command_verify = {
    .line = {.name = "verify",
        .summary = "Check this build, on these hosts, over this network, against known answers",
        .bytes = sizeof(struct verify_options),
        .parts = parts},
    .check = check,
    .run = run};
