#include "commands/commands.h"
#include "core/topology.h"
#include "core/version.h"
#include "core/words.h"
#include "files/atomic_file.h"
#include "simd/vector.h"
#include "verify/verification.h"
#include <stdio.h>

/* The population, another one that goes on from its checkpoint; and both its files. */
static enum status check(const struct options *options, const struct comm *comm)
{
    int64_t of_host = 0, mine = 2 * verification_bytes(options, comm), of_all = 0;
    enum status status = WS_OK;
    MPI_CHECK(MPI_Allreduce(&mine, &of_host, 1, MPI_INT64_T, MPI_SUM, comm->host));
    MPI_CHECK(MPI_Reduce(&mine, &of_all, 1, MPI_INT64_T, MPI_SUM, 0, comm->world));
    if (comm->host_rank == 0 && of_host > topology_memory_available())
        status = error_add(WS_USAGE,
            "--class: %s needs %.3g GB of memory on host %s, which has %.3g GB to give: take a smaller "
            "class, or "
            "more hosts",
            verify_class_name((int)options->class), (double)of_host * 1e-9, comm->host_name,
            (double)topology_memory_available() * 1e-9);
    if (comm->rank == 0) {
        const enum status writable = atomic_file_check("wealthsim-verify", "class", of_all);
        status = writable != WS_OK ? writable : status;
    }
    return status;
}

static void print_head(const struct options *options, const struct comm *comm, int threads)
{
    printf("wealthsim %s, class %s, %d rank%s x %d thread%s on %d host%s, %s code\n\n", version_wealthsim(),
        verify_class_name((int)options->class), comm->size, words_plural(comm->size), threads,
        words_plural(threads), comm->n_hosts, words_plural(comm->n_hosts), vector_level_name(vector_level()));
    fflush(stdout);
}

/* One check, and its line. Collective. @return whether it passed on all ranks */
static bool run_check(const struct check *check, struct verification *verification)
{
    const struct comm *comm = verification->comm;
    verification->said[0] = '\0';
    const int mine = check->holds(verification) ? comm->size : comm->rank;
    int first_failed = 0;
    MPI_CHECK(MPI_Allreduce(&mine, &first_failed, 1, MPI_INT, MPI_MIN, comm->world));
    const bool passed = first_failed == comm->size;
    error_report(comm->world); /* what a library said */
    if (comm->rank == 0 && (!verification->options->quiet || !passed)) {
        printf("  %s  %-17s %s", passed ? "PASS" : "FAIL", check->name, verification->said);
        if (!passed && first_failed > 0)
            printf(" (failed on rank %d)", first_failed);
        printf("\n");
        fflush(stdout);
    }
    return passed;
}

static enum status run_checks(struct verification *verification, double start)
{
    const struct comm *comm = verification->comm;
    const struct check *checks = NULL;
    const int n = verification_checks(&checks);
    int passed = 0;
    for (int i = 0; i < n; i++)
        passed += run_check(&checks[i], verification);
    if (comm->rank == 0 && !verification->options->quiet)
        printf("\n  %d of %d checks passed, %.3g s\n", passed, n, timers_now() - start);
    if (passed == n)
        return WS_OK;
    return comm->rank == 0
               ? error_set(WS_FAILED, "%d of %d checks failed: do not rely on this build's results here",
                     n - passed, n)
               : WS_FAILED;
}

static enum status verify_command(const struct options *options, const struct comm *comm)
{
    const double start = timers_now();
    struct verification verification;
    const int threads = topology_threads(comm, (int)options->threads);
    topology_warn(comm, threads);
    if (comm->rank == 0 && !options->quiet)
        print_head(options, comm, threads);
    enum status status = verification_begin(&verification, options, comm);
    if (status == WS_OK)
        status = run_checks(&verification, start);
    verification_end(&verification);
    return status;
}

const struct command command_verify = {.name = "verify",
    .summary = "Check this build, on these hosts, over this network, against known answers",
    .takes = FOR_VERIFY,
    .check = check,
    .run = verify_command};
