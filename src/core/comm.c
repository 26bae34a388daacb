#include "core/comm.h"
#include "core/error.h"
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How much later a host's first rank ends than its others when the status is not 0. For processes that are gone
 * already, mpirun (Open MPI 4.1) then waits a second twice, but each time only until it sees another one end. */
static const useconds_t last_to_end = 50000;

/* Hosts are numbered by a scan over the ranks that lead them. */
static void number_hosts(struct comm *comm)
{
    int leads = comm->host_rank == 0, index = 0;
    MPI_CHECK(MPI_Scan(&leads, &index, 1, MPI_INT, MPI_SUM, comm->world));
    MPI_CHECK(MPI_Allreduce(&leads, &comm->n_hosts, 1, MPI_INT, MPI_SUM, comm->world));
    comm->host_index = index - 1;
    MPI_CHECK(MPI_Bcast(&comm->host_index, 1, MPI_INT, 0, comm->host));
}

/* Who is where in comm->world. */
static void survey(struct comm *comm)
{
    int length = 0;
    MPI_CHECK(MPI_Comm_set_errhandler(comm->world, MPI_ERRORS_RETURN));
    MPI_CHECK(MPI_Comm_rank(comm->world, &comm->rank));
    MPI_CHECK(MPI_Comm_size(comm->world, &comm->size));
    MPI_CHECK(MPI_Comm_split_type(comm->world, MPI_COMM_TYPE_SHARED, comm->rank, MPI_INFO_NULL, &comm->host));
    MPI_CHECK(MPI_Comm_rank(comm->host, &comm->host_rank));
    MPI_CHECK(MPI_Comm_size(comm->host, &comm->host_size));
    MPI_CHECK(MPI_Get_processor_name(comm->host_name, &length));
    number_hosts(comm);
}

void comm_start(struct comm *comm, int *argc, char ***argv)
{
    int provided = MPI_THREAD_SINGLE;
    MPI_CHECK(MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided));
    ENSURE(provided >= MPI_THREAD_FUNNELED);
    MPI_CHECK(MPI_Comm_dup(MPI_COMM_WORLD, &comm->world));
    survey(comm);
}

void comm_first(const struct comm *comm, int n, struct comm *first)
{
    memset(first, 0, sizeof *first);
    MPI_CHECK(MPI_Comm_split(comm->world, comm->rank < n ? 0 : MPI_UNDEFINED, comm->rank, &first->world));
    if (comm->rank < n)
        survey(first);
}

void comm_free(struct comm *comm)
{
    MPI_CHECK(MPI_Comm_free(&comm->host));
    MPI_CHECK(MPI_Comm_free(&comm->world));
}

void comm_wait_asleep(const struct comm *comm)
{
    const struct timespec pause = {.tv_nsec = 500000};
    MPI_Request barrier;
    int is_over = 0;
    MPI_CHECK(MPI_Ibarrier(comm->world, &barrier));
    for (;;) {
        MPI_CHECK(MPI_Test(&barrier, &is_over, MPI_STATUS_IGNORE));
        if (is_over)
            return;
        nanosleep(&pause, NULL);
    }
}

int comm_end(struct comm *comm, int status)
{
    const bool is_last = comm->host_rank == 0 && comm->host_size > 1;
    if (!error_may_finalize(comm->world))
        MPI_Abort(comm->world, status);
    comm_free(comm);
    MPI_CHECK(MPI_Finalize());
    if (status != 0 && is_last)
        usleep(last_to_end);
    return status;
}
